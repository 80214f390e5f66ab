// Format numbers for people.

const FEW_DIGITS = { maximumSignificantDigits: 4 };
const SMALL = 0.01;

export function number(value) {
  return written(value, Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : FEW_DIGITS);
}

export function percent(share) {
  if (share > 0 && share < SMALL) return "under 1 %";
  if (share < 1 && share > 1 - SMALL) return "over 99 %";
  return `${Math.round(100 * share)} %`;
}

// Format a contribution in the unit of its explanation.
export function signed(value, unit) {
  const sign = { signDisplay: "exceptZero" };
  if (unit === "probability") return `${written(100 * value, { ...sign, ...decimals(1) })} points`;
  if (Math.abs(value) >= 100) return written(value, { ...sign, ...decimals(0) });
  const tiny = value !== 0 && Math.abs(value) < SMALL;
  return written(value, { ...sign, ...(tiny ? { maximumSignificantDigits: 1 } : decimals(2)) });
}

function decimals(count) {
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}

function written(value, options) {
  return value.toLocaleString("en", options).replace("-", "\u2212");
}
