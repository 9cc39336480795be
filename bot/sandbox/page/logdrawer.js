/** The log: each request the workspace sent to the bot and each call the bot made, newest last. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { fetchLog } from "./wire.js";

const MOST = 500;
const LOOKING = "Looking…";
const NOTHING = "Nothing yet. Do something as somebody.";

function json(title, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
  return [h("h3", {}, title), h("pre", { tabindex: 0, "aria-label": title }, text)];
}

function entry(one, world) {
  const toBot = one.direction === "to_bot";
  const failed = one.status >= 400 || one.answer?.ok === false;
  const row = h(
    "details",
    { class: `log-entry${failed ? " failed" : ""}` },
    h("summary", {},
      h("span", { class: `log-way ${one.direction}`, title: toBot ? "Workspace to bot" : "Bot to workspace" }, toBot ? "→ bot" : "← bot"),
      h("span", { class: "log-what" }, one.what),
      h("span", { class: "log-status" }, String(one.answer?.error ?? one.status ?? "")),
      h("span", { class: "log-ms" }, one.ms === null || one.ms === undefined ? "" : `${one.ms < 10 ? one.ms.toFixed(1) : Math.round(one.ms)} ms`)),
  );
  row.addEventListener("toggle", () => {
    if (row.open && row.children.length === 1) {
      row.append(h("div", { class: "log-detail" },
        h("p", { class: "note" }, `Programme time ${new Date(one.at).toLocaleString("en-GB", { timeZone: world().zone, dateStyle: "medium", timeStyle: "medium" })}`),
        json("Request", one.request), json("Answer", one.answer)));
    }
  });
  row.dataset.search = `${one.what} ${one.status} ${one.answer?.error ?? ""}`.toLowerCase();
  return row;
}

export class LogDrawer {
  constructor(node, button, world) {
    this.node = node;
    this.button = button;
    this.world = world;
    this.after = 0;
    this.list = h("div", { class: "log-list", tabindex: 0, role: "region", "aria-label": "Log entries" });
    this.empty = h("p", { class: "log-empty" }, LOOKING);
    this.filter = h("input", { type: "text", class: "field", placeholder: "Filter", "aria-label": "Filter the log", oninput: () => this.sift() });
    node.append(
      h("header", { class: "log-head" }, h("h2", {}, "Log"), this.filter,
        h("button", { type: "button", class: "plain-button", "aria-label": "Close log", onclick: () => this.show(false) }, icon("close"))),
      this.empty, this.list);
    button.addEventListener("click", () => this.show(node.hidden));
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.show(false));
  }

  show(open) {
    this.node.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.update();
      this.filter.focus();
    } else this.button.focus();
  }

  /** Fetch what is new, while the drawer is open. */
  async update() {
    if (this.node.hidden || this.fetching) return;
    this.fetching = true;
    try {
      const { entries } = await fetchLog(this.after);
      this.take(entries ?? []);
    } catch {
      // the page says elsewhere that the sandbox does not answer
    } finally {
      this.fetching = false;
    }
  }

  take(entries) {
    this.empty.textContent = NOTHING;
    this.empty.hidden = entries.length > 0 || this.list.children.length > 0;
    if (!entries.length) return;
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    this.after = Math.max(this.after, ...entries.map((one) => one.n));
    this.list.append(...entries.map((one) => entry(one, this.world)));
    while (this.list.children.length > MOST) this.list.firstChild.remove();
    this.sift();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  sift() {
    const wanted = this.filter.value.trim().toLowerCase();
    for (const row of this.list.children) row.hidden = !row.dataset.search.includes(wanted);
  }

  /** A new world: the numbers start again. */
  clear() {
    this.after = 0;
    this.list.replaceChildren();
    this.empty.textContent = LOOKING;
    this.empty.hidden = false;
    this.update();
  }
}
