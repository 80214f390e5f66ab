// Show a prediction: a sentence, its probability, and the contribution of each feature.

import { bar, element } from "./dom.js";
import { number, percent, signed } from "./numbers.js";

const MOST_CLASSES = 8;
const MOST_FEATURES = 12;
// What the labels of a task mean, unless the model's wording says it.
const GENERAL = {
  outlier: (label) => (label === -1 ? "Outlier" : "Inlier"),
  cluster: (label) => `Cluster ${label}`,
};

// Return an object like an explanation, whichever output was requested.
export function normal(prediction, output, { task, classes }) {
  if (output === "explanation") return prediction;
  if (output === "label") return { prediction };
  if (task === "binary") return { prediction: classes[prediction > 0.5 ? 1 : 0], probability: prediction };
  const likeliest = classes.reduce((a, b) => (shareOf(a, prediction) >= shareOf(b, prediction) ? a : b));
  return { prediction: likeliest, probability: prediction };
}

export function sentence(answer, { task, classes, wording, target, predicted_outputs: outputs }) {
  if (outputs.length) return several(answer.prediction, outputs, wording);
  if (task === "regression") {
    const value = strong(valueOf(answer.prediction, wording));
    return target ? [value, element("span", {}, target.description || target.name)] : [value];
  }
  const said = meaningOf(answer.prediction, classes, wording);
  const general = GENERAL[task]?.(answer.prediction) ?? `${target?.name ?? "Predicted"}: ${answer.prediction}`;
  const verdict = strong(said ? capital(said) : general);
  const chance = chanceOf(answer, classes, wording);
  return chance ? [verdict, element("span", {}, chance)] : [verdict];
}

function several(values, outputs, wording) {
  const shown = outputs.slice(0, MOST_CLASSES).map(({ name }, i) => strong(`${name}: ${valueOf(values[i], wording)}`));
  const more = outputs.length - shown.length;
  return more > 0 ? [...shown, element("span", {}, `and ${more} more outputs`)] : shown;
}

function valueOf(value, { unit }) {
  return typeof value === "number" ? `${number(value)} ${unit}`.trim() : String(value);
}

// Return what a class means; empty if it is not described.
export function meaningOf(label, classes, wording) {
  return wording.classes[classes?.indexOf(label)] ?? "";
}

// Return what the probability of the second class means.
export function chanceName(classes, wording) {
  const said = meaningOf(classes[1], classes, wording);
  return wording.chance || `probability of ${said ? `“${said}”` : classes[1]}`;
}

// Return the name of a class in an object of probabilities: that of the label 1 may be "1.0".
function nameOf(label, probability) {
  if (Object.hasOwn(probability, String(label))) return String(label);
  return Object.keys(probability).find((name) => typeof label === "number" && Number(name) === label);
}

export function shareOf(label, probability) {
  return probability[nameOf(label, probability)];
}

function chanceOf({ prediction, probability, score }, classes, wording) {
  if (score != null) return `score ${number(score)}; outliers have scores below 0`;
  if (probability == null) return "";
  if (typeof probability === "object") return `${percent(shareOf(prediction, probability))} probability`;
  return `${percent(probability)} ${chanceName(classes, wording)}`;
}

export function chance(answer, { task, classes, wording, metrics }) {
  const { probability } = answer;
  if (probability == null) return [];
  if (typeof probability === "object") return [classTable(answer, task, classes, wording)];
  const meter = element("div", {
    class: "meter",
    role: "meter",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "aria-valuenow": Math.round(100 * probability),
    "aria-valuetext": percent(probability),
    "aria-label": chanceName(classes, wording),
  }, bar(0, probability));
  return metrics.positive_share == null ? [meter] : [meter, usual(meter, metrics.positive_share)];
}

// Mark the share of the second class in the rows that the model was evaluated on.
function usual(meter, share) {
  const tick = element("span", { class: "tick", "aria-hidden": "true" });
  tick.style.left = `${100 * share}%`;
  meter.append(tick);
  return note(`The mark is the average: ${percent(share)}`);
}

function classTable({ prediction, probability }, task, classes, wording) {
  const entries = Object.entries(probability).sort((a, b) => b[1] - a[1]).slice(0, MOST_CLASSES);
  const said = Object.fromEntries(classes.map((label) => [nameOf(label, probability), meaningOf(label, classes, wording)]));
  const rows = entries.map(([name, share]) =>
    element("tr", { class: name === nameOf(prediction, probability) ? "chosen" : null },
      element("th", { scope: "row" }, name, said[name] ? element("span", { class: "value" }, said[name]) : null),
      cell(bar(0, share)), element("td", { class: "number" }, percent(share))));
  return table(`Probability of each ${task === "cluster" ? "cluster" : "class"}`, rows);
}

export function contributions(answer, form, model) {
  if (!answer.contributions) return [];
  const sorted = Object.entries(answer.contributions).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const largest = Math.abs(sorted[0]?.[1] ?? 0);
  if (!largest) return [note("All values are typical. Change some to see what they contribute.")];
  const rows = sorted.slice(0, MOST_FEATURES).map(([name, value]) => contribution(name, value, largest, answer, form));
  const more = sorted.length - rows.length;
  const rest = more > 0 ? [note(`and ${more} more, which contribute less`)] : [];
  return [table("What each feature contributes", rows), ...rest, note(meaning(answer, model))];
}

function contribution(name, value, largest, { unit }, form) {
  const shown = form.named(name)?.shown() ?? "";
  const kind = value < 0 ? "down" : "up";
  return element("tr", {},
    element("th", { scope: "row" }, name, element("span", { class: "value" }, shown)),
    cell(bar(0.5, 0.5 + value / largest / 2, kind), "middle"),
    element("td", { class: "number" }, signed(value, unit)));
}

function meaning({ method, unit, baseline, contributions: parts, class: explained }, { classes, wording }) {
  const about = `“${meaningOf(explained, classes, wording) || explained}”`;
  const sides = explained === undefined
    ? `Bars to the right increase the ${unit === "score" ? "score" : "value"}, bars to the left decrease it.`
    : `Bars to the right support ${about}, bars to the left oppose it.`;
  if (method === "replacement") return `${sides} Each bar is the difference from the typical value of the feature.`;
  const total = Object.values(parts).reduce((sum, part) => sum + part, baseline);
  const scale = unit === "value" ? "" : `, in ${unit === "log-odds" ? unit : "the class's score"}`;
  return `${sides} With the baseline of ${number(baseline)}, they add up to ${number(total)}${scale}.`;
}

function table(caption, rows) {
  return element("table", {}, element("caption", {}, caption), element("tbody", {}, ...rows));
}

function cell(content, kind = "") {
  return element("td", { class: `track ${kind}` }, content);
}

function note(text) {
  return element("p", { class: "note" }, text);
}

function strong(text) {
  return element("strong", {}, text);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
