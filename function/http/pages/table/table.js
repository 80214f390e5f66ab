// A table that a person chose, dropped or pasted: read it, compare it with the model, predict its rows.

import { checkColumns, checkRows, sentences } from "./check.js";
import { parse, SEPARATORS } from "./csv.js";
import { csvOf } from "./download.js";
import { Grid } from "./grid.js";
import { outputsOf } from "./outputs.js";
import { pieces, Sender } from "./send.js";
import { BadTable, readText } from "./source.js";
import { counted } from "./text.js";
import { View } from "./view.js";

let view, opened;

// Open a file or pasted text; what is open is let go, and a prediction that runs is stopped.
export async function open(source, model) {
  view ??= await View.create();
  opened?.stop();
  const table = (opened = new Table(source, model));
  await table.run(() => table.read());
}

class Table {
  constructor(source, model) {
    Object.assign(this, { source, model, choices: {}, results: new Map(), stopped: new AbortController() });
    this.name = source instanceof File ? source.name : "pasted cells";
  }

  stop() {
    this.stopped.abort();
  }

  // Do something, unless another table has been opened meanwhile; say what is wrong with this one.
  async run(action) {
    try {
      await action();
    } catch (error) {
      if (opened !== this || error.name === "AbortError") return;
      view.refuse(error instanceof BadTable ? error.message : `${this.name} cannot be read: ${error.message}`);
    }
  }

  async read() {
    view.reset(`Reading ${this.name} …`);
    const { text, mark, remark } =
      this.source instanceof File ? await readText(this.source) : { text: this.source, mark: true };
    const { features } = this.model;
    const table = await parse(text, new Set(features.map(({ name }) => name)));
    const columns = checkColumns(table, features);
    const said = sentences(columns, table.names);
    if (columns.required.length) throw new BadTable(said.join(" "));
    this.table = { ...table, mark };
    const size = `${counted(table.rows.length, "row")} of ${counted(table.names.length, "column")}`;
    const shape = `${this.name}: ${size}, separated by ${SEPARATORS[table.separator]}.`;
    this.about = [[shape, remark].filter(Boolean).join(" "), ...said];
    await this.check();
  }

  // Compare the cells with the features; again if the person decides what is in doubt.
  async check() {
    const checked = await checkRows(this.table, this.model.features, (name) => this.#options(name));
    if (opened !== this) return;
    this.checked = checked;
    this.results.clear();
    this.decimal = checked.comma ? "," : ".";
    const comma = checked.comma ? ["In the download, predicted numbers have a decimal comma too."] : [];
    this.grid = new Grid(this);
    view.show(this, [...this.about, ...checked.remarks, ...comma]);
    this.progress(`${this.faulty()}Nothing has been sent yet.`);
  }

  #options(name) {
    const { missing = [], columns = {} } = this.model.reading ?? {};
    return { missing, usual: this.table.separator === ";" ? "," : ".", ...columns[name], ...this.choices };
  }

  choose(choice, value) {
    this.choices[choice] = value;
    this.run(() => this.check());
  }

  // The rows that can be predicted, and are not yet.
  *waiting() {
    for (let i = 0; i < this.table.rows.length; i += 1)
      if (!this.checked.faults.has(i) && !this.results.has(i)) yield i;
  }

  faulty() {
    const { size } = this.checked.faults;
    return size
      ? `${counted(size, "row")} ${size === 1 ? "has an error and is" : "have errors and are"} not predicted. `
      : "";
  }

  // Send what waits; stop when the person cancels.
  async predict() {
    const { signal } = (this.stopped = new AbortController());
    const busy = (seconds) =>
      view.say(
        seconds ? `The service is busy. Trying again in ${counted(Math.ceil(seconds), "second")} …` : "Predicting …",
      );
    const sender = new Sender({ outputs: outputsOf(this.model), version: this.model.version, signal, onWait: busy });
    view.running(true);
    this.progress("Predicting …");
    let end = "";
    try {
      for (const piece of pieces(this.waiting(), this.checked.json)) {
        for await (const { row, values, faults } of sender.predict(piece)) {
          if (faults) this.checked.faults.set(row, faults);
          else this.results.set(row, values);
        }
        signal.throwIfAborted();
        this.progress();
      }
    } catch (error) {
      end = error.name === "AbortError" ? "Cancelled. " : `${error.message} `;
    }
    if (opened !== this) return;
    view.running(false);
    this.progress(`${end}${counted(this.results.size, "row")} predicted. ${this.faulty()}`);
  }

  progress(sentence) {
    const all = this.table.rows.length - this.checked.faults.size;
    view.progress(this.results.size, all);
    if (sentence) view.say(sentence);
    this.grid.update();
  }

  async download() {
    const blob = await csvOf(this.table, this.model, this.results, this.checked.faults, this.decimal);
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(blob),
      download: `${this.name.replace(/\.\w+$/, "")}.predicted.csv`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
