/** Block Kit's blocks, drawn on a surface. */

import { h, reconcile, spoken, uniqueId } from "./dom.js";
import { chartFigure } from "./chart.js";
import { drawElement, placeholder, takesLabel } from "./elements.js";
import { icon } from "./icons.js";
import { plainText, textNodes } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";

function words(text) {
  const plain = plainText(text).replace(/[*_~`]/g, "").replace(/<[^>]*>/g, "").trim();
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}

function section(surface, block) {
  const { world } = surface;
  const name = words(block.text ?? block.fields?.[0]);
  return h(
    "div",
    { class: `block section${block.accessory ? " with-accessory" : ""}${block.accessory?.type === "image" ? " with-image" : ""}` },
    h("div", { class: "section-main" },
      block.text ? h("div", { class: "text", dir: "auto" }, textNodes(world, block.text)) : null,
      block.fields ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text", dir: "auto" }, textNodes(world, field)))) : null),
    block.accessory ? h("div", { class: "accessory" }, drawElement(surface, block, block.accessory, { name })) : null,
  );
}

function header(surface, block) {
  return h(surface.heading ?? "h3", { class: "block header-block", dir: "auto" }, textNodes(surface.world, block.text));
}

function context(surface, block) {
  return h("div", { class: "block context" }, block.elements.map((one) =>
    one.type === "image"
      ? h("img", { class: "context-image", src: one.image_url, alt: one.alt_text, referrerpolicy: "no-referrer" })
      : h("span", { class: "text", dir: "auto" }, textNodes(surface.world, one))));
}

function actions(surface, block) {
  return h("div", { class: "block actions" }, block.elements.map((element) => drawElement(surface, block, element)));
}

function input(surface, block) {
  const { element } = block;
  const error = surface.errors[block.block_id];
  const id = uniqueId("field");
  const hintId = block.hint ? uniqueId("hint") : null;
  const errorId = error ? uniqueId("error") : null;
  const described = [errorId, hintId].filter(Boolean).join(" ") || null;
  const direct = takesLabel(element);
  const label = [textNodes(surface.world, block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  const frame = { id, name: plainText(block.label), labelled: direct, describedBy: described, invalid: Boolean(error) };
  return h(
    "div",
    { class: `block input${error ? " has-error" : ""}`, dataset: { block: block.block_id } },
    h(direct ? "label" : "div", { class: "input-label", for: direct ? id : null }, label),
    drawElement(surface, block, element, frame),
    error ? h("p", { class: "field-error", id: errorId }, icon("warning"), error) : null,
    block.hint ? h("p", { class: "hint", id: hintId }, textNodes(surface.world, block.hint)) : null,
  );
}

function image(surface, block) {
  const source = block.image_url ?? block.slack_file?.url;
  return h("figure", { class: "block image-block" },
    block.title ? h("figcaption", {}, textNodes(surface.world, block.title)) : null,
    h("img", { src: source ?? "", alt: block.alt_text, referrerpolicy: "no-referrer" }));
}

const LEVELS = { info: "info", warning: "warning", error: "warning", success: "check", default: "info" };

function alert(surface, block) {
  const level = block.level ?? "default";
  const urgent = level === "error" || level === "warning";
  return h("div", { class: `block alert alert-${level}`, role: urgent ? "alert" : "status" },
    icon(LEVELS[level] ?? "info"), spoken(level === "default" ? "" : `${level}: `),
    h("div", { class: "text", dir: "auto" }, textNodes(surface.world, block.text)));
}

function cell(world, content) {
  if (!content) return "";
  if (content.type === "rich_text") return richText(world, content);
  if (content.type === "raw_number") return String(content.number ?? content.value ?? content.text ?? "");
  return plainText({ text: content.text ?? "", emoji: true });
}

function table(surface, block) {
  const settings = block.column_settings ?? [];
  const at = (column) => `align-${settings[column]?.align ?? "left"}${settings[column]?.is_wrapped ? " wraps" : ""}`;
  const [head = [], ...rows] = block.rows ?? [];
  const caption = plainText(block.caption);
  return h("div", { class: "block table-block", tabindex: 0, role: "region", "aria-label": caption || "Table" },
    h("table", {},
      caption ? h("caption", {}, caption) : null,
      h("thead", {}, h("tr", {}, head.map((one, n) => h("th", { scope: "col", class: at(n) }, cell(surface.world, one))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((one, n) => h("td", { class: at(n) }, cell(surface.world, one))))))));
}

function card(surface, block) {
  const { world } = surface;
  const picture = (one, name) => h("img", { class: name, src: one.image_url, alt: one.alt_text ?? "", referrerpolicy: "no-referrer" });
  return h("article", { class: "block card" },
    block.hero_image ? picture(block.hero_image, "card-hero") : null,
    h("div", { class: "card-head" },
      block.icon ? picture(block.icon, "card-icon") : null,
      h("div", {},
        block.title ? h("div", { class: "card-title" }, textNodes(world, block.title)) : null,
        block.subtitle ? h("div", { class: "card-subtitle" }, textNodes(world, block.subtitle)) : null)),
    block.body ? h("div", { class: "text" }, textNodes(world, block.body)) : null,
    block.subtext ? h("div", { class: "card-subtitle" }, textNodes(world, block.subtext)) : null,
    block.actions?.length ? h("div", { class: "actions" }, block.actions.map((one) => drawElement(surface, block, one))) : null);
}

function carousel(surface, block) {
  return h("div", { class: "block carousel", role: "group", "aria-label": "Cards", tabindex: 0 },
    block.elements.map((one, n) => card(surface, { block_id: `${block.block_id}-${n}`, ...one })));
}

function container(surface, block) {
  const title = block.rich_text_title ? richText(surface.world, block.rich_text_title) : textNodes(surface.world, block.title);
  const inside = h("div", { class: "container-inside" }, (block.child_blocks ?? block.blocks ?? []).map((child) => drawBlock(surface, child)));
  const head = [h("strong", {}, title), block.subtitle ? h("span", { class: "card-subtitle" }, textNodes(surface.world, block.subtitle)) : null];
  if (!block.is_collapsible) return h("div", { class: "block container" }, h("div", { class: "container-head" }, head), inside);
  return h("details", { class: "block container", open: !block.default_collapsed }, h("summary", { class: "container-head" }, head), inside);
}

const DRAW = {
  section, header, context, actions, input, image, alert, table, card, carousel, container,
  data_table: table,
  context_actions: actions,
  divider: () => h("hr", { class: "block divider" }),
  rich_text: (surface, block) => h("div", { class: "block text rich-text", dir: "auto" }, richText(surface.world, block)),
  markdown: (surface, block) => h("div", { class: "block text markdown", dir: "auto" }, markdown(block.text)),
  data_visualization: (surface, block) => h("div", { class: "block" }, chartFigure(block)),
};

/** One block, or the placeholder for a type drawn.json does not name. */
export function drawBlock(surface, block) {
  const draw = surface.world.draws("blocks", block.type) && DRAW[block.type];
  return draw ? draw(surface, block) : placeholder(block.type);
}

/** All blocks of a surface, for a place that is redrawn as a whole. */
export function drawBlocks(surface) {
  return (surface.blocks ?? []).map((block) => drawBlock(surface, block));
}

/** What a block was drawn from: the same text means the same drawing. */
export function drawnFrom(surface, block) {
  const { world } = surface;
  const error = surface.errors[block.block_id] ?? "";
  return JSON.stringify([surface.id, block, error, world.you, world.zone, world.namesDrawn]);
}

/** Draw a surface's blocks into `container`, keeping the nodes of blocks that did not change. */
export function redrawBlocks(container, surface) {
  reconcile(container, (surface.blocks ?? []).map((block, index) => ({
    key: block.block_id ?? `block-${index}`,
    drawnFrom: drawnFrom(surface, block),
    build: () => drawBlock(surface, block),
  })));
}
