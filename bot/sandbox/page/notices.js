/** What the page itself says: failures in a corner or in the open modal, news for screen readers. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const STAY_MS = 12000;

export class Notices {
  constructor(corner, live) {
    this.corner = corner;
    this.live = live;
    this.known = null;
  }

  /** Show a failure. Inside an open modal it stands there, else above the composer. */
  show(sentence) {
    const banner = document.querySelector("dialog.modal[open] .modal-banner");
    if (banner) {
      banner.textContent = sentence;
      return;
    }
    if ([...this.corner.children].some((one) => one.dataset.sentence === sentence)) return;
    const node = h(
      "div",
      { class: "notice", dataset: { sentence } },
      icon("warning"),
      h("span", { class: "notice-text" }, sentence),
      h("button", { type: "button", class: "plain-button", "aria-label": "Dismiss", onclick: () => node.remove() }, icon("close")),
    );
    this.corner.append(node);
    setTimeout(() => node.remove(), STAY_MS);
  }

  /** Show what the workspace tells this person, once each; what was there at the start is old. */
  meet(person, notices = []) {
    const fresh = this.known?.person === person ? notices.filter((one) => !this.known.ids.has(one.id)) : [];
    this.known = { person, ids: new Set(notices.map((one) => one.id)) };
    for (const one of fresh) this.show(one.text);
  }

  /** Read out by a screen reader when it has a pause. */
  say(sentence) {
    this.live.append(h("p", {}, sentence));
    while (this.live.children.length > 5) this.live.firstChild.remove();
  }

  /** A new person: nothing said before concerns them. */
  hush() {
    this.live.replaceChildren();
    this.corner.replaceChildren();
  }
}
