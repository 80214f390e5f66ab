// Parse comma-separated values and the like: RFC 4180, with any separator, as pandas reads them.

import { BadTable } from "./source.js";
import { listed, pause, quote } from "./text.js";

export const SEPARATORS = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars" };

// Return a table: `names` of its columns, `rows` of text, and the `lines` on which the rows begin.
export async function parse(text, known, separator = separatorOf(text, known)) {
  const found = records(text, separator);
  const header = found.next().value;
  if (!header) throw new BadTable("The table is empty: it needs a header and rows.");
  const names = header.cells;
  const twice = names.filter((name, i) => name && names.indexOf(name) < i);
  if (twice.length)
    throw new BadTable(
      `Two columns have the same name (${listed([...new Set(twice)].map(quote))}): rename one of each.`,
    );
  const rows = [],
    lines = [];
  for (const { cells, line } of found) {
    rows.push(cells);
    lines.push(line);
    if (rows.length % 1000 === 0) await pause();
  }
  if (!rows.length) throw new BadTable(`The table has a header (${listed(names.map(quote))}), but no rows.`);
  return { names, rows, lines, separator, newline: /\r\n/.test(text.slice(0, 2 ** 16)) ? "\r\n" : "\n" };
}

// Return the separator by which the header names most of the model's features; without any, the first that occurs.
function separatorOf(text, known) {
  const headers = Object.keys(SEPARATORS).map((separator) => [separator, header(text, separator)]);
  const count = ([, names]) => names.filter((name) => known.has(name)).length;
  const most = headers.reduce((a, b) => (count(b) > count(a) ? b : a));
  return (count(most) ? most : (headers.find(([, names]) => names.length > 1) ?? most))[0];
}

function header(text, separator) {
  try {
    return records(text, separator).next().value?.cells ?? [];
  } catch {
    return [];
  }
}

// Yield the cells of each record that is not blank, and the line on which it begins.
function* records(text, separator) {
  const plain = new RegExp(`[^${separator}\r\n]*`, "y");
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = { cells: [], line };
    let quoted = false;
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        quoted = true;
        const end = closing(text, at, line);
        cell = text.slice(at + 1, end).replaceAll('""', '"');
        line += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
        at = end + 1;
      }
      plain.lastIndex = at;
      cell += plain.exec(text)[0];
      at = plain.lastIndex;
      record.cells.push(cell);
      if (text[at] !== separator) break;
      at += 1;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    line += 1;
    if (record.cells.length > 1 || quoted || record.cells[0].trim()) yield record;
  }
}

// Return where the quotes that open at `start` close.
function closing(text, start, line) {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) throw new BadTable(`The quotation mark that opens a cell in line ${line} is never closed.`);
  return end;
}
