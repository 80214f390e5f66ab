// The page: fetches the live model, builds a form from its features, and shows its predictions.

import { chance, contributions, normal, sentence } from "./answer.js";
import { byId, element, show } from "./dom.js";
import { facts, links } from "./facts.js";
import { Form } from "./form.js";

const PAUSE_MILLISECONDS = 150;
const RETRY_MILLISECONDS = 5000;
const NEWER = "The live model has changed. Reload this page to use it.";
const ONE_FILE = "Several files were dropped. Drop one file at a time.";
const JSON_ONLY = { Accept: "application/json" };

async function start() {
  const { content: model } = await read("model");
  show("waiting", false);
  if (!model.version) {
    notice(model.unavailable);
    setTimeout(start, RETRY_MILLISECONDS);
    return;
  }
  notice("");
  present(model);
  byId("links").append(...links(model, (await read(".")).content));
}

function present(model) {
  const title = model.title || model.wording.question || (model.target ? `Predict ${model.target.name}` : `Try ${model.name}`);
  byId("question").textContent = document.title = title;
  byId("facts").replaceChildren(...facts(model));
  show("model");
  if (model.features.length) {
    listen(new Form(model.features), model);
    offerTables(model);
  } else {
    notice("The features of this model have no names, so there is no form, and no table can be predicted here. Send arrays of numbers to POST /predict.");
  }
}

// Tables are read by code that is loaded when somebody chooses, drops or pastes one.
function offerTables(model) {
  const [file, pasted] = [byId("file"), byId("pasted")];
  const open = (source) => source && import("./table/table.js").then((code) => code.open(source, model)).catch((error) => notice(error.message));
  file.addEventListener("click", () => (file.value = "")); // The same file can be chosen again when it has been corrected.
  file.addEventListener("change", () => open(file.files[0]));
  const openOther = (source) => {
    file.value = "";
    open(source);
  };
  pasted.addEventListener("change", () => openOther(pasted.value));
  pasted.addEventListener("paste", (event) => {
    event.preventDefault();
    openOther(event.clipboardData.getData("text/plain"));
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      document.body.classList.toggle("dropping", type === "dragover");
      if (type !== "drop") return;
      const { files } = event.dataTransfer;
      notice(files.length > 1 ? ONE_FILE : "");
      if (files.length === 1) openOther(files[0]);
    });
  }
  show("table");
}

function listen(form, model) {
  byId("fields").replaceChildren(...form.fields.map((field) => field.element));
  let timer;
  const ask = () => predict(form, model);
  for (const type of ["input", "change"]) {
    byId("form").addEventListener(type, () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MILLISECONDS);
    });
  }
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    ask();
    const faulty = form.faulty();
    if (faulty) faulty.control.focus();
    else byId("answer").scrollIntoView({ block: "nearest" });
  });
  byId("copy").addEventListener("click", copy);
  show("live");
  ask();
}

let asked;

async function predict(form, model) {
  asked?.abort();
  stale(true);
  if (form.faulty()) return;
  asked = new AbortController();
  const output = model.outputs.findLast((each) => each !== "score"); // Its sign is not always the label.
  const body = JSON.stringify({ instances: [form.row()], parameters: { output } });
  showCommand(body);
  try {
    const { content, version } = await read("predict", { method: "POST", body, signal: asked.signal });
    showAnswer(normal(content.predictions[0], output, model), form, model);
    notice(version === model.version ? "" : NEWER);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.version && error.version !== model.version) notice(NEWER);
    else explain(error, form);
  }
}

function showAnswer(answer, form, model) {
  byId("sentence").replaceChildren(...sentence(answer, model));
  byId("chance").replaceChildren(...chance(answer, model));
  byId("contributions").replaceChildren(...contributions(answer, form, model));
  stale(false);
}

// Mark the prediction as out of date while it does not belong to the form's values.
function stale(yes) {
  byId("answer").setAttribute("aria-busy", yes);
}

// Show errors at the fields that they are about, or above all fields.
function explain(error, form) {
  const faults = error.detail ?? [];
  for (const { loc, msg } of faults) form.named(loc[3])?.mark(msg);
  if (!faults.some(({ loc }) => form.named(loc[3]))) notice(error.message);
}

async function read(path, { body, ...options } = {}) {
  const headers = body ? { ...JSON_ONLY, "Content-Type": "application/json" } : JSON_ONLY;
  const response = await fetch(path, { headers, body, ...options });
  const version = response.headers.get("X-Model-Version");
  if (response.ok) return { content: await response.json(), version };
  // A proxy in front of the service may send errors that are not JSON.
  const { error = `The service responded with status ${response.status}. Try again later.`, detail } = await response.json().catch(() => ({}));
  throw Object.assign(new Error(error), { detail, version });
}

function notice(text) {
  // The same text is not set again, because a screen reader would read it again.
  if (byId("notice").textContent !== text) byId("notice").textContent = text;
  show("notice", Boolean(text));
}

function showCommand(body) {
  const url = new URL("predict", location.origin + location.pathname);
  byId("command").textContent =
    `curl ${quoted(url.href)} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(body)}`;
  show("copy", Boolean(navigator.clipboard));
  show("curl");
}

// Quote text for a POSIX shell.
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function copy() {
  await navigator.clipboard.writeText(byId("command").textContent);
  byId("copy").textContent = "Copied";
}

start().catch((error) => {
  show("waiting", false);
  notice(error.message);
});
