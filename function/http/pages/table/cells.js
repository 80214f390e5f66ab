// Read the cells of a column as values of a feature, each distinct cell once, by the rules of `taxiway score`.
// A value is JSON text, so that no digit is lost; a cell that is no value has a fault, which says what is allowed.

import { accepted, expected, knows, missing, NULL } from "./allowed.js";
import { findDates, isIso, isoDate } from "./dates.js";
import { findFormat, jsonNumber, PLAIN } from "./notation.js";
import { counted, quote } from "./text.js";

const LARGEST = 1e30;
const INFINITE = /^[+-]?inf(inity)?$/i;
const BOOLEANS = new Map([
  ...["true", "yes", "1"].map((word) => [word, "true"]),
  ...["false", "no", "0"].map((word) => [word, "false"]),
]);

// Return the value or fault of each cell, remarks on how they were read, and what of that is in doubt.
// `counts` is a map of the column's cells to how often they occur.
export function readCells(feature, counts, options) {
  const present = new Map([...counts].filter(([cell]) => cell.trim() && !options.missing.includes(cell)));
  const { parse, remarks, doubt, comma } = reader(feature, present, options);
  const values = new Map();
  for (const [cell] of counts) values.set(cell, present.has(cell) ? parse(cell) : missing(feature));
  const words = [...counts].filter(([cell]) => options.missing.includes(cell));
  const those = (test) => [...present].filter(([cell]) => test(values.get(cell)));
  const said = [
    about(words, "count as missing, as in the training data"),
    about(
      those(({ lost }) => lost),
      "count as missing, as in the training data",
    ),
    about(
      those(({ trimmed }) => trimmed),
      "are read as their digits alone, as in the training data",
    ),
    about(
      those((value) => feature.unknown === "open" && !knows(feature, value)),
      "are unknown to the model, which predicts as it was fitted to do then",
    ),
  ];
  return { values, remarks: [...remarks, ...said].filter(Boolean), doubt, comma };
}

function about(cells, what) {
  const count = cells.reduce((sum, [, many]) => sum + many, 0);
  return cells.length ? `values such as ${quote(cells[0][0])}, in ${counted(count, "row")}, ${what}` : "";
}

function reader(feature, present, options) {
  if (feature.format) return dates(feature, present, options);
  if (feature.type === "string") return { parse: (cell) => accepted(feature, text(feature, cell)), remarks: [] };
  if (feature.type === "boolean")
    return { parse: named(boolean(feature), feature, options.kind === "boolean"), remarks: [] };
  if (feature.type === "any") return anything(present);
  return numbers(feature, present, options);
}

// A model that does not say the type of a feature gets numbers if all cells are plain numbers, or else text.
function anything(present) {
  const plain = [...present.keys()].every((cell) => jsonNumber(cell.trim()) && !/^[+-]?0\d/.test(cell.trim()));
  const parse = (cell) => ({ json: plain ? jsonNumber(cell.trim()) : JSON.stringify(cell) });
  return {
    parse,
    remarks: [present.size && `read as ${plain ? "numbers" : "text"}, because the model does not say its type`],
  };
}

function numbers(feature, present, options) {
  const cells = trimmed(present);
  for (const cell of cells.keys()) if (INFINITE.test(cell)) cells.delete(cell);
  const { format, other, example } = findFormat(cells, options.decimal, options.usual);
  const [read, instead] = [format, other].map((each) => each && jsonNumber(each.plain(example ?? "") ?? ""));
  const description = format.description([...cells.keys()]);
  const infinite = (cell) => format === PLAIN && INFINITE.test(cell);
  const parse = (cell) =>
    number(feature, infinite(cell.trim()) ? "1e999" : jsonNumber(format.plain(cell.trim()) ?? ""), format === PLAIN);
  return {
    parse: named(parse, feature, options.kind === "number"),
    remarks: [
      description && `numbers have ${description}`,
      example && `${quote(example)} is read as ${read}, and not as ${instead}`,
    ].filter(Boolean),
    doubt: example ? "decimal" : null,
    comma: description.includes("decimal comma"),
  };
}

// Infinite and very large numbers count as missing, as in training, if they are plain.
function number(feature, json, plain) {
  const value = Number(json);
  const whole = feature.type === "integer";
  if (json === null) return { fault: expected(feature), alien: true };
  if (plain && feature.nullable && Math.abs(value) > (whole ? Number.MAX_VALUE : LARGEST))
    return { ...NULL, lost: true };
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
  const cells = trimmed(present);
  const { format, other, example } = findDates(cells, order);
  const parse = (cell) => {
    const seconds = format.parse(cell.trim());
    if (seconds === null && kind !== "date" && isIso(cell, feature.format)) return { json: JSON.stringify(cell) };
    if (seconds === null) return { fault: expected(feature), alien: true };
    const date = isoDate(seconds, feature.format);
    return feature.format === "date" && date.includes("T")
      ? { fault: expected(feature) }
      : { json: JSON.stringify(date) };
  };
  const [read, instead] = [format, other].map(
    (each) => each && example !== undefined && isoDate(each.parse(example), "date"),
  );
  const remarks = [
    present.size && format.description !== "year-month-day" && `dates are ${format.description}`,
    [...cells.keys()].some((cell) => format.hasZone(cell)) && "times with a zone are converted to UTC",
    example !== undefined && `${quote(example)} is read as ${read}, and not as ${instead}`,
  ];
  return {
    parse: named(parse, feature, kind === "date"),
    remarks: remarks.filter(Boolean),
    doubt: example === undefined ? null : "date_order",
  };
}

function trimmed(counts) {
  const cells = new Map();
  for (const [cell, count] of counts) cells.set(cell.trim(), (cells.get(cell.trim()) ?? 0) + count);
  return cells;
}

// Of whole numbers that are used as text, training keeps the digits alone; any other text stays as it is.
function text({ categories }, cell) {
  const digits = cell.trim().replace(/^\+/, "");
  const known = !categories?.includes(cell) && /^\d+$/.test(digits) && categories?.includes(digits);
  return known ? { json: JSON.stringify(digits), trimmed: true } : { json: JSON.stringify(cell) };
}

// A column whose kind the user named in training: cells of another kind are missing, as they were then.
function named(parse, feature, is) {
  return (cell) => {
    const value = parse(cell);
    return is && value.alien && feature.nullable ? { ...NULL, lost: true } : value;
  };
}
