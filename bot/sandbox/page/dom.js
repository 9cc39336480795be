/** Building and redrawing DOM without ever parsing text from a payload as HTML. */

const SVG = "http://www.w3.org/2000/svg";

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name === "value") node.value = value;
  else if (name === "checked") node.checked = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An element: `h("p", {class: "x", onclick: f}, "text", child)`. Strings become text nodes. */
export function h(tag, attributes = {}, ...children) {
  const node = append(document.createElement(tag), children);
  // The value of a select or an input needs its options and its type first.
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  return node;
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  const node = append(document.createElementNS(SVG, tag), children);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  return node;
}

let counter = 0;

/** An id no other node of the page has. */
export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Remember what has the focus inside `container`; call the answer to give it back after a redraw. */
function holdFocus(container) {
  const active = document.activeElement;
  if (!active || !container.contains(active)) return () => {};
  const key = active.dataset.key;
  let range = null;
  try {
    if (active.selectionStart !== undefined) range = [active.selectionStart, active.selectionEnd];
  } catch {
    range = null; // number and e-mail inputs have no caret to ask for
  }
  const home = active.closest("[data-item]")?.dataset.item;
  return () => {
    if (document.activeElement === active && active.isConnected) return;
    const twin = key && container.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const target =
      twin || (home && container.querySelector(`[data-item="${CSS.escape(home)}"][tabindex]`));
    if (!target) return;
    target.focus({ preventScroll: true });
    if (twin && range && range[0] !== null) {
      try {
        twin.setSelectionRange(...range);
      } catch {
        // as above
      }
    }
  };
}

/**
 * Make the children of `container` those of `items`, in order, and redraw only what changed.
 * An item is {key, drawnFrom, build}: the node is kept while `drawnFrom` stays the same text.
 * Focus and caret survive a redraw through `data-key`.
 */
export function reconcile(container, items) {
  const giveBack = holdFocus(container);
  const old = new Map([...container.children].map((node) => [node.dataset.item, node]));
  let place = container.firstChild;
  for (const { key, drawnFrom, build } of items) {
    let node = old.get(key);
    if (!node || node.drawnFrom !== drawnFrom) {
      const fresh = build();
      fresh.dataset.item = key;
      fresh.drawnFrom = drawnFrom;
      if (node) {
        if (place === node) place = fresh;
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    old.delete(key);
    if (node === place) place = place.nextSibling;
    else container.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
  giveBack();
}

/** Redraw the whole of `container` when `drawnFrom` changed, keeping focus and scroll position. */
export function redraw(container, drawnFrom, build) {
  if (container.drawnFrom === drawnFrom) return;
  container.drawnFrom = drawnFrom;
  const giveBack = holdFocus(container);
  const top = container.scrollTop;
  container.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
  container.scrollTop = top;
  giveBack();
}

/** Text for screen readers only. */
export function spoken(text) {
  return h("span", { class: "spoken" }, text);
}
