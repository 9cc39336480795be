/**
 * What people have typed or chosen and not yet sent, and how it looks on the wire.
 *
 * A value on the wire is a string for text, selects and dates, a list of strings for everything
 * multiple, an integer for a date with time, null for nothing.
 */

const STORED = {
  static_select: (kept) => kept.selected_option?.value,
  external_select: (kept) => kept.selected_option?.value,
  radio_buttons: (kept) => kept.selected_option?.value,
  multi_static_select: (kept) => kept.selected_options?.map((one) => one.value),
  multi_external_select: (kept) => kept.selected_options?.map((one) => one.value),
  checkboxes: (kept) => kept.selected_options?.map((one) => one.value),
  users_select: (kept) => kept.selected_user,
  multi_users_select: (kept) => kept.selected_users,
  conversations_select: (kept) => kept.selected_conversation,
  multi_conversations_select: (kept) => kept.selected_conversations,
  channels_select: (kept) => kept.selected_channel,
  multi_channels_select: (kept) => kept.selected_channels,
  datepicker: (kept) => kept.selected_date,
  timepicker: (kept) => kept.selected_time,
  datetimepicker: (kept) => kept.selected_date_time,
  rich_text_input: (kept) => plainOf(kept.rich_text_value) ?? kept.value,
};

const INITIAL = {
  static_select: (element) => element.initial_option?.value,
  external_select: (element) => element.initial_option?.value,
  radio_buttons: (element) => element.initial_option?.value,
  multi_static_select: (element) => element.initial_options?.map((one) => one.value),
  multi_external_select: (element) => element.initial_options?.map((one) => one.value),
  checkboxes: (element) => element.initial_options?.map((one) => one.value),
  users_select: (element) => element.initial_user,
  multi_users_select: (element) => element.initial_users,
  conversations_select: (element) => element.initial_conversation,
  multi_conversations_select: (element) => element.initial_conversations,
  channels_select: (element) => element.initial_channel,
  multi_channels_select: (element) => element.initial_channels,
  datepicker: (element) => element.initial_date,
  timepicker: (element) => element.initial_time,
  datetimepicker: (element) => element.initial_date_time,
  rich_text_input: (element) => plainOf(element.initial_value),
};

const STATELESS = new Set(["button", "overflow", "image", "icon_button", "feedback_buttons"]);

function plainOf(rich) {
  if (!rich || typeof rich === "string") return rich ?? undefined;
  return (rich.elements ?? [])
    .map((part) => (part.elements ?? []).map((leaf) => leaf.text ?? "").join(""))
    .join("\n");
}

/** True where the element holds a value at all. */
export function holdsValue(element) {
  return !STATELESS.has(element.type);
}

/** True where the value is a list. */
export function isMultiple(element) {
  return element.type.startsWith("multi_") || element.type === "checkboxes";
}

/** True for null, an empty text and an empty list. */
export function isEmpty(value) {
  return value === null || value === undefined || value.length === 0;
}

function startValue(element, kept) {
  const stored = kept ? (STORED[element.type] ?? ((one) => one.value))(kept) : undefined;
  if (stored !== undefined && stored !== null) return stored;
  if (kept) return isMultiple(element) ? [] : null;
  const initial = (INITIAL[element.type] ?? ((one) => one.initial_value))(element);
  return initial ?? (isMultiple(element) ? [] : null);
}

/** Every element that holds a value in these blocks, as [block, element]. */
export function holders(blocks) {
  const found = [];
  for (const block of blocks ?? []) {
    const elements = [block.element, block.accessory, ...(block.type === "actions" ? block.elements : [])];
    for (const element of elements) {
      if (element && holdsValue(element)) found.push([block, element]);
    }
    found.push(...holders(block.child_blocks ?? block.blocks));
  }
  return found;
}

/** The values of one surface (a message, a modal view, the Home tab). */
export class Values {
  #typed = new Map();
  #blocks = [];
  #kept = {};
  #shown = new Map();
  /** Options that came from the app while searching, by element: they give chosen values a label. */
  labels = new Map();

  /** Take the blocks and the state the workspace has; what is typed stays, for blocks that stay. */
  meet(blocks, kept) {
    this.#blocks = blocks ?? [];
    this.#kept = kept ?? {};
    const present = new Map(holders(blocks).map(([block, element]) => [this.#key(block, element), element]));
    for (const key of this.#typed.keys()) {
      if (present.get(key)?.type !== this.#shown.get(key)) this.#typed.delete(key);
    }
    for (const [key, element] of present) this.#shown.set(key, element.type);
  }

  #key(block, element) {
    return `${block.block_id}\u0000${element.action_id}`;
  }

  get(block, element) {
    const key = this.#key(block, element);
    if (this.#typed.has(key)) return this.#typed.get(key);
    return startValue(element, this.#kept[block.block_id]?.[element.action_id]);
  }

  set(block, element, value) {
    this.#typed.set(this.#key(block, element), value);
  }

  /** {block_id: {action_id: value}} of everything that holds a value on the surface as it is now. */
  all() {
    const state = {};
    for (const [block, element] of holders(this.#blocks)) {
      (state[block.block_id] ??= {})[element.action_id] = this.get(block, element);
    }
    return state;
  }

  /** The option the workspace keeps for an element, for its label. */
  keptOptions(block, element) {
    const kept = this.#kept[block.block_id]?.[element.action_id];
    return [kept?.selected_option, ...(kept?.selected_options ?? []), element.initial_option,
      ...(element.initial_options ?? [])].filter(Boolean);
  }
}

const surfaces = new Map();

/** The values of the surface with that id; the same object at every redraw. */
export function valuesOf(surfaceId) {
  if (!surfaces.has(surfaceId)) surfaces.set(surfaceId, new Values());
  return surfaces.get(surfaceId);
}

/** Forget surfaces that start with `prefix` and are not in `alive`. */
export function forget(prefix, alive) {
  for (const id of surfaces.keys()) {
    if (id.startsWith(prefix) && !alive.has(id)) surfaces.delete(id);
  }
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function textProblem(element, value) {
  if (element.min_length && value.length < element.min_length) {
    return `Please write at least ${element.min_length} characters.`;
  }
  if (element.max_length && value.length > element.max_length) {
    return `This is ${value.length - element.max_length} characters too long.`;
  }
  if (element.type === "email_text_input" && !EMAIL.test(value)) {
    return "Please enter a valid email address.";
  }
  if (element.type === "url_text_input" && !/^https?:\/\/\S+\.\S+/.test(value)) {
    return "Please enter a valid URL, for example https://example.com.";
  }
  return null;
}

function numberProblem(element, value) {
  const pattern = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(value)) {
    return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  }
  const number = Number(value);
  if (element.min_value !== undefined && number < Number(element.min_value)) {
    return `Please enter ${element.min_value} or more.`;
  }
  if (element.max_value !== undefined && number > Number(element.max_value)) {
    return `Please enter ${element.max_value} or less.`;
  }
  return null;
}

/** What Slack's own client refuses before it asks the app: {block_id: sentence}. */
export function clientErrors(blocks, values) {
  const errors = {};
  for (const block of blocks ?? []) {
    if (block.type !== "input") continue;
    const value = values.get(block, block.element);
    let problem = null;
    if (isEmpty(value)) {
      problem = block.optional ? null : "Please complete this required field.";
    } else if (block.element.type === "number_input") {
      problem = numberProblem(block.element, value);
    } else if (typeof value === "string") {
      problem = textProblem(block.element, value);
    }
    if (problem) errors[block.block_id] = problem;
  }
  return errors;
}
