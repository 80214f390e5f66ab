// What is shown of the open table: sentences about how it was read, the buttons, and the progress.

import { byId, element } from "../dom.js";
import { counted } from "./text.js";

const DOUBTS = {
  decimal: ["Decimal mark", { "": "as the columns suggest", ".": "point", ",": "comma" }],
  date_order: ["Dates begin with", { "": "as the columns suggest", day: "the day", month: "the month" }],
};

export class View {
  // The styles are loaded with this code.
  static async create() {
    const styles = element("link", { rel: "stylesheet", href: "assets/table/table.css" });
    const loaded = new Promise((resolve) =>
      ["load", "error"].forEach((type) => styles.addEventListener(type, resolve)),
    );
    document.head.append(styles);
    await loaded;
    return new View();
  }

  constructor() {
    this.status = element("p", { id: "table-status", role: "status" });
    this.fault = element("p", { id: "table-fault", class: "notice", role: "alert" });
    this.about = element("ul", { id: "table-about" });
    this.doubts = element("div", { class: "doubts" });
    this.start = element("button", { type: "button", id: "table-start" });
    this.save = element("button", { type: "button", id: "table-download", class: "quiet" }, "Download as CSV");
    this.bar = element("progress", { "aria-label": "Rows predicted" });
    this.count = element("span", { class: "note" });
    this.actions = element("div", { class: "actions" }, this.start, this.save);
    this.meter = element("div", { class: "meter" }, this.bar, this.count);
    this.grid = element("div", { id: "table-grid" });
    byId("opened").replaceChildren(
      this.fault,
      this.about,
      this.doubts,
      this.status,
      this.actions,
      this.meter,
      this.grid,
    );
    this.start.addEventListener("click", () => (this.busy ? this.table.stop() : this.table.predict()));
    this.save.addEventListener("click", () => this.table.download());
  }

  reset(sentence) {
    this.table = null;
    this.running(false);
    this.refuse("");
    this.say(sentence);
  }

  say(sentence) {
    this.status.textContent = sentence;
  }

  // Say why a table cannot be predicted.
  refuse(sentence) {
    this.fault.textContent = sentence;
    this.fault.hidden = !sentence;
    this.say("");
    this.about.replaceChildren();
    this.doubts.replaceChildren();
    this.grid.replaceChildren();
    this.actions.hidden = this.meter.hidden = true;
  }

  show(table, sentences) {
    this.table = table;
    this.about.replaceChildren(...sentences.map((each) => element("li", {}, each)));
    const focused = document.activeElement?.id;
    this.doubts.replaceChildren(
      ...Object.keys(DOUBTS)
        .filter((each) => table.checked.doubts.has(each) || each in table.choices)
        .map((each) => this.#doubt(each)),
    );
    if (focused) byId(focused)?.focus();
    this.grid.replaceChildren(table.grid.element);
    this.actions.hidden = false;
  }

  #doubt(name) {
    const [label, choices] = DOUBTS[name];
    const options = Object.entries(choices).map(([value, text]) =>
      element("option", { value, selected: value === (this.table.choices[name] ?? "") }, text),
    );
    const select = element("select", { id: `doubt-${name}` }, ...options);
    select.addEventListener("change", () => this.table.choose(name, select.value || undefined));
    return element("div", {}, element("label", { for: select.id }, label), select);
  }

  running(yes) {
    this.busy = yes;
    this.meter.hidden = !yes;
    for (const { firstElementChild: label, lastElementChild: select } of this.doubts.children)
      if (label) select.disabled = yes;
  }

  progress(done, all) {
    Object.assign(this.bar, { max: all || 1, value: done });
    this.count.textContent = `${counted(done)} of ${counted(all, "row")}`;
    const rest = all - done;
    this.start.textContent = this.busy
      ? "Cancel"
      : done
        ? `Continue with ${counted(rest, "row")}`
        : `Predict ${counted(rest, "row")}`;
    if (this.start === document.activeElement && !this.busy && !rest) this.save.focus();
    this.start.hidden = !this.busy && !rest;
    this.save.hidden = !done && this.table?.checked.faults.size === 0;
  }
}
