/** Slack's message markup, drawn as nodes: no payload text is ever parsed as HTML. */

import { h } from "./dom.js";
import { emojiFor, withEmoji } from "./emoji.js";
import { dateTokens } from "./time.js";

/** The three characters Slack escapes. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

/** A link that leaves the page, or plain text when the address is not one a person may follow. */
export function link(address, label) {
  if (!SAFE_LINK.test(address)) return document.createTextNode(label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** A person named in a text. `world` knows names: see main.js. */
export function personMention(world, id, fallback) {
  const person = world.person(id);
  const name = person ? person.real_name || person.name : fallback || id;
  const mine = id === world.you ? " mention-you" : "";
  return h("span", { class: `mention${mine}` }, `@${name}`);
}

/** A channel named in a text; one the person is in can be opened. */
export function channelMention(world, id, fallback) {
  const channel = world.channel(id);
  const name = channel ? channel.name : fallback || "private channel";
  if (!channel || !world.conversation(id)) return h("span", { class: "mention" }, `#${name}`);
  return h(
    "button",
    { class: "mention mention-channel", type: "button", onclick: () => world.open(id) },
    `#${name}`,
  );
}

/** @here, @channel, @everyone. */
export function broadcastMention(range) {
  return h("span", { class: "mention mention-you" }, `@${range}`);
}

function entity(world, inside) {
  const [target, ...rest] = inside.split("|");
  const label = rest.length ? unescape(rest.join("|")) : "";
  if (target.startsWith("@")) return personMention(world, target.slice(1), label);
  if (target.startsWith("#")) return channelMention(world, target.slice(1), label);
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, address] = target.split("^");
    const text = dateTokens(unescape(pattern ?? ""), Number(seconds), world.now, world.zone);
    const shown = Number.isFinite(Number(seconds)) ? text : label;
    const node = h("time", { title: label, class: "moment" }, shown);
    return address ? h("a", { href: address, target: "_blank", rel: "noopener" }, node) : node;
  }
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label || "@group");
  if (target.startsWith("!")) return broadcastMention(target.slice(1).split("^")[0]);
  const address = unescape(target);
  return link(address, label || address.replace(/^(mailto|tel):/, ""));
}

// A style opens after a space or punctuation and closes before one: 3*4*5 stays as it is.
const BEFORE = /(^|[\s([{"'“‘—–:;,.!?*_~>|/-])$/u;
const AFTER = /^($|[\s)\]}"'”’—–:;,.!?*_~<|/-])/u;
const STYLES = { "*": "strong", _: "em", "~": "s" };

function styledEnd(text, start) {
  const mark = text[start];
  if (!BEFORE.test(text.slice(0, start)) || /\s/.test(text[start + 1] ?? " ")) return -1;
  let end = text.indexOf(mark, start + 1);
  while (end !== -1) {
    const inside = text.slice(start + 1, end);
    if (inside.includes("\n")) return -1;
    if (inside.trim() && !/\s$/.test(inside) && AFTER.test(text.slice(end + 1))) return end;
    end = text.indexOf(mark, end + 1);
  }
  return -1;
}

const BARE = /^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]'"]/;

/** What starts at `at`: [node, where it ends], or [null, where to look on]. */
function piece(world, text, at) {
  const rest = text.slice(at);
  const mark = text[at];
  if (mark === "<") {
    const end = text.indexOf(">", at);
    if (end > at + 1) return [entity(world, text.slice(at + 1, end)), end + 1];
  } else if (mark === "`") {
    const end = text.indexOf("`", at + 1);
    if (end > at + 1) return [h("code", {}, unescape(text.slice(at + 1, end))), end + 1];
  } else if (mark === ":") {
    const name = /^:([a-z0-9_+'-]+):/.exec(rest);
    const drawn = name && emojiFor(name[1]);
    if (drawn) return [h("span", { role: "img", "aria-label": name[1] }, drawn), at + name[0].length];
  } else if (mark in STYLES) {
    const end = styledEnd(text, at);
    if (end > 0) {
      return [h(STYLES[mark], {}, ...inline(world, text.slice(at + 1, end))), end + 1];
    }
  } else if (mark === "h") {
    const address = BARE.exec(rest);
    if (address) return [link(unescape(address[0]), unescape(address[0])), at + address[0].length];
  }
  return [null, at + 1];
}

/** One line's worth of markup as nodes. */
function inline(world, text) {
  const nodes = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const [node, end] = piece(world, text, at);
    if (node) {
      if (at > from) nodes.push(unescape(text.slice(from, at)));
      nodes.push(node);
      from = end;
    }
    at = end;
  }
  if (from < text.length) nodes.push(unescape(text.slice(from)));
  return nodes;
}

function lines(world, text) {
  const nodes = [];
  let quote = null;
  for (const [number, line] of text.split("\n").entries()) {
    const quoted = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(world, quoted[1]));
      continue;
    }
    if (number && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(world, line));
  }
  return nodes;
}

/** A whole mrkdwn text as nodes. */
export function mrkdwn(world, text) {
  return String(text ?? "")
    .split(/```\n?([\s\S]*?)```/)
    .flatMap((part, index) =>
      index % 2 ? [h("pre", {}, unescape(part.replace(/\n$/, "")))] : part ? lines(world, part) : [],
    );
}

/** A text object, {type: plain_text | mrkdwn, text}, as nodes. */
export function textNodes(world, text) {
  if (!text) return [];
  if (typeof text === "string") return [withEmoji(unescape(text))];
  if (text.type === "mrkdwn") return mrkdwn(world, text.text);
  return [plainText(text)];
}

/** A text object as a plain string, for labels and titles. */
export function plainText(text) {
  if (!text) return "";
  if (typeof text === "string") return withEmoji(unescape(text));
  const words = unescape(text.text ?? "");
  return text.emoji === false ? words : withEmoji(words);
}
