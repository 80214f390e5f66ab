// Compare a table with the features of the model: its columns, then its cells.

import { readCells } from "./cells.js";
import { counted, listed, pause, quote } from "./text.js";

// Return what is to be said of the columns: features that the table lacks, and columns that the model does not know.
export function checkColumns({ names }, features) {
  const known = new Set(features.map(({ name }) => name));
  const lacking = features.filter(({ name }) => !names.includes(name));
  const optional = ({ nullable, type, default: value }) => nullable || value !== undefined;
  return {
    required: lacking.filter((feature) => !optional(feature)).map(({ name }) => name),
    absent: lacking.filter(optional),
    leftOut: names
      .map((name, i) => name || `column ${i + 1}, which has no name`)
      .filter((_, i) => !known.has(names[i])),
  };
}

// Return a function from a row's number to its JSON, the faults of each row with any, and remarks on the reading.
export async function checkRows(table, features, options) {
  const columns = [];
  for (const feature of features.filter(({ name }) => table.names.includes(name))) {
    const position = table.names.indexOf(feature.name);
    const counts = new Map();
    for (const row of table.rows) counts.set(row[position] ?? "", (counts.get(row[position] ?? "") ?? 0) + 1);
    await pause();
    columns.push({
      feature,
      position,
      key: JSON.stringify(feature.name),
      ...readCells(feature, counts, options(feature.name)),
    });
    await pause();
  }
  const faults = new Map();
  for (const [i, row] of table.rows.entries()) {
    const found = [...columns.flatMap((column) => faultOf(column, row)), ...tooLong(row, table.names)];
    if (found.length) faults.set(i, found);
    if (i % 1000 === 0) await pause();
  }
  const field = ({ key, position, values }, row) => `${key}:${values.get(row[position] ?? "").json}`;
  return {
    json: (i) => `{${columns.map((column) => field(column, table.rows[i])).join(",")}}`,
    faults,
    remarks: [...columns.flatMap(remarksOf), ...tooShort(table)],
    doubts: new Set(columns.map(({ doubt }) => doubt)),
    comma: columns.some(({ comma }) => comma),
  };
}

function faultOf({ feature, position, values }, row) {
  const { fault } = values.get(row[position] ?? "");
  return fault ? [{ name: feature.name, text: fault }] : [];
}

function remarksOf({ feature, remarks }) {
  return remarks.map((remark) => `${feature.name}: ${remark}`);
}

function tooLong(row, names) {
  const extra = row.slice(names.length).some((cell) => cell.trim());
  return extra ? [{ name: null, text: `the row has ${row.length} cells, and the header ${names.length}` }] : [];
}

function tooShort({ rows, names }) {
  const short = rows.filter((row) => row.length < names.length).length;
  return short ? [`In ${counted(short, "row")} with fewer cells than the header, the absent ones count as empty.`] : [];
}

// Say which columns are not used, and what stands for those that are absent.
export function sentences({ required, absent, leftOut }, names) {
  const values = absent.map(
    ({ name, default: value }) => `${quote(name)} (${value === undefined ? "missing" : JSON.stringify(value)})`,
  );
  return [
    required.length &&
      `The table lacks columns that the model needs: ${listed(required.map(quote))}. ` +
        `Its columns are ${listed(names.map(quote))}. The first line must hold their names.`,
    absent.length && `Absent columns, with the value that every row gets: ${listed(values)}.`,
    leftOut.length && `Left out, because the model does not know them: ${listed(leftOut.map(quote))}.`,
  ].filter(Boolean);
}
