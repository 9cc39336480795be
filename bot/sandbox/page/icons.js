/** The page's own small drawings, 20 × 20, in the colour of the text around them. */

import { s } from "./dom.js";

const PATHS = {
  hash: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13M3 12.5h13",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  people: "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c.4-3 2.6-4.5 5.5-4.500s5.1 1.5 5.5 4.500M13 4a2.7 2.7 0 0 1 0 5.200M15 12.500c1.7.600 2.7 1.9 3 4",
  down: "m5 7.5 5 5 5-5",
  right: "m7.5 5 5 5-5 5",
  back: "M16 10H4.500M9 5l-5 5 5 5",
  close: "m5 5 10 10M15 5 5 15",
  more: "M10 4.500v.01M10 10v.01M10 15.500v.01",
  send: "M3.5 4 17 10 3.5 16l1.8-6zM5.5 10H11",
  bolt: "M11 2.5 4.5 11H10l-1 6.500L15.5 9H10z",
  slash: "M4 3.500h12v13H4zM12 6.500l-4 7",
  clock: "M10 17.500a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 5.500V10l3 2",
  log: "M4 4h12v12H4zM7 7.500h6M7 10h6M7 12.500h4",
  reset: "M4 10a6 6 0 1 0 2-4.500M4 3.500v3h3",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5ZM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  warning: "M10 3 2.5 16.500h15zM10 8v4M10 14.200v.01",
  info: "M10 17.500a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 9v4.500M10 6.500v.01",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.8 10.500h7.400L14.5 6",
  up: "M7 9.500V17H4V9.500zM7 9.5 10 3c1.5 0 2 1 2 2v3h3.500c1 0 1.5.800 1.3 1.800l-1 5.500c-.2 1-.8 1.7-1.8 1.700H7",
  thumbDown: "M7 10.500V3H4v7.500zM7 10.5 10 17c1.5 0 2-1 2-2v-3h3.500c1 0 1.5-.8 1.3-1.800l-1-5.500c-.2-1-.8-1.7-1.8-1.700H7",
  thread: "M4 4h12v8.500H9L5.5 16v-3.500H4z",
};

/** A decorative icon; what it means must stand in text or in a label beside it. */
export function icon(name) {
  return s(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    s("path", { d: PATHS[name] }),
  );
}

/** The app's face: two people who meet. */
export function appFace() {
  return s(
    "svg",
    { viewBox: "0 0 36 36", "aria-hidden": "true", focusable: "false", class: "app-face" },
    s("rect", { width: 36, height: 36, fill: "#5b2a86" }),
    s("circle", { cx: 13, cy: 12.5, r: 4, fill: "#ffd27a" }),
    s("circle", { cx: 23.5, cy: 12.5, r: 4, fill: "#7be0c3" }),
    s("path", { d: "M5.5 27.500c0-5.5 3.2-8.5 7.5-8.500s7.5 3 7.5 8.500z", fill: "#ffd27a" }),
    s("path", {
      d: "M16 27.500c0-5.5 3.2-8.5 7.5-8.500s7.5 3 7.5 8.500z",
      fill: "#7be0c3",
      "fill-opacity": 0.88,
    }),
  );
}
