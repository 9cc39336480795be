/** data_visualization: bar, line, area and pie as inline SVG, each with its numbers as a table. */

import { h, s, uniqueId } from "./dom.js";

// A unit is a pixel where there is room: letters keep their size on a narrow screen.
const WIDTH = window.innerWidth < 760 ? 300 : 560;
const HEIGHT = 240;
const LETTER = 7;
const LEFT = 36;
const RIGHT = 8;
const TOP = 10;
const FLOOR = HEIGHT - 26;

/** Series take these colours in order; style.css gives each a light and a dark value. */
function colour(index) {
  return `var(--series-${(index % 6) + 1})`;
}

function niceStep(top) {
  const raw = Math.max(top, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw);
  return Number.isInteger(top) && step < 1 ? 1 : step;
}

function axes(categories, top, step, slot) {
  const parts = [];
  for (let value = 0; value <= top + 1e-9; value += step) {
    const y = FLOOR - (value / top) * (FLOOR - TOP);
    parts.push(s("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "grid" }));
    parts.push(
      s("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, String(Math.round(value * 100) / 100)),
    );
  }
  const longest = Math.max(...categories.map((label) => label.length), 1) * LETTER + 4;
  const every = Math.ceil(Math.min(longest, 70) / slot);
  const most = Math.floor((slot * every) / LETTER);
  categories.forEach((label, index) => {
    if (index % every) return;
    const x = LEFT + slot * (index + 0.5);
    const short = label.length > most ? `${label.slice(0, most - 1)}…` : label;
    parts.push(s("text", { x, y: FLOOR + 18, "text-anchor": "middle" }, short));
  });
  return parts;
}

function valueOf(series, label) {
  return series.data.find((point) => point.label === label)?.value ?? 0;
}

function bars(series, categories, slot, y) {
  const gap = Math.min(14, slot * 0.25);
  const width = Math.min(28, (slot - gap) / series.length);
  return series.flatMap((one, index) =>
    categories.map((label, place) => {
      const value = valueOf(one, label);
      const x = LEFT + slot * (place + 0.5) + (index - series.length / 2) * width;
      const height = Math.max(0, FLOOR - y(value));
      return s(
        "rect",
        { x, y: FLOOR - height, width: Math.max(1, width - 2), height, rx: Math.min(2, width / 4), fill: colour(index) },
        s("title", {}, `${one.name}, ${label}: ${value}`),
      );
    }),
  );
}

function curves(series, categories, slot, y, filled) {
  return series.flatMap((one, index) => {
    const points = categories.map((label, place) => [LEFT + slot * (place + 0.5), y(valueOf(one, label))]);
    const path = points.map(([px, py], n) => `${n ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const area = `${path}L${points.at(-1)[0]} ${FLOOR}L${points[0][0]} ${FLOOR}Z`;
    return [
      filled && s("path", { d: area, fill: colour(index), "fill-opacity": 0.22 }),
      s("path", { d: path, fill: "none", stroke: colour(index), "stroke-width": 2.5, "stroke-linejoin": "round" }),
      points.map(([cx, cy], n) =>
        s("circle", { cx, cy, r: 3.2, fill: colour(index) },
          s("title", {}, `${one.name}, ${categories[n]}: ${valueOf(one, categories[n])}`))),
    ];
  });
}

function plot(chart, summary) {
  const series = chart.series ?? [];
  const categories = chart.axis_config?.categories ?? series[0]?.data.map((point) => point.label) ?? [];
  const largest = Math.max(1, ...series.flatMap((one) => one.data.map((point) => point.value)));
  const step = niceStep(largest);
  const top = Math.ceil(largest / step) * step;
  const slot = (WIDTH - LEFT - RIGHT) / Math.max(1, categories.length);
  const y = (value) => FLOOR - (value / top) * (FLOOR - TOP);
  const marks =
    chart.type === "bar"
      ? bars(series, categories, slot, y)
      : curves(series, categories, slot, y, chart.type === "area");
  return s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": summary, class: "plot" },
    axes(categories, top, step, slot),
    marks,
  );
}

function pie(chart, summary) {
  const segments = chart.segments ?? [];
  const total = segments.reduce((sum, one) => sum + one.value, 0) || 1;
  let angle = -Math.PI / 2;
  const slices = segments.map((one, index) => {
    const share = one.value / total;
    const start = angle;
    angle += share * 2 * Math.PI;
    const title = s("title", {}, `${one.label}: ${one.value} (${Math.round(share * 100)} %)`);
    if (share > 0.999) return s("circle", { cx: 120, cy: 120, r: 104, fill: colour(index) }, title);
    const point = (a) => `${120 + 104 * Math.cos(a)} ${120 + 104 * Math.sin(a)}`;
    const d = `M120 120L${point(start)}A104 104 0 ${share > 0.5 ? 1 : 0} 1 ${point(angle)}Z`;
    return s("path", { d, fill: colour(index), class: "slice" }, title);
  });
  return s("svg", { viewBox: "0 0 240 240", role: "img", "aria-label": summary, class: "pie" }, slices);
}

function legend(names, title) {
  return h(
    "ul",
    { class: "legend", "aria-label": `Legend of ${title}` },
    names.map((name, index) =>
      h("li", {}, h("span", { class: "swatch", style: `background:${colour(index)}`, "aria-hidden": "true" }), name),
    ),
  );
}

function numbers(title, chart) {
  const head = (cells) => h("tr", {}, cells.map((cell) => h("th", { scope: "col" }, cell)));
  const row = (label, cells) =>
    h("tr", {}, h("th", { scope: "row" }, label), cells.map((cell) => h("td", {}, cell)));
  if (chart.type === "pie") {
    return h("table", { class: "spoken" }, h("caption", {}, title), head(["Part", "Value"]),
      (chart.segments ?? []).map((one) => row(one.label, [one.value])));
  }
  const categories = chart.axis_config?.categories ?? chart.series[0].data.map((point) => point.label);
  return h("table", { class: "spoken" }, h("caption", {}, title),
    head([chart.axis_config?.x_label ?? "", ...chart.series.map((one) => one.name)]),
    categories.map((label) => row(label, chart.series.map((one) => valueOf(one, label)))));
}

/** A data_visualization block; its text alternative names the last point and the table holds all. */
export function chartFigure(block) {
  const chart = block.chart ?? {};
  const title = block.title?.text ?? block.title ?? "Chart";
  const round = chart.type === "pie";
  const names = round ? (chart.segments ?? []).map((one) => `${one.label}: ${one.value}`) : (chart.series ?? []).map((one) => one.name);
  const latest = round
    ? names.join(", ")
    : (chart.series ?? []).map((one) => `${one.name} ${one.data.at(-1)?.value ?? 0}`).join(", ");
  const last = round ? "" : ` at ${chart.series?.[0]?.data.at(-1)?.label ?? "the end"}`;
  const summary = `${chart.type} chart, ${title}${last}: ${latest}`;
  const axes = [chart.axis_config?.y_label, chart.axis_config?.x_label].filter(Boolean).join(" by ");
  const id = uniqueId("chart");
  return h(
    "figure",
    { class: `chart chart-${chart.type}`, "aria-labelledby": id },
    h("figcaption", { id }, title),
    h("div", { class: "chart-body" }, round ? pie(chart, summary) : plot(chart, summary), legend(names, title)),
    // What the title says already is not said again.
    !round && axes && axes.toLowerCase() !== title.toLowerCase()
      ? h("p", { class: "axis-labels" }, axes)
      : null,
    numbers(title, chart),
  );
}
