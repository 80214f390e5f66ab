// Words for people, and turns of the browser's own.

const MOST = 12;
const LONGEST = 60;
const SLICE_MILLISECONDS = 12;

// Join items by commas, up to a dozen of them.
export function listed(items) {
  const more = items.length - MOST;
  return items.slice(0, MOST).join(", ") + (more > 0 ? ` and ${counted(more)} more` : "");
}

export function quote(text) {
  return `“${clipped(text)}”`;
}

export function clipped(text, longest = LONGEST) {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

export function counted(count, noun = "") {
  const number = count.toLocaleString("en");
  return noun ? `${number} ${noun}${count === 1 ? "" : "s"}` : number;
}

let since = performance.now();

// Let the browser handle what has happened meanwhile, if the last time was a while ago.
export async function pause() {
  if (performance.now() - since < SLICE_MILLISECONDS) return;
  await new Promise((resolve) => setTimeout(resolve));
  since = performance.now();
}
