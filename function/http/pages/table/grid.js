// The rows, a page of them at a time: predictions, and each error at its cell.

import { element } from "../dom.js";
import { shownColumns } from "./outputs.js";
import { clipped, counted } from "./text.js";

const PAGE_ROWS = 50;
const MOST_COLUMNS = 100;
const LONGEST_CELL = 120;

export class Grid {
  constructor({ table, model, checked, results }) {
    Object.assign(this, { table, checked, results, page: 0, only: false });
    this.predicted = shownColumns(model);
    this.known = new Set(model.features.map(({ name }) => name));
    this.names = this.#shownNames(table.names);
    this.body = element("tbody");
    this.place = element("span", { class: "place", role: "status" });
    this.filter = element("input", { type: "checkbox", id: "table-errors" });
    this.filter.addEventListener("change", () => this.turn(0));
    this.back = this.#button("Previous", -1);
    this.next = this.#button("Next", 1);
    const filter = element("label", { for: "table-errors", class: "filter" }, this.filter, "Errors only");
    this.pager = element("div", { class: "pager" }, this.back, this.next, this.place, filter);
    const table_ = element(
      "table",
      { class: "grid" },
      element("caption", {}, "Rows"),
      element("thead", {}, this.#header()),
      this.body,
    );
    const scroll = element(
      "div",
      { class: "scroll", role: "region", "aria-label": "Rows of the table", tabindex: 0 },
      table_,
    );
    this.element = element("div", {}, this.pager, scroll);
  }

  // Of very many columns, show the model's own first.
  #shownNames(names) {
    const order =
      names.length > MOST_COLUMNS ? [...names].sort((a, b) => this.known.has(b) - this.known.has(a)) : names;
    const shown = new Set(order.slice(0, MOST_COLUMNS));
    return names
      .map((name, column) => ({ name, column }))
      .filter(({ name }) => shown.has(name))
      .slice(0, MOST_COLUMNS);
  }

  #button(text, step) {
    const made = element("button", { type: "button", class: "quiet" }, text);
    made.addEventListener("click", () => made.getAttribute("aria-disabled") || this.turn(this.page + step));
    return made;
  }

  #header() {
    const column = (name, about) =>
      element("th", { scope: "col" }, name, about ? element("span", { class: "value" }, about) : null);
    const more = this.table.names.length - this.names.length;
    const own = this.names.map(({ name }) =>
      column(clipped(name) || "(no name)", this.known.has(name) ? "" : "left out"),
    );
    return element(
      "tr",
      {},
      column("Line"),
      ...this.predicted.map(({ name, about }) => column(name, about)),
      ...own,
      ...(more > 0 ? [column(`and ${counted(more)} more`)] : []),
    );
  }

  turn(page) {
    this.page = page;
    this.update();
  }

  // Show the page as it is now.
  update() {
    const errors = this.filter.checked ? [...this.checked.faults.keys()].sort((a, b) => a - b) : null;
    const count = errors ? errors.length : this.table.rows.length;
    const last = Math.max(0, Math.ceil(count / PAGE_ROWS) - 1);
    this.page = Math.min(Math.max(this.page, 0), last);
    const start = this.page * PAGE_ROWS;
    const rows = Array.from({ length: Math.min(PAGE_ROWS, count - start) }, (_, i) =>
      errors ? errors[start + i] : start + i,
    );
    this.body.replaceChildren(...rows.map((row) => this.#row(row)));
    const place = count
      ? `${counted(start + 1)} to ${counted(start + rows.length)} of ${counted(count, errors ? "error" : "row")}`
      : "No errors";
    if (this.place.textContent !== place) this.place.textContent = place;
    this.back.hidden = this.next.hidden = last === 0;
    for (const [button, off] of [
      [this.back, this.page === 0],
      [this.next, this.page === last],
    ]) {
      if (off) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }

  #row(i) {
    const faults = this.checked.faults.get(i) ?? [];
    const cells = this.names.map(({ name, column }) => this.#cell(this.table.rows[i][column] ?? "", name, faults));
    return element(
      "tr",
      { class: faults.length ? "faulty" : null },
      element("th", { scope: "row" }, String(this.table.lines[i])),
      ...this.#predictions(i, faults),
      ...cells,
    );
  }

  #predictions(i, faults) {
    if (faults.length) {
      const visible = (fault) => this.names.some(({ name }) => name === fault.name);
      const places = faults.map((fault) =>
        visible(fault) ? `see ${fault.name}` : [fault.name, fault.text].filter((each) => each !== null).join(": "),
      );
      return [element("td", { class: "error", colspan: this.predicted.length }, `Error: ${places.join(", ")}`)];
    }
    const values = this.results.get(i);
    return this.predicted.map(({ shown }) => element("td", { class: "predicted" }, values ? shown(values) : ""));
  }

  #cell(text, name, faults) {
    const found = faults.filter((fault) => fault.name === name);
    const shown = clipped(text, LONGEST_CELL);
    if (!found.length) return element("td", { class: this.known.has(name) ? null : "unused" }, shown);
    return element(
      "td",
      { class: "invalid" },
      shown || "(empty)",
      ...found.map((fault) => element("span", { class: "fault" }, fault.text)),
    );
  }
}
