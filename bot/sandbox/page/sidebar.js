/** The sidebar: who you are, and where you can look. */

import { avatar } from "./avatar.js";
import { h, redraw, spoken, uniqueId } from "./dom.js";
import { float } from "./floating.js";
import { icon } from "./icons.js";
import { cityOf } from "./time.js";

function badge(count) {
  return count ? [h("span", { class: "badge", "aria-hidden": "true" }, String(count)), spoken(`${count} unread`)] : null;
}

function face(world, conversation) {
  if (conversation.kind === "channel") return icon(conversation.private ? "lock" : "hash");
  if (world.isApp(conversation)) return avatar(world.person(world.bot), "tiny");
  if (conversation.kind === "mpim") {
    const others = conversation.members.filter((id) => id !== world.you && id !== world.bot);
    return h("span", { class: "stack-count", "aria-hidden": "true" }, String(others.length + 1));
  }
  return avatar(world.person(conversation.members.find((id) => id !== world.you)), "tiny");
}

function row(world, place, conversation) {
  const here = place === conversation.id || (place === "home" && world.isApp(conversation));
  const unread = conversation.unread > 0;
  return h("li", {}, h(
    "button",
    {
      type: "button",
      class: `place${here ? " here" : ""}${unread ? " unread" : ""}`,
      "aria-current": here ? "page" : null,
      dataset: { key: `place/${conversation.id}` },
      onclick: () => world.open(conversation.id),
    },
    h("span", { class: "place-face" }, face(world, conversation)),
    h("span", { class: "place-name" }, world.nameOf(conversation)),
    badge(conversation.unread),
  ));
}

function part(world, place, title, conversations) {
  if (!conversations.length) return null;
  const id = uniqueId("part");
  return h("section", { class: "part", "aria-labelledby": id },
    h("h2", { id }, title), h("ul", {}, conversations.map((one) => row(world, place, one))));
}

/** Draw the list of places. */
export function redrawPlaces(container, world, place) {
  const all = world.conversations;
  redraw(container, JSON.stringify([world.you, place, all, world.namesDrawn]), () => [
    part(world, place, "Apps", all.filter((one) => world.isApp(one))),
    part(world, place, "Direct messages", all.filter((one) => one.kind !== "channel" && !world.isApp(one))),
    part(world, place, "Channels", all.filter((one) => one.kind === "channel")),
  ]);
}

function personRow(world, person, choose) {
  const here = person.id === world.you;
  return h("li", {}, h(
    "button",
    {
      type: "button",
      class: `person${here ? " here" : ""}${person.unread ? " unread" : ""}${person.deleted ? " gone" : ""}`,
      "aria-current": here ? "true" : null,
      dataset: { key: `person/${person.id}`, person: person.id },
      onclick: () => choose(person.id),
    },
    avatar(person, "medium"),
    h("span", { class: "person-words" },
      h("span", { class: "person-name" }, person.real_name || person.name,
        person.deleted ? h("span", { class: "person-gone" }, " (deactivated)") : null),
      h("span", { class: "person-title" }, person.title || "No title")),
    h("span", { class: "person-side" },
      h("span", { class: "person-time" }, person.local_time, spoken(` in ${cityOf(person.tz)}`)),
      h("span", { class: "person-city" }, cityOf(person.tz))),
    // What is unread of one's own stands beside the conversations.
    h("span", { class: "person-mark" }, here ? null : badge(person.unread)),
  ));
}

/** The button that says who you are; it opens the list of everybody. */
export class Switcher {
  constructor(button, choose) {
    this.button = button;
    this.choose = choose;
    this.handle = null;
    this.others = h("p", { class: "others", hidden: true });
    button.after(this.others);
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => (this.handle ? this.handle.close() : this.open()));
  }

  /** The people one can be: everybody but bots. */
  get people() {
    return this.world.people.filter((one) => !one.is_bot && one.id !== "USLACKBOT");
  }

  update(world) {
    this.world = world;
    const others = this.people.filter((one) => one.unread && one.id !== world.you).length;
    const { me } = world;
    redraw(this.button, JSON.stringify(me), () => [
      avatar(me, "medium"),
      h("span", { class: "person-words" },
        h("span", { class: "person-name" }, spoken("You are "), me.real_name || me.name),
        h("span", { class: "person-title" }, me.title || "")),
      h("span", { class: "person-side" },
        h("span", { class: "person-time" }, me.local_time),
        h("span", { class: "person-city" }, cityOf(me.tz))),
      icon("down"),
    ]);
    this.others.hidden = !others;
    this.others.textContent = others === 1 ? "1 other person has something new" : `${others} others have something new`;
    if (this.handle) this.list();
  }

  /** `onClose` is called once, also when nobody was picked. */
  open(onClose) {
    this.rows = h("ul", { class: "people" });
    this.search = h("input", {
      type: "text",
      class: "field",
      placeholder: "Find a person or a role",
      "aria-label": "Find a person or a role",
      oninput: () => this.list(),
    });
    const panel = h("div", { class: "switcher", role: "dialog", "aria-label": "Choose who you are" },
      h("p", { class: "switcher-title" }, "Choose who you are"), this.search, this.rows);
    this.list();
    panel.addEventListener("keydown", (event) => this.onKey(event));
    this.button.setAttribute("aria-expanded", "true");
    this.handle = float(panel, this.button, {
      onClose: () => {
        this.handle = null;
        this.button.setAttribute("aria-expanded", "false");
        onClose?.();
      },
    });
    this.handle.place();
    this.search.focus();
  }

  list() {
    const wanted = this.search.value.trim().toLowerCase();
    const found = this.people.filter((one) => `${one.real_name} ${one.title} ${one.name}`.toLowerCase().includes(wanted));
    redraw(this.rows, JSON.stringify([found, this.world.you]), () =>
      found.length
        ? found.map((one) => personRow(this.world, one, (id) => this.pick(id)))
        : h("li", { class: "options-note" }, "Nobody by that name or role"));
  }

  pick(id) {
    this.choose(id);
    this.handle?.close();
    this.button.focus();
  }

  onKey(event) {
    const buttons = [...this.rows.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at <= 0 ? this.search : buttons[at - 1]).focus();
    else if (event.key === "Enter" && at < 0) buttons[0]?.click();
    else if (event.key === "Escape") {
      this.handle.close();
      this.button.focus();
    } else if (event.key === "Tab" && (event.shiftKey ? at < 0 : at === buttons.length - 1)) {
      this.handle.close();
      return;
    } else return;
    event.preventDefault();
  }
}
