// The form: a field each feature of the live model, and the row that the fields make.

import { element } from "./dom.js";

const NUMBERS = ["integer", "number"];
const DIGITS = 4;

export class Form {
  constructor(features) {
    this.fields = features.map((feature, position) => new Field(feature, `field-${position}`));
  }

  row() {
    return Object.fromEntries(this.fields.map((field) => [field.feature.name, field.value()]));
  }

  // The first field whose value can't be sent, if any.
  faulty() {
    return this.fields.find((field) => !field.check());
  }

  named(name) {
    return this.fields.find((field) => field.feature.name === name);
  }
}

class Field {
  constructor(feature, id) {
    this.feature = feature;
    this.choices = choicesOf(feature);
    this.control = this.choices ? select(id, this.choices, feature.typical) : input(id, feature);
    this.fault = element("span", { class: "fault", id: `${id}-fault`, role: "alert" });
    const name = feature.description ? element("code", {}, feature.name) : null;
    const label = element("label", { for: id }, feature.description || feature.name, " ", name);
    this.element = element("div", { class: "field" }, label, this.control, this.fault);
  }

  value() {
    if (this.choices) return this.choices[this.control.selectedIndex].value;
    const text = this.control.value;
    if (NUMBERS.includes(this.feature.type)) return text === "" ? null : Number(text);
    if (this.feature.type === "any") return guess(text);
    return text === "" && this.feature.nullable ? null : text;
  }

  // What a person reads for the value.
  shown() {
    if (this.choices) return this.choices[this.control.selectedIndex].text;
    return this.control.value || "missing";
  }

  check() {
    const state = this.control.validity;
    this.mark(state.valid ? "" : state.badInput || state.stepMismatch ? this.expected() : "A value is needed here.");
    return state.valid;
  }

  expected() {
    return this.feature.type === "integer" ? "This must be a whole number." : "This must be a number.";
  }

  mark(sentence) {
    this.fault.textContent = sentence;
    this.control.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) this.control.setAttribute("aria-describedby", this.fault.id);
    else this.control.removeAttribute("aria-describedby");
  }
}

// What can be chosen, with its text; null where anything of the type can be given.
function choicesOf({ categories, labels, nullable, type }) {
  const values = categories ?? (type === "boolean" ? [true, false] : null);
  if (!values) return null;
  const boolean = { true: "yes", false: "no" };
  const choices = values.map((value, i) => ({ value, text: labels?.[i] ?? (categories ? String(value) : boolean[value]) }));
  return nullable ? [{ value: null, text: "missing" }, ...choices] : choices;
}

function select(id, choices, typical) {
  const options = choices.map(({ value, text }) => element("option", { selected: value === typical }, text));
  return element("select", { id }, ...options);
}

function input(id, { type, typical, nullable }) {
  const numeric = NUMBERS.includes(type);
  const kind = numeric
    ? { type: "number", inputmode: type === "number" ? "decimal" : "numeric", step: type === "number" ? "any" : 1 }
    : { type: "text" };
  const required = numeric && !nullable;
  const placeholder = nullable ? "missing" : null;
  const value = type === "number" && typical != null ? Number(typical.toPrecision(DIGITS)) : typical;
  return element("input", { id, ...kind, value, required, placeholder, autocomplete: "off" });
}

// A value of a model that does not tell its types: a number where it reads as one.
function guess(text) {
  if (text.trim() === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
