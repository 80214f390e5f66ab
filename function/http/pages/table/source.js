// Read a file as text: which encoding it has, and whether it is a table of text at all.

export const LARGEST_BYTES = 32 * 2 ** 20;
const BEGINNINGS = [
  ["PK", "an Excel workbook or another zip file. Save the sheet as CSV"],
  ["\u00d0\u00cf\u0011\u00e0", "an old Excel workbook. Save the sheet as CSV"],
  ["PAR1", "a Parquet file. Save it as CSV, or predict it with the command taxiway score"],
  ["\u001f\u008b", "compressed. Unpack it first"],
  ["%PDF", "a PDF"],
];
const MARKS = [
  ["\u00ef\u00bb\u00bf", "utf-8"],
  ["\u00ff\u00fe", "utf-16le"],
  ["\u00fe\u00ff", "utf-16be"],
];

// What is wrong with a table, in a sentence for the person who has it.
export class BadTable extends Error {}

// Return the text, a remark if it is not UTF-8, and whether a download needs the mark by which spreadsheets know UTF-8.
export async function readText(file) {
  if (file.size > LARGEST_BYTES) {
    throw new BadTable(
      `${file.name} is over ${LARGEST_BYTES / 2 ** 20} MB. The command taxiway score predicts files of any size.`,
    );
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  const kind = BEGINNINGS.find(([beginning]) => start.startsWith(beginning));
  if (kind) throw new BadTable(`${file.name} is no CSV file, but ${kind[1]}.`);
  const [mark, encoding] = MARKS.find(([each]) => start.startsWith(each)) ?? ["", "utf-8"];
  if (encoding === "utf-8" && bytes.includes(0))
    throw new BadTable(`${file.name} is no CSV file: it has bytes that are no text.`);
  return { mark: Boolean(mark), ...decode(bytes, encoding) };
}

function decode(bytes, encoding) {
  try {
    return {
      text: new TextDecoder(encoding, { fatal: true }).decode(bytes),
      remark: encoding === "utf-8" ? "" : "It is read as UTF-16.",
    };
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return { text, mark: true, remark: "It is not UTF-8: it is read as Windows-1252, which Latin-1 is part of." };
  }
}
