/** Block Kit's interactive elements. Each draws from a surface: see surface.js. */

import { confirmed } from "./dialog.js";
import { h, uniqueId } from "./dom.js";
import { choice } from "./choice.js";
import { menuButton } from "./floating.js";
import { icon } from "./icons.js";
import { plainText, textNodes } from "./mrkdwn.js";
import { sourceOf } from "./pickers.js";
import { cityOf, fromLocalInput, localInput } from "./time.js";
import { isMultiple } from "./values.js";

/** Tell the app after the person has confirmed; answers whether it was told. */
async function tell(surface, block, element, value, node) {
  if (!(await confirmed(surface.world, element.confirm))) return false;
  node?.classList.add("busy");
  node?.setAttribute("aria-busy", "true");
  await surface.act(block, element, value);
  node?.classList.remove("busy");
  node?.removeAttribute("aria-busy");
  return true;
}

/** Keep a value; outside input blocks, or where the block asks for it, tell the app too. */
async function change(surface, block, element, value, { node, before } = {}) {
  before ??= surface.values.get(block, element);
  surface.values.set(block, element, value);
  surface.touched(block);
  if (block.type === "input" && !block.dispatch_action) return true;
  const told = await tell(surface, block, element, value, node);
  if (!told) surface.values.set(block, element, before);
  return told;
}

/** Attributes every control shares: its name, its description, its error, its key for the focus. */
function shared(surface, block, element, frame) {
  const input = block.type === "input";
  return {
    "aria-label": frame.labelled ? null : frame.name || plainText(element.placeholder) || element.action_id,
    id: frame.id,
    "aria-describedby": frame.describedBy,
    "aria-invalid": frame.invalid ? "true" : null,
    "aria-required": input && !block.optional ? "true" : null,
    dataset: { key: surface.key(block, element) },
  };
}

function button(surface, block, element) {
  const style = element.style ? ` ${element.style}` : "";
  const attributes = {
    class: `button${style}`,
    "aria-label": element.accessibility_label || null,
    dataset: { key: surface.key(block, element) },
  };
  const label = h("span", { class: "button-text" }, plainText(element.text));
  if (element.url) {
    const node = h("a", {
      ...attributes, href: /^https?:/i.test(element.url) ? element.url : null, target: "_blank", rel: "noopener noreferrer",
      onclick: () => surface.act(block, element, element.value ?? null),
    }, label);
    return node;
  }
  const node = h("button", {
    ...attributes,
    type: "button",
    onclick: () => {
      if (!node.classList.contains("busy")) tell(surface, block, element, element.value ?? null, node);
    },
  }, label);
  return node;
}

function overflow(surface, block, element, frame) {
  const node = h("button", {
    class: "button icon-button",
    type: "button",
    "aria-label": frame.name ? `More actions: ${frame.name}` : "More actions",
    dataset: { key: surface.key(block, element) },
  }, icon("more"));
  const items = () => element.options.map((option) => ({
    label: plainText(option.text),
    detail: option.description ? plainText(option.description) : "",
    href: option.url && /^https?:/i.test(option.url) ? option.url : null,
    run: () => tell(surface, block, element, option.value, node),
  }));
  return menuButton(node, items, { label: "More actions" });
}

function select(surface, block, element, frame) {
  const multiple = isMultiple(element);
  const attributes = shared(surface, block, element, frame);
  let last = surface.values.get(block, element);
  const input = block.type === "input";
  return choice({
    id: frame.id,
    name: frame.name || plainText(element.placeholder) || "Select",
    key: surface.key(block, element),
    describedBy: frame.describedBy,
    invalid: frame.invalid,
    required: attributes["aria-required"],
    placeholder: plainText(element.placeholder) || (multiple ? "Select options" : "Select an option"),
    multiple,
    most: element.max_selected_items,
    clearable: input && block.optional,
    value: last,
    ...sourceOf(surface, block, element),
    onPick: (value) => {
      last = value;
      surface.values.set(block, element, value);
    },
    onDone: (before) => change(surface, block, element, last, { before }),
  });
}

/** Call `run` when the person has stopped: native pickers change at every key. */
function settle(run) {
  let timer = null;
  const flush = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    run();
  };
  return {
    later: () => {
      clearTimeout(timer);
      timer = setTimeout(flush, 700);
    },
    flush,
  };
}

function moment(surface, block, element, frame) {
  const kind = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[element.type];
  const { zone } = surface.world;
  const value = surface.values.get(block, element);
  const read = () => (kind === "datetime-local" ? fromLocalInput(node.value, zone) : node.value || null);
  const input = block.type === "input";
  const settled = settle(() => change(surface, block, element, read(), { node }));
  const node = h("input", {
    type: kind,
    class: `field field-${kind}${frame.invalid ? " invalid" : ""}`,
    ...shared(surface, block, element, frame),
    oninput: () => {
      if (input && !block.dispatch_action) change(surface, block, element, read(), { node });
      else settled.later();
    },
    onblur: settled.flush,
  });
  node.value = kind === "datetime-local" && value ? localInput(value, zone) : (value ?? "");
  const note = element.timezone ?? (kind === "datetime-local" ? zone : null);
  return note ? h("span", { class: "field-row" }, node, h("span", { class: "note" }, cityOf(note))) : node;
}

function toggles(surface, block, element, frame) {
  const radio = element.type === "radio_buttons";
  const group = uniqueId("group");
  const chosen = () => [surface.values.get(block, element)].flat().filter((one) => one !== null);
  const start = chosen();
  const rows = element.options.map((option, index) => {
    const box = h("input", {
      type: radio ? "radio" : "checkbox",
      name: group,
      checked: start.includes(option.value),
      dataset: { key: `${surface.key(block, element)}:${index}` },
      "aria-describedby": frame.describedBy,
      onchange: async () => {
        const values = radio
          ? option.value
          : element.options.map((one) => one.value).filter((one) => (one === option.value ? box.checked : chosen().includes(one)));
        if (await change(surface, block, element, values)) return;
        for (const [n, one] of element.options.entries()) boxes[n].checked = chosen().includes(one.value);
      },
    });
    const row = h("label", { class: "toggle" }, box, h("span", {},
      h("span", { class: "toggle-text" }, textNodes(surface.world, option.text)),
      option.description ? h("span", { class: "toggle-detail" }, textNodes(surface.world, option.description)) : null));
    return { row, box };
  });
  const boxes = rows.map(({ box }) => box);
  return h("div", {
    class: "toggles",
    role: radio ? "radiogroup" : "group",
    "aria-label": frame.name || (radio ? "Choose one" : "Choose"),
    "aria-invalid": frame.invalid && radio ? "true" : null,
    "aria-required": radio && block.type === "input" && !block.optional ? "true" : null,
  }, rows.map(({ row }) => row));
}

const TEXT_TYPES = { email_text_input: "email", url_text_input: "url", number_input: "text" };

function counter(element, node) {
  if (!element.max_length) return null;
  const count = h("span", { class: "counter", "aria-hidden": "true" });
  const update = () => {
    const left = element.max_length - [...node.value].length;
    count.textContent = String(left);
    count.classList.toggle("over", left < 0);
  };
  node.addEventListener("input", update);
  update();
  return count;
}

function text(surface, block, element, frame) {
  const long = element.multiline || element.type === "rich_text_input";
  const value = surface.values.get(block, element) ?? "";
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const read = () => (node.value === "" ? null : node.value);
  const typed = settle(() => tell(surface, block, element, read()));
  const node = h(long ? "textarea" : "input", {
    ...(long ? { rows: 3 } : { type: TEXT_TYPES[element.type] ?? "text" }),
    class: `field field-text${frame.invalid ? " invalid" : ""}`,
    ...shared(surface, block, element, frame),
    inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    placeholder: plainText(element.placeholder) || null,
    autocomplete: "off",
    dir: "auto",
    autofocus: element.focus_on_load,
    oninput: () => {
      surface.values.set(block, element, read());
      surface.touched(block);
      if (block.dispatch_action && when.includes("on_character_entered")) typed.later();
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || long || !block.dispatch_action || !when.includes("on_enter_pressed")) return;
      event.preventDefault();
      event.stopPropagation();
      tell(surface, block, element, read());
    },
  });
  node.value = value;
  const count = counter(element, node);
  return count ? h("span", { class: "field-box" }, node, count) : node;
}

function image(surface, block, element) {
  return h("img", { class: "element-image", src: element.image_url, alt: element.alt_text, referrerpolicy: "no-referrer" });
}

function feedback(surface, block, element) {
  const one = (part, name) => h("button", {
    class: "button icon-button", type: "button",
    "aria-label": part.accessibility_label || plainText(part.text), title: plainText(part.text),
    onclick: () => surface.act(block, element, part.value),
  }, icon(name));
  return h("span", { class: "feedback" }, one(element.positive_button, "up"), one(element.negative_button, "thumbDown"));
}

function iconButton(surface, block, element) {
  const node = h("button", {
    class: "button icon-button", type: "button", title: plainText(element.text),
    "aria-label": element.accessibility_label || plainText(element.text),
    dataset: { key: surface.key(block, element) },
    onclick: () => tell(surface, block, element, element.value ?? null, node),
  }, icon("trash"));
  return node;
}

const DRAW = { button, overflow, image, feedback_buttons: feedback, icon_button: iconButton };
for (const kind of ["static", "external", "users", "conversations", "channels"]) {
  DRAW[`${kind}_select`] = select;
  DRAW[`multi_${kind}_select`] = select;
}
for (const kind of ["datepicker", "timepicker", "datetimepicker"]) DRAW[kind] = moment;
for (const kind of ["radio_buttons", "checkboxes"]) DRAW[kind] = toggles;
for (const kind of ["plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input"]) {
  DRAW[kind] = text;
}

/** What stands in for a block or an element this page does not draw. */
export function placeholder(type) {
  return h("div", { class: "placeholder", dataset: { type: String(type) } }, `This page does not draw “${type}”.`);
}

/** True for elements labelled by `for`, false for groups that carry their own name. */
export function takesLabel(element) {
  return !["radio_buttons", "checkboxes"].includes(element.type);
}

/**
 * Draw an element. `frame` is {id, name, labelled, describedBy, invalid}: what the block around it
 * says about it.
 */
export function drawElement(surface, block, element, frame = {}) {
  const draw = surface.world.draws("elements", element.type) && DRAW[element.type];
  return draw ? draw(surface, block, element, frame) : placeholder(element.type);
}
