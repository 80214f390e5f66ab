// The form: one field per feature of the live model, and the row of their values.

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

  // Return the first field with an invalid value, if any.
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

  // Return the value as text for people.
  shown() {
    if (this.choices) return this.choices[this.control.selectedIndex].text;
    return this.control.value || "missing";
  }

  check() {
    const state = this.control.validity;
    this.mark(state.valid ? "" : state.badInput || state.stepMismatch ? this.expected() : "Enter a value.");
    return state.valid;
  }

  expected() {
    return this.feature.type === "integer" ? "Enter a whole number." : "Enter a number.";
  }

  mark(sentence) {
    this.fault.textContent = sentence;
    this.control.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) this.control.setAttribute("aria-describedby", this.fault.id);
    else this.control.removeAttribute("aria-describedby");
  }
}

// Return the choices with their texts; null if the field accepts any value of its type.
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

// Parse a value whose type the model does not declare: as a number if possible.
function guess(text) {
  if (text.trim() === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
