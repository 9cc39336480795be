/** Native modal dialogs: the browser keeps the focus inside and the page behind them inert. */

import { h, uniqueId } from "./dom.js";
import { textNodes } from "./mrkdwn.js";

/** Show a question with two buttons; answers true when it is confirmed. */
export function ask({ title, body, confirm, deny, danger = false }) {
  const before = document.activeElement;
  const titleId = uniqueId("title");
  const bodyId = uniqueId("body");
  return new Promise((resolve) => {
    const close = (answer) => {
      dialog.close();
      dialog.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(answer);
    };
    const dialog = h(
      "dialog",
      {
        class: "dialog confirm",
        role: "alertdialog",
        "aria-labelledby": titleId,
        "aria-describedby": bodyId,
        oncancel: (event) => {
          event.preventDefault();
          close(false);
        },
        onkeydown: (event) => event.stopPropagation(),
      },
      h("h2", { id: titleId }, title),
      h("div", { id: bodyId, class: "dialog-body" }, body),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => close(false) }, deny),
        h(
          "button",
          { type: "button", class: `button ${danger ? "danger" : "primary"}`, onclick: () => close(true) },
          confirm,
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(danger ? ".dialog-foot .button" : ".dialog-foot .button:last-child").focus();
  });
}

/** A confirm object of Block Kit. */
export function confirmed(world, confirm) {
  if (!confirm) return Promise.resolve(true);
  return ask({
    title: textNodes(world, confirm.title),
    body: textNodes(world, confirm.text),
    confirm: textNodes(world, confirm.confirm ?? "Yes"),
    deny: textNodes(world, confirm.deny ?? "No"),
    danger: confirm.style === "danger",
  });
}
