/** Faces made of initials, the same colour for the same person everywhere. */

import { h } from "./dom.js";
import { appFace } from "./icons.js";

// Taken in turn by a person's place among all people, so that neighbours differ. Each is dark
// enough for white letters (contrast of 4.5 or more).
const COLOURS = [
  "#0b6fa4", "#a83279", "#4c7a1f", "#7b3fa0", "#9a4f14", "#00796b", "#b0413e", "#3f51b5",
  "#5d6d3a", "#6a4c93", "#8a5a00", "#2f6f73",
];

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
  const colour = COLOURS[(person.place ?? 0) % COLOURS.length];
  return h(
    "span",
    { class: `avatar ${size}`, style: `background:${colour}`, "aria-hidden": "true" },
    initials(person.real_name || person.name),
  );
}
