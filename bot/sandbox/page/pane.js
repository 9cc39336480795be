/** The main pane: a conversation's header, its tabs, its messages, or the app's Home tab. */

import { avatar } from "./avatar.js";
import { redrawBlocks } from "./blocks.js";
import { h, redraw } from "./dom.js";
import { icon } from "./icons.js";
import { announcement, redrawMessages } from "./messages.js";
import { Surface } from "./surface.js";

function title(world, conversation) {
  const name = h("span", { class: "pane-name" }, world.nameOf(conversation));
  if (conversation.kind === "channel") return [icon(conversation.private ? "lock" : "hash"), name];
  if (world.isApp(conversation)) return [avatar(world.person(world.bot), "small"), name];
  return [icon("people"), name];
}

function members(world, conversation) {
  if (world.isApp(conversation)) return null;
  const names = conversation.members.map((id) => world.person(id)?.real_name ?? id);
  return h("span", { class: "members", title: names.join(", ") }, icon("people"), `${names.length} members`);
}

function beginning(world, conversation) {
  if (world.isApp(conversation)) {
    return h("div", { class: "beginning" }, avatar(world.person(world.bot), "large"),
      h("p", {}, h("strong", {}, world.botName), h("span", { class: "app-mark" }, "APP")),
      h("p", { class: "note" }, `This is the very beginning of your messages with ${world.botName}.`));
  }
  const name = conversation.kind === "channel" ? `#${conversation.name}` : world.nameOf(conversation);
  return h("div", { class: "beginning" }, h("p", {}, h("strong", {}, name)),
    h("p", { class: "note" }, conversation.kind === "channel"
      ? `This is the very beginning of the ${name} channel.`
      : `This is the very beginning of your group conversation with ${name}.`));
}

export class Pane {
  constructor(parts, page) {
    Object.assign(this, parts); // header, scroller, list, start, home
    this.page = page;
    this.heard = new Map();
    this.at = null;
  }

  update(world, conversation, place) {
    const atHome = place === "home";
    const app = world.isApp(conversation);
    redraw(this.header, JSON.stringify([world.you, conversation.id, world.nameOf(conversation), conversation.members, place, world.namesDrawn]), () => [
      h("div", { class: "pane-title" }, h("h1", {}, title(world, conversation)), members(world, conversation)),
      app ? this.tabs(world, conversation, atHome) : null,
    ]);
    this.scroller.setAttribute("role", app ? "tabpanel" : "region");
    this.scroller.hidden = atHome;
    this.home.hidden = !atHome;
    if (atHome) this.updateHome(world);
    else this.updateMessages(world, conversation);
    this.announce(world, atHome ? null : conversation.id);
  }

  tabs(world, conversation, atHome) {
    const tab = (name, place, here) =>
      h("button", {
        type: "button", role: "tab", id: `tab-${place === "home" ? "home" : "messages"}`, class: "tab",
        "aria-selected": String(here), tabindex: here ? 0 : -1,
        "aria-controls": place === "home" ? "home" : "messages",
        dataset: { key: `tab/${name}` },
        onclick: () => world.open(place),
        onkeydown: (event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          const other = event.currentTarget.parentElement.querySelector("[aria-selected=false]");
          other.focus();
          other.click();
        },
      }, name);
    return h("div", { class: "tabs", role: "tablist", "aria-label": world.botName },
      tab("Home", "home", atHome), tab("Messages", conversation.id, !atHome));
  }

  updateHome(world) {
    const view = world.state.home?.view;
    const inner = this.home.firstElementChild;
    if (!view) {
      inner.replaceChildren(h("p", { class: "home-empty" }, `${world.botName} has nothing on its Home tab for you yet.`));
      return;
    }
    const surface = new Surface(world, {
      id: `home/${view.id}`,
      where: { view: view.id },
      blocks: view.blocks,
      kept: view.state?.values ?? {},
    });
    surface.heading = "h2";
    redrawBlocks(inner, surface);
  }

  updateMessages(world, conversation) {
    const messages = world.messages(conversation.id);
    const key = `${world.you}/${conversation.id}`;
    const arrived = this.at !== key;
    const atEnd = arrived || this.nearEnd();
    if (arrived) this.newFrom = this.firstUnread(world, conversation, messages);
    this.at = key;
    redraw(this.start, JSON.stringify([key, world.namesDrawn]), () => beginning(world, conversation));
    redrawMessages(this.list, world, conversation.id, messages, this.newFrom);
    this.list.setAttribute("aria-label", `Messages in ${world.nameOf(conversation)}`);
    if (atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Leaving: the next visit starts at the end again. */
  leave() {
    this.at = null;
  }

  nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  firstUnread(world, conversation, messages) {
    const theirs = messages.filter((one) => one.user !== world.you);
    return conversation.unread ? theirs.at(-conversation.unread)?.ts : undefined;
  }

  /** Read out what arrived since the last look, in the open conversation. */
  announce(world, openId) {
    for (const { id } of world.conversations) {
      const messages = world.messages(id);
      const key = `${world.you}/${id}`;
      const last = this.heard.get(key);
      if (last !== undefined && id === openId) {
        for (const one of messages.filter((message) => message.ts > last && message.user !== world.you)) {
          this.page.notices.say(announcement(world, one));
        }
      }
      this.heard.set(key, messages.reduce((top, one) => (one.ts > top ? one.ts : top), ""));
    }
  }
}
