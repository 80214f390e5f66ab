// What a feature allows, and the fault of a cell that is something else, in the service's own words.

import { listed } from "./text.js";

const KINDS = { integer: "an integer", number: "a number", boolean: "true or false", string: "text" };
const DATES = {
  date: "a date of the calendar, such as 2024-05-31",
  "date-time": "a date of the calendar, with a time or without",
};

export const NULL = { json: "null" };

// Return a value, or a fault if it is none of the only ones that are allowed.
export function accepted(feature, value) {
  return isClosed(feature) && !knows(feature, value) ? { fault: expected(feature) } : value;
}

// Return whether a value is missing or one that the model knows.
export function knows({ categories }, { json, fault }) {
  return Boolean(fault) || json === "null" || categories.includes(JSON.parse(json));
}

// Return what an empty cell is.
export function missing(feature) {
  return feature.nullable || feature.type === "any" ? NULL : { fault: `missing; ${expected(feature)}` };
}

export function expected(feature) {
  const { type, categories, format, nullable } = feature;
  const values = isClosed(feature) && `one of ${listed(categories.map((each) => JSON.stringify(each)))}`;
  return `expected ${values || DATES[format] || KINDS[type]}${nullable ? " or an empty cell" : ""}`;
}

function isClosed({ categories, unknown }) {
  return categories && unknown !== "open";
}
