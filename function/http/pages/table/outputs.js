// What predictions add to a table: columns to look at, and columns to download, which are those of `taxiway score`.

import { chanceName, meaningOf, shareOf } from "../answer.js";
import { number, percent } from "../numbers.js";

// Return the values of parameters.output to ask for; a label is not always the likeliest class.
export function outputsOf({ outputs }) {
  return outputs.filter((each) => each !== "explanation");
}

// Return the columns to show: a name, and the text for a row's values.
export function shownColumns({ classes, wording, target, outputs, task, predicted_outputs: several }) {
  if (several.length)
    return several.map(({ name, classes: own }, i) => ({
      name,
      shown: ([labels]) => (own ? String(labels[i]) : said(labels[i], wording)),
    }));
  const at = (output) => outputsOf({ outputs }).indexOf(output);
  const chance = ([label, probability]) =>
    typeof probability === "object" ? shareOf(label, probability) : probability;
  const prediction = {
    name: "Prediction",
    shown: ([label]) => worded(label, classes, wording),
    about: target?.description || target?.name,
  };
  const name = task === "binary" ? chanceName(classes, wording) : "probability";
  return [
    prediction,
    at("probability") > 0 && { name, shown: (values) => percent(chance(values)) },
    at("score") > 0 && { name: "score", shown: (values) => said(values[at("score")], wording) },
  ].filter(Boolean);
}

// Return the columns to download: a name that the table does not have, and the text for a row's values.
export function addedColumns({ outputs, task, classes, predicted_outputs: several }, names) {
  const at = (output) => outputsOf({ outputs }).indexOf(output);
  const columns = several.length
    ? several.map(({ name }, i) => [`prediction_${name}`, ([labels]) => labels[i]])
    : [["prediction", ([label]) => label]];
  if (at("probability") > 0 && task === "binary") columns.push(["probability", (values) => values[at("probability")]]);
  else if (at("probability") > 0)
    columns.push(
      ...classes.map((each) => [`probability_${each}`, (values) => shareOf(each, values[at("probability")])]),
    );
  if (at("score") > 0) columns.push(["score", (values) => values[at("score")]]);
  return [...columns, ["error", null]].map(([name, value]) => ({ name: free(name, names), value }));
}

function free(name, names) {
  let each = name;
  for (let i = 2; names.includes(each); i += 1) each = `${name}_${i}`;
  return each;
}

// A class is shown as it is, and a number in a few digits.
function worded(label, classes, wording) {
  if (!classes) return said(label, wording);
  const meaning = meaningOf(label, classes, wording);
  return meaning ? `${label}: ${meaning}` : String(label);
}

function said(value, { unit }) {
  return typeof value === "number" ? `${number(value)} ${unit}`.trim() : String(value);
}
