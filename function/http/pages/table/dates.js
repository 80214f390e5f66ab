// The notation of the dates in a column: the rules by which `taxiway train` and `taxiway score` read them.

const ORDERS = { year: ["year", "month", "day"], day: ["day", "month", "year"], month: ["month", "day", "year"] };
const DIGITS = { year: "[0-9]{4}", month: "[0-9]{1,2}", day: "[0-9]{1,2}" };
const TIME =
  "(?:[Tt ] *(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,][0-9]+)?)?" +
  "(?: ?(?<half>[AaPp][Mm]))?(?: ?(?<zone>Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?";
const COMPACT = `(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})`;

const ISO = {
  date: /^.{4}-..-..$/,
  "date-time": /^.{4}-..-..(?:[Tt ]..:..(?::..(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]..(?::?..)?)?)?$/,
};

class DateNotation {
  constructor(order, separator) {
    Object.assign(this, { order, separator });
    const parts = ORDERS[order].map((part) => `(?<${part}>${DIGITS[part]})`);
    this.pattern = new RegExp(`^${separator ? parts.join(`[${separator}]`) : COMPACT}${TIME}$`);
  }

  get description() {
    return ORDERS[this.order].join(this.separator);
  }

  // Return whether a text in this notation names a zone other than UTC.
  hasZone(text) {
    return offset(this.pattern.exec(text)?.groups.zone) !== 0;
  }

  // Return the seconds since 1970, in UTC; null if the text is in another notation, or no day of the calendar.
  parse(text) {
    const found = this.pattern.exec(text)?.groups;
    if (!found) return null;
    const { half, zone } = found;
    const [year, month, day, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map((part) =>
      Number(found[part] ?? 0),
    );
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    const exists = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    if (!exists || minute > 59 || second > 59 || (half ? hour < 1 || hour > 12 : hour > 23)) return null;
    const full = half ? (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0) : hour;
    return date.getTime() / 1000 + full * 3600 + minute * 60 + second - offset(zone);
  }
}

const CANDIDATES = [
  ...["-", "/", "."].flatMap((separator) => Object.keys(ORDERS).map((order) => new DateNotation(order, separator))),
  new DateNotation("year", ""),
];

// Return the `format` of most cells, and `other` if the cell `example` could be meant otherwise.
export function findDates(cells, first) {
  const texts = [...cells.keys()];
  const counts = CANDIDATES.map((each) =>
    texts.reduce((sum, text) => sum + (each.parse(text) === null ? 0 : cells.get(text)), 0),
  );
  const every = CANDIDATES.filter((_, i) => counts[i] === Math.max(...counts));
  const usual = first ?? (every[0].separator === "/" ? "month" : "day");
  const format = every.find(({ order }) => order === usual) ?? every[0];
  const other = every.find((each) => each !== format);
  const differs = (one, another) => one !== null && another !== null && one !== another;
  const example = other && texts.find((text) => differs(other.parse(text), format.parse(text)));
  return { format, ...(example === undefined ? {} : { example, other }) };
}

// Return whether the service accepts a text as it is: ISO 8601, with a time only if the model knows times.
export function isIso(text, format) {
  return CANDIDATES[0].parse(text) !== null && ISO[format].test(text);
}

// Write seconds since 1970 in ISO 8601: as a day, unless it has a time or the model knows times.
export function isoDate(seconds, format) {
  const [day, time] = new Date(1000 * seconds).toISOString().split("T");
  return format === "date" && seconds % 86400 === 0 ? day : `${day}T${time.slice(0, 8)}Z`;
}

function offset(zone = "") {
  const found = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  return found ? Number(`${found[1]}1`) * (3600 * Number(found[2]) + 60 * Number(found[3] ?? 0)) : 0;
}
