// Read the cells of a column as values of a feature, each distinct cell once, by the rules of `taxiway score`.
// A value is JSON text, so that no digit is lost; a cell that is no value has a fault, which says what is allowed.

import { findDates, isoDate } from "./dates.js";
import { findFormat, jsonNumber } from "./notation.js";
import { counted, listed, quote } from "./text.js";

const LARGEST = 1e30;
const INFINITE = /^[+-]?inf(inity)?$/i;
const BOOLEANS = new Map([...["true", "yes", "1"].map((word) => [word, "true"]), ...["false", "no", "0"].map((word) => [word, "false"])]);
const NULL = { json: "null" };

// Return the value or fault of each cell in `counts` (a map of cells to how often they occur), remarks, and what is in doubt.
export function readCells(feature, counts, options) {
  const present = new Map([...counts].filter(([cell]) => cell.trim() && !options.missing.includes(cell)));
  const { parse, remarks, doubt, comma } = reader(feature, present, options);
  const values = new Map();
  for (const [cell] of counts) values.set(cell, present.has(cell) ? parse(cell) : missing(feature));
  for (const word of options.missing) if (counts.has(word)) remarks.push(`${quote(word)} counts as missing in ${rows(counts.get(word))}, as in the training data`);
  const lost = [...present].filter(([cell]) => values.get(cell).lost);
  if (lost.length) remarks.push(`${rows(total(lost))} with values such as ${quote(lost[0][0])} count as missing, as in the training data`);
  const unknown = [...present].filter(([cell]) => feature.unknown === "open" && !knows(feature, values.get(cell)));
  if (unknown.length) remarks.push(`the model does not know the values of ${rows(total(unknown))}, such as ${quote(unknown[0][0])}, and predicts as it was fitted to do then`);
  return { values, remarks, doubt, comma };
}

function reader(feature, present, options) {
  if (feature.format) return dates(feature, present, options);
  if (feature.type === "string") return { parse: (cell) => accepted(feature, text(feature, cell)), remarks: [] };
  if (feature.type === "boolean") return { parse: named(boolean(feature), feature, options.kind === "boolean"), remarks: [] };
  if (feature.type === "any") return anything(present);
  return numbers(feature, present, options);
}

// A model that does not say the type of a feature gets numbers if all cells are plain numbers, or else text.
function anything(present) {
  const plain = [...present.keys()].every((cell) => jsonNumber(cell.trim()) && !/^[+-]?0\d/.test(cell.trim()));
  const parse = (cell) => ({ json: plain ? jsonNumber(cell.trim()) : JSON.stringify(cell) });
  return { parse, remarks: [`read as ${plain ? "numbers" : "text"}, because the model does not say its type`] };
}

function numbers(feature, present, options) {
  const cells = new Map();
  for (const [cell, count] of present) if (!INFINITE.test(cell.trim())) cells.set(cell.trim(), (cells.get(cell.trim()) ?? 0) + count);
  const { format, other, example } = findFormat(cells, options.decimal, options.usual);
  const [read, instead] = [format, other].map((each) => each && jsonNumber(each.plain(example ?? "") ?? ""));
  const description = format.description([...cells.keys()]);
  const parse = (cell) => number(feature, INFINITE.test(cell.trim()) ? "1e999" : jsonNumber(format.plain(cell.trim()) ?? ""));
  return {
    parse: named(parse, feature, options.kind === "number"),
    remarks: [description && `numbers have ${description}`, example && `${quote(example)} is read as ${read}, and not as ${instead}`].filter(Boolean),
    doubt: example ? "decimal" : null,
    comma: description.includes("decimal comma"),
  };
}

function number(feature, json) {
  const value = Number(json);
  const whole = feature.type === "integer";
  if (json === null) return { fault: expected(feature), alien: true };
  if (feature.nullable && Math.abs(value) > (whole ? Number.MAX_VALUE : LARGEST)) return { ...NULL, lost: true };
  if (whole && !Number.isInteger(value)) return { fault: expected(feature) };
  if (Math.abs(value) > LARGEST) return { fault: "expected a number from -1e+30 to 1e+30" };
  return accepted(feature, { json });
}

function boolean(feature) {
  return (cell) => {
    const json = BOOLEANS.get(cell.trim().toLowerCase());
    return json ? { json } : { fault: expected(feature), alien: true };
  };
}

function dates(feature, present, { date_order: order, kind }) {
  const cells = new Map();
  for (const [cell, count] of present) cells.set(cell.trim(), (cells.get(cell.trim()) ?? 0) + count);
  const { format, other, example } = findDates(cells, order);
  const parse = (cell) => {
    const seconds = format.parse(cell.trim());
    if (seconds === null) return { fault: expected(feature), alien: true };
    const date = isoDate(seconds, feature.format);
    return feature.format === "date" && date.includes("T") ? { fault: expected(feature) } : { json: JSON.stringify(date) };
  };
  const [read, instead] = [format, other].map((each) => each && example !== undefined && isoDate(each.parse(example), "date"));
  const remarks = [
    present.size && format.description !== "year-month-day" && `dates are ${format.description}`,
    [...cells.keys()].some((cell) => format.hasZone(cell)) && "times with a zone are converted to UTC",
    example !== undefined && `${quote(example)} is read as ${read}, and not as ${instead}`,
  ];
  return { parse: named(parse, feature, kind === "date"), remarks: remarks.filter(Boolean), doubt: example === undefined ? null : "date_order" };
}

// Of whole numbers that are used as text, training keeps the digits alone; any other text stays as it is.
function text({ categories }, cell) {
  const trimmed = cell.trim().replace(/^\+/, "");
  const digits = !categories?.includes(cell) && /^\d+$/.test(trimmed) && categories?.includes(trimmed);
  return { json: JSON.stringify(digits ? trimmed : cell) };
}

// A column whose kind the user named in training: cells of another kind are missing, as they were then.
function named(parse, feature, is) {
  return (cell) => {
    const value = parse(cell);
    return is && value.alien && feature.nullable ? { ...NULL, lost: true } : value;
  };
}

function accepted(feature, value) {
  const closed = feature.categories && feature.unknown !== "open";
  return closed && !knows(feature, value) ? { fault: expected(feature) } : value;
}

function knows({ categories }, { json, fault }) {
  return Boolean(fault) || json === "null" || categories.includes(JSON.parse(json));
}

function missing(feature) {
  return feature.nullable || feature.type === "any" ? NULL : { fault: `missing; expected ${expected(feature).slice("expected ".length)}` };
}

// Say what is allowed, as the service does.
function expected({ type, categories, unknown, format, nullable }) {
  const kinds = { integer: "an integer", number: "a number", boolean: "true or false", string: "text" };
  const date = { date: "a date of the calendar, such as 2024-05-31", "date-time": "a date of the calendar, with a time or without" }[format];
  const closed = categories && unknown !== "open";
  return `expected ${closed ? `one of ${listed(categories.map((each) => JSON.stringify(each)))}` : date ?? kinds[type]}${nullable ? " or an empty cell" : ""}`;
}

function total(entries) {
  return entries.reduce((sum, [, count]) => sum + count, 0);
}

function rows(count) {
  return counted(count, "row");
}
