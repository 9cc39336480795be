/** rich_text blocks and standard Markdown, drawn as nodes. */

import { h } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { broadcastMention, channelMention, link, personMention } from "./mrkdwn.js";
import { dateTokens } from "./time.js";

function styled(node, style = {}) {
  let result = node;
  for (const [name, tag] of [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]]) {
    if (style[name]) result = h(tag, {}, result);
  }
  return result;
}

function leaf(world, element) {
  switch (element.type) {
    case "text":
      return document.createTextNode(element.text);
    case "link":
      return link(element.url, element.text || element.url);
    case "user":
      return personMention(world, element.user_id);
    case "channel":
      return channelMention(world, element.channel_id);
    case "broadcast":
      return broadcastMention(element.range);
    case "usergroup":
      return h("span", { class: "mention" }, "@group");
    case "emoji":
      return document.createTextNode(emojiFor(element.name) ?? `:${element.name}:`);
    case "date":
      return h("time", { title: element.fallback ?? "" },
        dateTokens(element.format, element.timestamp, world.now, world.zone));
    case "color":
      return h("code", {}, element.value);
    default:
      return document.createTextNode(element.text ?? "");
  }
}

function leaves(world, elements = []) {
  return elements.map((element) => styled(leaf(world, element), element.style));
}

function list(world, element) {
  const tag = element.style === "ordered" ? "ol" : "ul";
  const start = element.offset ? { start: element.offset + 1 } : {};
  return h(
    tag,
    { class: `indent-${element.indent ?? 0}`, ...start },
    element.elements.map((section) => h("li", {}, leaves(world, section.elements))),
  );
}

/** A rich_text block's content. */
export function richText(world, block) {
  return (block.elements ?? []).map((element) => {
    switch (element.type) {
      case "rich_text_list":
        return list(world, element);
      case "rich_text_quote":
        return h("blockquote", {}, leaves(world, element.elements));
      case "rich_text_preformatted":
        return h("pre", {}, leaves(world, element.elements));
      default:
        return h("div", { class: "rich-section" }, leaves(world, element.elements));
    }
  });
}

const INLINE =
  /(`[^`]+`)|(\*\*[^*]+\*\*)|(__[^_]+__)|(~~[^~]+~~)|(\*[^*\s][^*]*\*)|(\[[^\]]+\]\([^)\s]+\))/;

function markdownLine(text) {
  return text.split(INLINE).filter(Boolean).map((part) => {
    if (/^`.+`$/.test(part)) return h("code", {}, part.slice(1, -1));
    if (/^(\*\*|__).+\1$/.test(part)) return h("strong", {}, part.slice(2, -2));
    if (/^~~.+~~$/.test(part)) return h("s", {}, part.slice(2, -2));
    if (/^\*.+\*$/.test(part)) return h("em", {}, part.slice(1, -1));
    const target = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    return target ? link(target[2], target[1]) : document.createTextNode(part);
  });
}

function markdownGroup(kind, rows) {
  if (kind === "pre") return h("pre", {}, rows.join("\n"));
  if (kind === "ul" || kind === "ol") return h(kind, {}, rows.map((row) => h("li", {}, markdownLine(row))));
  if (kind === "quote") return h("blockquote", {}, rows.flatMap((row) => [...markdownLine(row), h("br")]));
  if (kind === "rule") return h("hr");
  if (kind === "heading") return h("p", { class: "markdown-heading" }, markdownLine(rows[0]));
  return h("p", {}, rows.flatMap((row, n) => (n ? [h("br"), ...markdownLine(row)] : markdownLine(row))));
}

const LINES = [
  ["heading", /^#{1,6}\s+(.*)$/],
  ["rule", /^(?:---+|\*\*\*+)\s*$/],
  ["ul", /^\s*[-*+]\s+(.*)$/],
  ["ol", /^\s*\d+[.)]\s+(.*)$/],
  ["quote", /^>\s?(.*)$/],
];

/** Standard Markdown as a markdown block carries it: the common part of it. */
export function markdown(text) {
  const nodes = [];
  let group = null;
  const close = () => {
    if (group) nodes.push(markdownGroup(group.kind, group.rows));
    group = null;
  };
  const add = (kind, row) => {
    if (group?.kind !== kind || kind === "heading" || kind === "rule") {
      close();
      group = { kind, rows: [] };
    }
    group.rows.push(row);
  };
  let fenced = false;
  for (const line of String(text).split("\n")) {
    if (/^```/.test(line)) {
      fenced = !fenced;
      close();
      continue;
    }
    const rule = fenced ? null : LINES.find(([, pattern]) => pattern.test(line));
    if (fenced) add("pre", line);
    else if (rule) add(rule[0], rule[1].exec(line)[1] ?? "");
    else if (line.trim()) add("p", line);
    else close();
  }
  close();
  return nodes;
}
