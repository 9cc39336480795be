/** Things that float beside a control: lists of a combobox, menus. */

import { h, uniqueId } from "./dom.js";

let current = null;

/** Close whatever floats. */
export function closeFloating() {
  current?.close();
}

function place(panel, anchor, align) {
  const box = anchor.getBoundingClientRect();
  const margin = 8;
  panel.style.minWidth = `${Math.min(box.width, window.innerWidth - 2 * margin)}px`;
  panel.style.maxWidth = `${window.innerWidth - 2 * margin}px`;
  const below = window.innerHeight - box.bottom - margin;
  const above = box.top - margin;
  const wanted = Math.min(panel.scrollHeight + 2, 320);
  const up = below < wanted && above > below;
  const room = Math.max(80, Math.min(wanted, up ? above : below));
  panel.style.maxHeight = `${room}px`;
  panel.style.top = `${up ? box.top - Math.min(panel.offsetHeight, room) - 4 : box.bottom + 4}px`;
  const width = panel.offsetWidth;
  const left = align === "end" ? box.right - width : box.left;
  panel.style.left = `${Math.max(margin, Math.min(left, window.innerWidth - width - margin))}px`;
}

/**
 * Show `panel` beside `anchor`, above modals too. It stays in the DOM beside the anchor, so a modal
 * dialog does not make it inert. Answers {close, place}; a click elsewhere or a scroll closes it.
 */
export function float(panel, anchor, { onClose, align } = {}) {
  closeFloating();
  panel.setAttribute("popover", "manual");
  anchor.parentElement.append(panel);
  panel.showPopover();
  place(panel, anchor, align);
  const inside = (event) => panel.contains(event.target) || anchor.contains(event.target);
  const away = (event) => inside(event) || handle.close();
  const scrolled = (event) => panel.contains(event.target) || place(panel, anchor, align);
  const handle = {
    place: () => place(panel, anchor, align),
    close() {
      if (current !== handle) return;
      current = null;
      document.removeEventListener("pointerdown", away, true);
      document.removeEventListener("scroll", scrolled, true);
      window.removeEventListener("resize", handle.close);
      panel.remove();
      onClose?.();
    },
  };
  document.addEventListener("pointerdown", away, true);
  document.addEventListener("scroll", scrolled, true);
  window.addEventListener("resize", handle.close);
  current = handle;
  return handle;
}

/**
 * Make `button` open a menu. `items()` answers [{label, detail, danger, run, href}] when it opens.
 * Arrow keys, Home, End and first letters move; Enter runs; Escape and Tab close.
 */
export function menuButton(button, items, { label, align = "end" } = {}) {
  const id = uniqueId("menu");
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  let handle = null;

  const build = () =>
    h(
      "div",
      { class: "menu", role: "menu", id, "aria-label": label ?? button.getAttribute("aria-label") ?? button.textContent },
      items().map((item) =>
        h(
          item.href ? "a" : "button",
          {
            class: `menu-item${item.danger ? " danger" : ""}`,
            role: "menuitem",
            tabindex: -1,
            ...(item.href ? { href: item.href, target: "_blank", rel: "noopener noreferrer" } : { type: "button" }),
            onclick: () => {
              close(true);
              item.run();
            },
          },
          h("span", { class: "menu-label" }, item.label),
          item.detail ? h("span", { class: "menu-detail" }, item.detail) : null,
        ),
      ),
    );

  function close(refocus) {
    handle?.close();
    if (refocus) button.focus();
  }

  function open() {
    const panel = build();
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", id);
    handle = float(panel, button, {
      align,
      onClose: () => {
        handle = null;
        button.setAttribute("aria-expanded", "false");
        button.removeAttribute("aria-controls");
      },
    });
    panel.addEventListener("keydown", (event) => onKey(event, [...panel.children]));
    panel.firstElementChild?.focus();
  }

  function onKey(event, entries) {
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) entries[to % entries.length].focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return close(true);
    else if (event.key.length === 1 && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const next = [...entries.slice(at + 1), ...entries].find((one) => one.textContent.toLowerCase().startsWith(letter));
      next?.focus();
    } else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  }

  button.addEventListener("click", () => (handle ? close(false) : open()));
  button.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !handle) {
      event.preventDefault();
      open();
    }
  });
  return button;
}
