// Create elements. Text from a model becomes text nodes and attributes, never markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

export function show(id, shown = true) {
  byId(id).hidden = !shown;
}

// A bar from `start` to `end`, each a share of its track from 0 to 1. Hidden from screen readers: the number is beside it.
export function bar(start, end, kind = "") {
  const fill = element("span", { class: `fill ${kind}` });
  fill.style.left = `${100 * Math.min(start, end)}%`;
  fill.style.width = `${100 * Math.abs(end - start)}%`;
  return element("span", { class: "bar", "aria-hidden": "true" }, fill);
}
