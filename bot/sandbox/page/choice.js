/** The searchable select: one value or several, with the keyboard, after the ARIA combobox pattern. */

import { h, uniqueId } from "./dom.js";
import { float } from "./floating.js";
import { icon } from "./icons.js";

/**
 * A select. Options are {value, text, detail, picture}; groups are {label, options}.
 *
 * settings: name (accessible name), key (keeps focus over redraws), describedBy, invalid, placeholder,
 * multiple, most (how many may be chosen), value, clearable, find(query) -> groups (or a promise of
 * them), labelOf(value), onPick(value) at each change, onDone(before) when the change is complete;
 * an answer (or promise) of false takes it back.
 */
export function choice(settings) {
  return new Choice(settings).node;
}

class Choice {
  constructor(settings) {
    this.settings = settings;
    this.value = settings.value;
    this.settled = settings.value;
    this.handle = null;
    this.active = -1;
    this.options = [];
    this.changed = false;
    this.asked = 0;
    this.listId = uniqueId("options");
    this.input = h("input", {
      id: settings.id,
      class: "choice-input",
      role: "combobox",
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": this.listId,
      "aria-label": settings.name,
      "aria-describedby": settings.describedBy,
      "aria-invalid": settings.invalid ? "true" : null,
      "aria-required": settings.required ? "true" : null,
      dataset: { key: settings.key },
      onclick: () => this.offer(),
      onfocus: () => !settings.multiple && this.input.select(),
      oninput: () => this.search(),
      onkeydown: (event) => this.onKey(event),
      onblur: () => this.handle?.close(),
    });
    this.clear = h(
      "button",
      { class: "choice-clear", type: "button", "aria-label": `Clear ${settings.name}`, onclick: () => this.pick(null) },
      icon("close"),
    );
    this.chips = h("span", { class: "chips" });
    this.box = h(
      "span",
      { class: `choice-box${settings.invalid ? " invalid" : ""}`, onclick: (event) => this.onBox(event) },
      this.chips, this.input, this.clear, icon("down"),
    );
    this.node = h("span", { class: `choice${settings.multiple ? " choice-multiple" : ""}` }, this.box);
    this.show();
  }

  get chosen() {
    if (this.settings.multiple) return this.value ?? [];
    return this.value === null || this.value === undefined ? [] : [this.value];
  }

  /** Draw the closed state. */
  show() {
    const { multiple, labelOf, placeholder, clearable, name } = this.settings;
    const label = !multiple && this.chosen.length ? labelOf(this.chosen[0]) : "";
    this.input.value = label;
    this.input.placeholder = multiple && this.chosen.length ? "" : placeholder;
    this.input.size = multiple ? Math.max(4, this.chosen.length ? 4 : placeholder.length) : 20;
    this.clear.hidden = !clearable || multiple || !this.chosen.length;
    this.chips.replaceChildren(
      ...(multiple ? this.chosen : []).map((value) =>
        h("span", { class: "chip" }, h("span", { class: "chip-text" }, labelOf(value)),
          h("button", {
            type: "button",
            "aria-label": `Remove ${labelOf(value)} from ${name}`,
            onclick: () => this.drop(value),
          }, icon("close")))),
    );
  }

  onBox(event) {
    if (event.target.closest("button") || event.target === this.input) return;
    this.input.focus();
    this.offer();
  }

  open() {
    if (this.handle) return;
    this.list = h("div", {
      class: "options",
      role: "listbox",
      id: this.listId,
      "aria-label": this.settings.name,
      "aria-multiselectable": this.settings.multiple ? "true" : null,
      onpointerdown: (event) => event.preventDefault(), // the input keeps the focus
    });
    this.input.setAttribute("aria-expanded", "true");
    this.handle = float(this.list, this.box, { onClose: () => this.onClose() });
  }

  /** Offer everything; what is typed next replaces the label. */
  offer() {
    if (this.handle) return;
    this.open();
    if (!this.settings.multiple) this.input.select();
    this.fill("");
  }

  onClose() {
    this.handle = null;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.show();
    if (this.changed) this.finish();
  }

  /** A change is complete: tell it, and go back to what stood before when it is not wanted. */
  async finish() {
    this.changed = false;
    const before = this.settled;
    this.settled = this.value;
    if ((await this.settings.onDone(before)) !== false) return;
    this.value = before;
    this.settled = before;
    this.show();
  }

  search() {
    this.open();
    this.fill(this.input.value.trim());
  }

  async fill(query) {
    const turn = ++this.asked;
    const found = this.settings.find(query);
    if (found instanceof Promise) this.say("Searching…");
    const groups = await found;
    if (turn !== this.asked || !this.handle) return; // a later search has overtaken this one
    if (typeof groups === "string") this.say(groups);
    else this.draw(groups);
  }

  say(sentence) {
    this.options = [];
    this.activate(-1);
    this.list.replaceChildren(h("p", { class: "options-note", role: "status" }, sentence));
    this.handle.place();
  }

  draw(groups) {
    this.options = groups.flatMap((group) => group.options);
    if (!this.options.length) return this.say("No results");
    let index = 0;
    this.list.replaceChildren(
      ...groups.flatMap((group) => {
        const rows = group.options.map((option) => this.row(option, index++));
        if (!group.label) return rows;
        return h("div", { role: "group", "aria-label": group.label },
          h("p", { class: "options-group", "aria-hidden": "true" }, group.label), rows);
      }),
    );
    const at = this.options.findIndex((option) => option.value === this.chosen[0]);
    this.activate(this.settings.multiple || at < 0 ? 0 : at);
    this.handle.place();
    return undefined;
  }

  row(option, index) {
    const chosen = this.chosen.includes(option.value);
    return h(
      "div",
      {
        class: "option",
        role: "option",
        id: `${this.listId}-${index}`,
        "aria-selected": String(chosen),
        onclick: () => this.choose(option),
        onpointermove: () => this.active !== index && this.activate(index),
      },
      option.picture?.() ?? null,
      h("span", { class: "option-text" }, option.text,
        option.detail ? h("span", { class: "option-detail" }, option.detail) : null),
      chosen ? icon("check") : null,
    );
  }

  activate(index) {
    this.active = index;
    for (const node of this.list.querySelectorAll(".option")) {
      const on = node.id === `${this.listId}-${index}`;
      node.classList.toggle("active", on);
      if (on) node.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.listId}-${index}`);
  }

  choose(option) {
    if (!this.settings.multiple) {
      this.handle?.close();
      if (option.value !== this.value) this.pick(option.value);
      return;
    }
    if (this.chosen.includes(option.value)) this.value = this.chosen.filter((one) => one !== option.value);
    else if (!this.settings.most || this.chosen.length < this.settings.most) this.value = [...this.chosen, option.value];
    else return this.say(`You can choose up to ${this.settings.most}.`);
    this.changed = true;
    this.settings.onPick(this.value);
    this.show();
    return this.fill("");
  }

  /** A single value, or null: told at once. */
  pick(value) {
    this.value = value;
    this.settings.onPick(value);
    this.show();
    this.finish();
  }

  drop(value) {
    this.value = this.chosen.filter((one) => one !== value);
    this.settings.onPick(this.value);
    this.show();
    this.input.focus();
    if (this.handle) this.changed = true;
    else this.finish();
  }

  onKey(event) {
    const { key } = event;
    // While the list is closed the text is a label: what is typed replaces it.
    if (key.length === 1 && !this.handle && !this.settings.multiple && !event.ctrlKey && !event.metaKey) {
      this.input.select();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && !this.handle) this.offer();
    else if (step && this.options.length) {
      this.activate((this.active + step + this.options.length) % this.options.length);
    } else if (key === "Enter" && this.handle) {
      if (this.options[this.active]) this.choose(this.options[this.active]);
    } else if (key === "Enter") this.offer();
    else if (key === "Escape" && this.handle) this.handle.close();
    else if (key === "Backspace" && this.settings.multiple && !this.input.value && this.chosen.length) {
      this.drop(this.chosen.at(-1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
