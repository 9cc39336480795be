/** Faces made of initials, the same colour for the same person everywhere. */

import { h } from "./dom.js";
import { appFace } from "./icons.js";

// Each is dark enough for white letters (contrast of 4.5 or more).
const COLOURS = [
  "#b0413e", "#8a5a00", "#4c7a1f", "#00796b", "#0b6fa4", "#3f51b5", "#7b3fa0", "#a83279",
  "#5d6d3a", "#9a4f14", "#2f6f73", "#6a4c93",
];

function hash(text) {
  let sum = 2166136261; // FNV-1a: neighbours in the alphabet get colours far apart
  for (const letter of text) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619) >>> 0;
  return (sum ^ (sum >>> 13)) >>> 0;
}

/** "AS" for Ana Silva. */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** A decorative avatar; sizes are small, medium and large. */
export function avatar(person, size = "medium") {
  if (!person || person.is_bot) {
    return h("span", { class: `avatar ${size}`, "aria-hidden": "true" }, appFace());
  }
  const colour = COLOURS[hash(person.id) % COLOURS.length];
  return h(
    "span",
    { class: `avatar ${size}`, style: `background:${colour}`, "aria-hidden": "true" },
    initials(person.real_name || person.name),
  );
}
