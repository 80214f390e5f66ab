// The form: one field per feature of the live model, and the row of their values.

import { element } from "./dom.js";

const NUMBERS = ["integer", "number"];
const UNKNOWN = "The model does not know this value, and predicts as it was fitted to do then.";
const DIGITS = 4;
const MINUTES = "2024-05-31T13:45".length;
// Without a latest date, browsers let people type years of six digits.
const LATEST = { date: "9999-12-31", "date-time": "9999-12-31T23:59:59" };

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
    const zone = feature.format === "date-time" ? " (UTC)" : "";
    const label = element("label", { for: id }, (feature.description || feature.name) + zone, " ", name);
    const known = this.choices ? null : suggestions(id, feature);
    if (known) this.control.setAttribute("list", known.id);
    this.element = element("div", { class: "field" }, label, this.control, known, this.fault);
  }

  value() {
    if (this.choices) return this.choices[this.control.selectedIndex].value;
    const text = this.control.value;
    if (NUMBERS.includes(this.feature.type)) return text === "" ? null : Number(text);
    if (this.feature.type === "any") return guess(text);
    if (this.feature.format) return text === "" ? null : complete(text, this.feature.format);
    return text === "" && this.feature.nullable ? null : text;
  }

  // Return the value as text for people.
  shown() {
    if (this.choices) return this.choices[this.control.selectedIndex].text;
    return this.control.value || "missing";
  }

  check() {
    const state = this.control.validity;
    this.mark(state.valid ? "" : state.badInput || state.stepMismatch || state.rangeOverflow ? this.expected() : "Enter a value.");
    if (state.valid && this.unknown()) this.fault.textContent = UNKNOWN;
    this.fault.classList.toggle("remark", state.valid);
    return state.valid;
  }

  // Return whether the model does not know the value, although it accepts it.
  unknown() {
    const { unknown, categories } = this.feature;
    return unknown === "open" && this.value() !== null && !categories.includes(this.value());
  }

  expected() {
    if (this.feature.format) return "Enter a date of the calendar.";
    return this.feature.type === "integer" ? "Enter a whole number." : "Enter a number.";
  }

  mark(sentence) {
    this.fault.textContent = sentence;
    this.fault.classList.remove("remark");
    this.control.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) this.control.setAttribute("aria-describedby", this.fault.id);
    else this.control.removeAttribute("aria-describedby");
  }
}

// Return the choices with their texts; null if the field accepts any value of its type.
function choicesOf({ categories, labels, nullable, type, unknown }) {
  const values = (unknown === "open" ? null : categories) ?? (type === "boolean" ? [true, false] : null);
  if (!values) return null;
  const boolean = { true: "yes", false: "no" };
  const choices = values.map((value, i) => ({ value, text: labels?.[i] ?? (categories ? String(value) : boolean[value]) }));
  return nullable ? [{ value: null, text: "missing" }, ...choices] : choices;
}

// Suggest the values that the model knows, of a field that accepts others too.
function suggestions(id, { categories, labels }) {
  if (!categories) return null;
  const options = categories.map((value, i) => element("option", { value, label: labels?.[i] ?? null }));
  return element("datalist", { id: `${id}-known` }, ...options);
}

function select(id, choices, typical) {
  const options = choices.map(({ value, text }) => element("option", { selected: value === typical }, text));
  return element("select", { id }, ...options);
}

function input(id, { type, format, typical, nullable, categories }) {
  const numeric = NUMBERS.includes(type);
  if (format) return date(id, format, typical, !nullable);
  const kind = numeric
    ? { type: "number", inputmode: type === "number" ? "decimal" : "numeric", step: type === "number" ? "any" : 1 }
    : { type: "text" };
  const required = (numeric || Boolean(categories)) && !nullable;
  const placeholder = nullable ? "missing" : null;
  const value = type === "number" && typical != null ? Number(typical.toPrecision(DIGITS)) : typical;
  return element("input", { id, ...kind, value, required, placeholder, autocomplete: "off" });
}

// A date, or a date with a time in UTC; the browser's own controls know no zones.
function date(id, format, typical, required) {
  const type = format === "date" ? "date" : "datetime-local";
  return element("input", { id, type, value: typical?.replace("Z", ""), required, max: LATEST[format], step: format === "date" ? null : 1 });
}

function complete(text, format) {
  return format === "date" ? text : `${text}${text.length === MINUTES ? ":00" : ""}Z`;
}

// Parse a value whose type the model does not declare: as a number if possible.
function guess(text) {
  if (text.trim() === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
