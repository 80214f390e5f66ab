// Write the table with its predictions as CSV: every cell as it was read, so also one that begins with `=`.

import { addedColumns } from "./outputs.js";
import { pause } from "./text.js";

// Return a Blob of UTF-8; `decimal` is the mark of the predicted numbers.
export async function csvOf(table, model, results, faults, decimal) {
  const added = addedColumns(model, table.names);
  const separator = table.separator;
  const line = (cells) => cells.map((cell) => quoted(cell, separator)).join(separator) + table.newline;
  const parts = [table.mark ? "\ufeff" : "", line([...table.names, ...added.map(({ name }) => name)])];
  for (const [i, row] of table.rows.entries()) {
    const values = results.get(i);
    const cells = table.names.map((_, column) => row[column] ?? "");
    const predicted = added.map(
      ({ value }) => (value ? values && written(value(values), decimal) : errorOf(faults.get(i))) ?? "",
    );
    parts.push(line([...cells, ...predicted]));
    if (i % 1000 === 0) await pause();
  }
  return new Blob(parts, { type: "text/csv" });
}

function errorOf(faults = []) {
  return faults.map(({ name, text }) => (name === null ? text : `${name}: ${text}`)).join("; ");
}

// A number has all its digits, and the text of another prediction stays as it is.
function written(value, decimal) {
  return typeof value === "number" ? String(value).replace(".", decimal) : String(value);
}

function quoted(cell, separator) {
  return cell.includes(separator) || (/["\r\n]|^\s*$|^\ufeff/.test(cell) && cell)
    ? `"${cell.replaceAll('"', '""')}"`
    : cell;
}
