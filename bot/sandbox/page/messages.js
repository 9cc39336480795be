/** The messages of one conversation: grouped by author, broken by day, replies under their parent. */

import { avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { h, reconcile, spoken } from "./dom.js";
import { menuButton } from "./floating.js";
import { icon } from "./icons.js";
import { mrkdwn, plainText } from "./mrkdwn.js";
import { Surface } from "./surface.js";
import { clockTime, dayKey, dayName, shortMoment } from "./time.js";

const GROUP_MINUTES = 5;

function author(world, message) {
  return world.person(message.user) ?? { id: message.user ?? "", real_name: message.user ?? "", is_bot: message.bot };
}

function body(world, channel, message) {
  const edited = message.edited ? h("span", { class: "edited" }, "(edited)") : null;
  if (!message.blocks?.length) return h("div", { class: "text", dir: "auto" }, mrkdwn(world, message.text), " ", edited);
  const surface = new Surface(world, {
    id: `message/${channel}/${message.ts}`,
    where: { message: { channel, ts: message.ts } },
    blocks: message.blocks,
  });
  return h("div", { class: "blocks" }, drawBlocks(surface), edited);
}

function moreActions(world, channel, message) {
  const button = h("button", {
    class: "message-more", type: "button", "aria-label": "More actions for this message",
    dataset: { key: `more/${channel}/${message.ts}` },
  }, icon("more"));
  return menuButton(button, () => [
    ...world.shortcuts.filter((one) => one.type === "message" && !message.ephemeral).map((one) => ({
      label: one.name,
      detail: world.botName,
      run: () => world.act("shortcut", { callback_id: one.callback_id, message: { channel, ts: message.ts } }),
    })),
    { label: "Copy text", run: () => navigator.clipboard?.writeText(message.text ?? "") },
  ]);
}

function stamp(world, message, className) {
  const at = new Date(message.at);
  return h("time", { class: className, datetime: message.at, title: shortMoment(at, world.zone) }, clockTime(at, world.zone));
}

function draw(world, channel, message, { compact, reply, parent }) {
  const who = author(world, message);
  const name = who.real_name || who.name;
  return h(
    "li",
    {
      class: ["message", compact && "compact", reply && "reply", message.ephemeral && "ephemeral"].filter(Boolean).join(" "),
      tabindex: -1,
      dataset: { ts: message.ts },
    },
    message.ephemeral ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
    parent ? h("p", { class: "broadcast" }, icon("thread"), `replied to a thread: ${parent}`) : null,
    h("div", { class: "gutter" }, compact ? stamp(world, message, "side-time") : avatar(who, reply ? "small" : "medium")),
    h("div", { class: "message-main" },
      compact
        ? spoken(`${name}: `)
        : h("p", { class: "byline" }, h("strong", { class: "author" }, name),
            who.is_bot ? h("span", { class: "app-mark" }, "APP") : null, " ", stamp(world, message, "stamp")),
      body(world, channel, message)),
    h("div", { class: "message-tools" }, moreActions(world, channel, message)),
  );
}

function divider(text, className = "day") {
  return h("li", { class: `divider-row ${className}` }, h("span", {}, text));
}

function excerpt(message, most = 60) {
  const words = plainText(message?.text ?? "").replace(/[*_~`]|<[^>]*>/g, "").trim();
  return words.length > most ? `${words.slice(0, most - 1)}…` : words || "a message";
}

/** Messages with their replies behind them: [message, is a reply, parent of a broadcast reply]. */
function inOrder(messages) {
  const replies = new Map();
  const byTs = new Map(messages.map((one) => [one.ts, one]));
  const isReply = (one) => one.thread_ts && one.thread_ts !== one.ts && byTs.has(one.thread_ts);
  for (const one of messages.filter(isReply)) {
    replies.set(one.thread_ts, [...(replies.get(one.thread_ts) ?? []), one]);
  }
  return messages.flatMap((one) => {
    const shown = isReply(one)
      ? one.reply_broadcast ? [[one, false, excerpt(byTs.get(one.thread_ts))]] : []
      : [[one, false, null]];
    return [...shown, ...(replies.get(one.ts) ?? []).map((reply) => [reply, true, null])];
  });
}

function follows(world, before, message) {
  if (!before || before.user !== message.user || before.ephemeral !== message.ephemeral) return false;
  const gap = new Date(message.at) - new Date(before.at);
  return gap >= 0 && gap < GROUP_MINUTES * 60000;
}

/** Draw a conversation into `list`; `newFrom` is the ts of the first message not yet read. */
export function redrawMessages(list, world, channel, messages, newFrom) {
  const items = [];
  let day = "";
  let before = null;
  for (const [message, reply, parent] of inOrder(messages)) {
    const at = new Date(message.at);
    const today = dayKey(at, world.zone);
    if (!reply && today !== day) {
      day = today;
      before = null;
      items.push({ key: `day-${day}`, drawnFrom: world.zone, build: () => divider(dayName(at, world.zone)) });
    }
    if (message.ts === newFrom) {
      before = null;
      items.push({ key: "new", drawnFrom: newFrom, build: () => divider("New", "new") });
    }
    const compact = !reply && !parent && follows(world, before, message);
    before = reply || parent ? null : message;
    items.push({
      key: `${reply ? "reply" : "message"}-${message.ts}`,
      drawnFrom: JSON.stringify([message, compact, parent, world.zone, world.you, world.namesDrawn]),
      build: () => draw(world, channel, message, { compact, reply, parent }),
    });
  }
  reconcile(list, items);
}

/** What a screen reader hears of a new message. */
export function announcement(world, message) {
  const who = author(world, message);
  return `${who.real_name || who.name}: ${excerpt(message, 400)}`;
}
