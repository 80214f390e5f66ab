// The notation of the numbers in a column: the rules by which `taxiway train` and `taxiway score` read them.

const SPACE = "[ \u00a0\u202f]";
const MINUS = "[-\u2212]";
const CODES = "AUD|BRL|CAD|CHF|CLP|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|RUB|SEK|SGD|TRY|USD|ZAR";
const UNIT = `[%$€£¥₹₽₩₺₴₫₪฿]|(?:US|A|C|R)\\$|${CODES}|kr|zł|Fr\\.`;
const THOUSANDS = { "": "", ",": ",", ".": "\\.", " ": SPACE, "'": "['\u2019]" };
const NAMES = { ",": "comma", ".": "point", " ": "space", "'": "apostrophe" };
// The separator of thousands, and the decimal mark.
const FORMATS = [
  ["", "."],
  ["", ","],
  [",", "."],
  [".", ","],
  [" ", ","],
  [" ", "."],
  ["'", "."],
  ["'", ","],
];

class NumberFormat {
  constructor(thousands, decimal, unit = "") {
    Object.assign(this, { thousands, decimal, unit });
    const [mark, sign] = [escaped(decimal), `(?:${MINUS}|\\+)?`];
    const digits = thousands
      ? `(?:[1-9]\\d{0,2}(?:${THOUSANDS[thousands]}\\d{3})+|\\d+)(?:${mark}\\d+)?`
      : `(?:\\d+(?:${mark}\\d*)?|${mark}\\d+)(?:[eE][+-]?\\d+)?`;
    const [before, after] = unit ? [`(?:${escaped(unit)}${SPACE}?)?`, `(?:${SPACE}?${escaped(unit)})?`] : ["", ""];
    this.pattern = new RegExp(`^${sign}${before}${sign}(?:${digits})${after}$`);
  }

  // Rewrite a number in this notation as a plain one; null if it is in another notation.
  plain(text) {
    if (!this.pattern.test(text)) return null;
    const unwanted = `${SPACE}|^\\+` + (this.thousands ? `|\\+|${THOUSANDS[this.thousands]}` : "");
    const digits = text
      .replace(new RegExp(MINUS, "g"), "-")
      .replaceAll(this.unit || "\0", "")
      .replace(new RegExp(unwanted, "g"), "");
    return digits.replace(this.decimal, ".");
  }

  description(cells) {
    const grouped = this.thousands && cells.some((cell) => new RegExp(THOUSANDS[this.thousands]).test(cell));
    const comma = this.decimal === "," && cells.some((cell) => cell.includes(","));
    const words = [comma && "a decimal comma", grouped && `a ${NAMES[this.thousands]} between thousands`, this.unit];
    return words.filter(Boolean).join(", ");
  }
}

export const PLAIN = new NumberFormat("", ".");

// Return the `format` of most cells, and `other` if the cell `example` could be meant otherwise.
export function findFormat(cells, decimal, usual) {
  const texts = [...cells.keys()];
  if (texts.every((text) => jsonNumber(text)))
    return decimal === "," ? swapped(texts) : { format: PLAIN, ...doubt(texts) };
  const unit = commonUnit(cells);
  const formats = FORMATS.map(([thousands, mark]) => new NumberFormat(thousands, mark, unit));
  const every = formats.filter(({ pattern }) => texts.every((text) => pattern.test(text)));
  return every.length ? choose(texts, every, decimal, usual) : { format: best(cells, formats) };
}

function choose(texts, every, decimal, usual) {
  const format = every.find((each) => each.decimal === (decimal ?? usual)) ?? every[0];
  const other = every.find((each) => each.decimal !== format.decimal);
  const example = texts.find((text) => /[.,]/.test(text));
  return { format, ...(example && other ? { example, other } : {}) };
}

// Of several currencies, none may have most cells.
function best(cells, formats) {
  const count = (test) => [...cells].reduce((sum, [text, many]) => sum + (test(text) ? many : 0), 0);
  const bare = FORMATS.map(([thousands, mark]) => new NumberFormat(thousands, mark));
  const numbers = bare.map(({ pattern }) =>
    count((text) => pattern.test(text.replaceAll(new RegExp(UNIT, "g"), "").trim())),
  );
  const counts = formats.map(({ pattern }) => count((text) => pattern.test(text)));
  return Math.max(...numbers) > count(() => true) / 2 ? formats[counts.indexOf(Math.max(...counts))] : PLAIN;
}

// Plain numbers such as 1.234 beside 999 may have points between thousands, unless all have three decimals.
function doubt(texts) {
  const other = new NumberFormat(".", ",");
  const dotted = texts.filter((text) => text.includes("."));
  const may = dotted.length && dotted.length < texts.length && texts.every((text) => other.pattern.test(text));
  return may ? { example: dotted[0], other } : {};
}

function swapped(texts) {
  const { other, example } = doubt(texts);
  return other ? { format: other, other: PLAIN, example } : { format: PLAIN };
}

function commonUnit(cells) {
  const counts = new Map();
  for (const text of cells.keys()) {
    const unit = text.match(UNIT)?.[0];
    if (unit) counts.set(unit, (counts.get(unit) ?? 0) + cells.get(text));
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? 1 : -1))[0]?.[0] ?? "";
}

// Return a plain number as JSON writes it, digit for digit; null if the text is none.
export function jsonNumber(text) {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/.exec(text);
  if (!found || !(found[2] || found[3])) return null;
  const [, sign, whole, fraction, exponent] = found;
  return (
    (sign === "-" ? "-" : "") +
    (whole.replace(/^0+(?=\d)/, "") || "0") +
    (fraction ? `.${fraction}` : "") +
    (exponent ?? "")
  );
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
