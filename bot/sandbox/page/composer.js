/** The composer: writes messages, completes and runs slash commands, offers shortcuts. */

import { h } from "./dom.js";
import { float, menuButton } from "./floating.js";
import { icon } from "./icons.js";

export class Composer {
  constructor(form, page) {
    this.page = page;
    this.drafts = new Map();
    this.draftKey = null;
    this.handle = null;
    this.active = 0;
    this.matches = [];
    this.text = h("textarea", {
      rows: 1,
      id: "composer-text",
      autocomplete: "off",
      dir: "auto",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "commands",
      oninput: () => this.onInput(),
      onkeydown: (event) => this.onKey(event),
      onblur: () => this.handle?.close(),
    });
    this.shortcuts = menuButton(
      h("button", { type: "button", class: "plain-button", "aria-label": "Shortcuts", title: "Shortcuts" }, icon("bolt")),
      () => this.shortcutItems(),
      { align: "start", label: "Shortcuts" },
    );
    const slash = h("button", {
      type: "button", class: "plain-button", "aria-label": "Run a command", title: "Run a command",
      onclick: () => this.startCommand(),
    }, icon("slash"));
    this.send = h("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true }, icon("send"));
    this.hint = h("span", { class: "composer-hint" }, "Enter sends, Shift and Enter a new line");
    this.anchor = h("div", { class: "composer-box" }, this.text,
      h("div", { class: "composer-tools" }, h("span", { class: "tool" }, this.shortcuts), slash, this.hint, this.send));
    form.append(h("div", { class: "composer-frame" }, this.anchor));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  /** The conversation that is open has changed, or the world has. */
  update(world, conversation) {
    this.world = world;
    this.conversation = conversation;
    const key = `${world.you}/${conversation.id}`;
    const name = conversation.kind === "channel" ? `#${world.nameOf(conversation)}` : world.nameOf(conversation);
    this.text.placeholder = `Message ${name}`;
    this.text.setAttribute("aria-label", `Message ${name}`);
    this.shortcuts.parentElement.hidden = !world.shortcuts.some((one) => one.type === "global");
    if (key === this.draftKey) return;
    this.handle?.close();
    this.draftKey = key;
    this.text.value = this.drafts.get(key) ?? "";
    this.fit();
  }

  shortcutItems() {
    return this.world.shortcuts.filter((one) => one.type === "global").map((one) => ({
      label: one.name,
      detail: one.description || this.world.botName,
      run: () => this.world.act("shortcut", { callback_id: one.callback_id }),
    }));
  }

  startCommand() {
    if (!this.text.value.startsWith("/")) this.text.value = `/${this.text.value}`;
    this.text.focus();
    this.onInput();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 220)}px`;
    this.send.disabled = !this.text.value.trim();
  }

  onInput() {
    this.drafts.set(this.draftKey, this.text.value);
    this.fit();
    this.complete();
  }

  complete() {
    const typed = this.text.value;
    this.matches = /^\/\S*$/.test(typed)
      ? this.world.commands.filter((one) => one.command.startsWith(typed.toLowerCase()))
      : [];
    // A command typed in full is meant, also where a longer one begins with it.
    this.matches.sort((a, b) => (b.command === typed.toLowerCase()) - (a.command === typed.toLowerCase()));
    if (!this.matches.length) {
      this.handle?.close();
      return;
    }
    if (!this.handle) {
      this.list = h("div", {
        class: "options commands", role: "listbox", id: "commands", "aria-label": "Commands",
        onpointerdown: (event) => event.preventDefault(),
      });
      this.text.setAttribute("aria-expanded", "true");
      this.handle = float(this.list, this.anchor, { onClose: () => this.onClose() });
    }
    this.list.replaceChildren(
      h("p", { class: "options-group", "aria-hidden": "true" }, this.world.botName),
      ...this.matches.map((one, index) => this.row(one, index)),
    );
    this.activate(0);
    this.handle.place();
  }

  row(one, index) {
    return h("div", {
      class: "option", role: "option", id: `command-${index}`,
      onclick: () => this.take(one),
      onpointermove: () => this.active !== index && this.activate(index),
    }, h("span", { class: "option-text" },
      h("strong", {}, one.command), one.usage_hint ? h("span", { class: "usage" }, ` ${one.usage_hint}`) : null,
      one.description ? h("span", { class: "option-detail" }, one.description) : null));
  }

  activate(index) {
    this.active = index;
    for (const [n, node] of [...this.list.querySelectorAll(".option")].entries()) {
      node.classList.toggle("active", n === index);
      node.setAttribute("aria-selected", String(n === index));
      if (n === index) node.scrollIntoView({ block: "nearest" });
    }
    this.text.setAttribute("aria-activedescendant", `command-${index}`);
  }

  take(one) {
    this.text.value = `${one.command} `;
    this.text.focus();
    this.onInput();
  }

  onClose() {
    this.handle = null;
    this.text.setAttribute("aria-expanded", "false");
    this.text.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    const chosen = this.handle && this.matches[this.active];
    if (event.isComposing) return;
    if (this.handle && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.activate((this.active + step + this.matches.length) % this.matches.length);
    } else if (event.key === "Escape" && this.handle) this.handle.close();
    else if (event.key === "Tab" && chosen && !event.shiftKey) this.take(chosen);
    else if (event.key === "Enter" && !event.shiftKey) {
      if (chosen && chosen.command !== this.text.value.trim()) this.take(chosen);
      else this.submit();
    } else return;
    event.preventDefault();
  }

  async submit() {
    const text = this.text.value.trim();
    if (!text || this.sending) return;
    this.handle?.close();
    const { conversation, draftKey, world } = this;
    this.text.value = "";
    this.drafts.delete(draftKey);
    this.fit();
    this.sending = true;
    const answer = await this.sendText(world, conversation, text);
    this.sending = false;
    if (answer.ok || this.text.value || this.draftKey !== draftKey) return;
    this.text.value = text; // what was not sent is not lost
    this.drafts.set(draftKey, text);
    this.fit();
  }

  sendText(world, conversation, text) {
    const command = /^(\/\S+)(?:\s+([\s\S]*))?$/.exec(text);
    if (!command) return world.act("message", { channel: conversation.id, text });
    if (!world.commands.some((one) => one.command === command[1].toLowerCase())) {
      this.page.notices.show(`${command[1]} is not a valid command. Messages that start with “/” are commands.`);
      return Promise.resolve({ ok: false });
    }
    return world.act("command", { command: command[1].toLowerCase(), text: command[2] ?? "", channel: conversation.id });
  }
}
