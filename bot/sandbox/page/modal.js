/** The stack of modal views: only the top one shows, the ones below keep what was typed. */

import { drawnFrom, redrawBlocks } from "./blocks.js";
import { h, redraw } from "./dom.js";
import { closeFloating } from "./floating.js";
import { icon } from "./icons.js";
import { plainText } from "./mrkdwn.js";
import { Surface } from "./surface.js";
import { clientErrors, forget } from "./values.js";

const TROUBLE = "We had some trouble connecting. Try again?";

export class Modals {
  constructor(dialog) {
    this.dialog = dialog;
    this.errors = new Map();
    this.view = null;
    this.busy = false;
    this.head = h("div", { class: "modal-head" });
    this.body = h("div", { class: "modal-body", tabindex: -1 });
    this.banner = h("p", { class: "modal-banner", role: "alert" });
    this.foot = h("div", { class: "modal-foot" });
    this.form = h("form", { novalidate: true, class: "modal-form" }, this.head, this.body, this.banner, this.foot);
    dialog.append(this.form);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    dialog.addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave(false);
    });
  }

  /** Show the top of the stack the workspace has for this person. */
  update(world) {
    const stack = world.state.modals ?? [];
    const top = stack.at(-1);
    this.world = world;
    this.depth = stack.length;
    const alive = stack.map((view) => view.id);
    for (const id of this.errors.keys()) if (!alive.includes(id)) this.errors.delete(id);
    forget(`${world.you}/view/`, new Set(alive.map((id) => `${world.you}/view/${id}`)));
    if (!top) this.hide();
    else this.show(top);
  }

  show(view) {
    const another = view.id !== this.view?.id;
    // Under the same id something else may come: another page of the same dialog.
    const turned = !another && plainText(view.title) !== plainText(this.view.title);
    if (!this.dialog.open) {
      this.opener = document.activeElement;
      this.openerKey = this.opener?.dataset.key;
    }
    // An answer to a submission may change the view under the same id: its errors are then over.
    if (!another && view.hash !== this.view.hash) this.errors.delete(view.id);
    if (another) {
      closeFloating();
      this.banner.textContent = "";
      this.setBusy(false);
      this.body.replaceChildren();
    }
    const inside = this.dialog.contains(document.activeElement);
    this.view = view;
    this.draw();
    if (!this.dialog.open) this.dialog.showModal();
    if (another || turned) this.body.scrollTop = 0;
    // What was in focus may have gone with the blocks that were drawn anew.
    if (another || turned || (inside && !this.dialog.contains(document.activeElement))) this.focusFirst();
  }

  hide() {
    if (!this.dialog.open) return;
    closeFloating();
    this.view = null;
    this.setBusy(false);
    this.dialog.close();
    this.body.replaceChildren();
    const twin = this.openerKey && document.querySelector(`[data-key="${CSS.escape(this.openerKey)}"]`);
    const target = this.opener?.isConnected ? this.opener : twin || document.getElementById("composer-text");
    target?.focus({ preventScroll: true });
    if (document.activeElement === document.body) document.getElementById("main").focus();
  }

  get surface() {
    const { view } = this;
    return new Surface(this.world, {
      id: `view/${view.id}`,
      where: { view: view.id },
      blocks: view.blocks,
      kept: view.state?.values ?? view.state ?? {},
      errors: this.errors.get(view.id) ?? {},
      onTouch: (blockId) => this.forgive(blockId),
    });
  }

  draw() {
    const { view } = this;
    const pushed = this.depth > 1;
    redraw(this.head, JSON.stringify([view.title, view.id, pushed]), () => [
      pushed
        ? h("button", { type: "button", class: "plain-button", "aria-label": "Back", onclick: () => this.leave(false) }, icon("back"))
        : null,
      h("h2", { id: "modal-title", dir: "auto" }, plainText(view.title)),
      h("button", { type: "button", class: "plain-button", "aria-label": "Close", onclick: () => this.leave(true) }, icon("close")),
    ]);
    redrawBlocks(this.body, this.surface);
    const closeWord = plainText(view.close) || (view.submit ? "Cancel" : "Close");
    redraw(this.foot, JSON.stringify([view.id, view.submit, closeWord]), () => [
      h("button", { type: "button", class: "button", dataset: { key: "modal-close" }, onclick: () => this.leave(false) }, closeWord),
      view.submit ? h("button", { type: "submit", class: "button primary", dataset: { key: "modal-submit" } }, plainText(view.submit)) : null,
    ]);
  }

  focusFirst() {
    const first =
      this.body.querySelector("[autofocus]") ||
      this.body.querySelector(".input input:not([type=hidden]), .input textarea") ||
      this.body.querySelector("button, a[href], input, textarea") ||
      this.foot.querySelector(".button:last-child");
    first?.focus({ preventScroll: true });
  }

  /** The person changes a field: its error is no longer about what stands there. */
  forgive(blockId) {
    const errors = this.errors.get(this.view?.id);
    if (!errors?.[blockId]) return;
    delete errors[blockId];
    const node = this.body.querySelector(`[data-item="${CSS.escape(blockId)}"]`);
    if (!node) return;
    node.classList.remove("has-error");
    node.querySelector(".field-error")?.remove();
    for (const one of node.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    for (const one of node.querySelectorAll(".invalid")) one.classList.remove("invalid");
    node.drawnFrom = drawnFrom(this.surface, this.view.blocks.find((one) => one.block_id === blockId));
  }

  refuse(errors) {
    this.errors.set(this.view.id, { ...errors });
    this.draw();
    this.body.querySelector("[aria-invalid=true]:is(input, textarea), [aria-invalid=true] input, .has-error input")?.focus();
  }

  setBusy(busy) {
    this.busy = busy;
    this.form.classList.toggle("waiting", busy);
    this.form.setAttribute("aria-busy", String(busy));
  }

  async submit() {
    if (this.busy || !this.view) return;
    const { view, world, surface } = this;
    if (!view.submit) return;
    this.banner.textContent = "";
    const missing = clientErrors(view.blocks, surface.values);
    this.refuse(missing);
    if (Object.keys(missing).length) return;
    this.setBusy(true);
    const answer = await world.askQuietly("submit", { view: view.id, state: surface.values.all() });
    this.setBusy(false);
    if (this.view?.id !== view.id) return;
    if (!answer.ok) this.banner.textContent = TROUBLE;
    else if (answer.result === "errors") this.refuse(answer.errors ?? {});
  }

  async leave(clear) {
    if (this.busy || !this.view) return;
    await this.world.act("close", { view: this.view.id, clear });
  }

  onKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.leave(false);
  }
}
