// Show the facts about the live model.

import { element } from "./dom.js";
import { number } from "./numbers.js";

const PRINCIPAL = { roc_auc: "ROC AUC", macro_roc_auc: "Macro ROC AUC", r2: "R²", accuracy: "Accuracy" };
const DAY = { dateStyle: "medium", timeZone: "UTC" };

export function facts(model) {
  const metric = Object.keys(PRINCIPAL).find((name) => name in model.metrics);
  const rows = model.metrics.hold_out_rows;
  return [
    fact("Name", model.name),
    fact("Predicts", model.target?.name, about(model)),
    fact("Outputs", model.predicted_outputs.map(({ name }) => name).join(", ")),
    fact("Version", element("code", {}, model.version)),
    fact("Trained", model.created && new Intl.DateTimeFormat("en", DAY).format(new Date(model.created))),
    fact(PRINCIPAL[metric], metric && number(model.metrics[metric]), rows && `on ${number(rows)} rows held out`),
    fact("Engine", model.engine),
    fact("Not yet live", model.refused && `a newer file was refused: ${model.refused.reason}`),
    ...model.warnings.map((warning) => fact("Warning", warning)),
  ].filter(Boolean);
}

// Describe the target: what it and its classes mean, or its unit.
function about({ target, classes, wording }) {
  const described = (classes ?? []).map((label, i) => wording.classes[i] && `${label}: ${wording.classes[i]}`);
  return [target?.description, ...described, wording.unit && `in ${wording.unit}`].filter(Boolean).join("; ");
}

function fact(name, value, note) {
  if (!value) return null;
  return element("div", {}, element("dt", {}, name), element("dd", {}, value, note && element("small", {}, note)));
}

export function links(model, discovery) {
  const documented = discovery.routes.some((route) => route.path === "/docs");
  return [
    model.report && element("a", { href: "report" }, "Evaluation report"),
    documented && element("a", { href: "docs" }, "API documentation"),
    element("a", { href: "model" }, "All of this as JSON"),
  ].filter(Boolean);
}
