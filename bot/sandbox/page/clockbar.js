/** The clock bar: the programme's time, and the buttons that move it. */

import { ask } from "./dialog.js";
import { h, redraw, spoken } from "./dom.js";
import { icon } from "./icons.js";
import { cityOf, shortMoment } from "./time.js";
import { moveClock, reset } from "./wire.js";

const MOVES = [
  ["hour", "+1 hour"],
  ["day", "+1 day"],
  ["monday", "Next Monday"],
  ["next", "Next event"],
  ["asleep", "Outage"],
  ["end", "To the end"],
];

const TITLES = {
  next: "Goes on until somebody sees something new",
  asleep: "Two days pass in which the bot is not at work; then it starts again",
};

export class ClockBar {
  constructor(node, page) {
    this.page = page;
    this.time = h("span", { class: "clock-time" });
    this.status = h("span", { class: "clock-status", role: "status" });
    this.bar = h("div", { class: "clock-progress", role: "progressbar", "aria-label": "Moving the clock", "aria-valuemin": 0, "aria-valuemax": 100 }, h("span", {}));
    this.moves = h("div", { class: "clock-moves", role: "group", "aria-label": "Move the programme’s time", id: "clock-moves" });
    this.toggle = h("button", {
      type: "button", class: "bar-button clock-toggle", "aria-expanded": "false", "aria-controls": "clock-moves",
      onclick: () => this.unfold(!node.classList.contains("unfolded")),
    }, icon("clock"), spoken("Move the clock"));
    this.node = node;
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !node.classList.contains("unfolded")) return;
      this.unfold(false);
      this.toggle.focus();
    });
    // Wherever somebody goes on, what was unfolded over it gives way.
    document.addEventListener("pointerdown", (event) => node.contains(event.target) || this.unfold(false));
    node.append(h("div", { class: "clock-now" }, icon("clock"), spoken("Programme time: "), this.time), this.moves, this.status, this.toggle, this.bar);
  }

  unfold(open) {
    this.node.classList.toggle("unfolded", open);
    this.toggle.setAttribute("aria-expanded", String(open));
  }

  update(world) {
    const { clock } = world.state;
    const percent = Math.round((clock.progress ?? 0) * 100);
    this.time.replaceChildren(shortMoment(world.now, world.zone), h("span", { class: "clock-city" }, ` ${cityOf(world.zone)}`));
    this.status.textContent = clock.moving ? `Moving ${clock.label ?? ""}…` : (clock.label ?? "");
    this.status.title = this.status.textContent;
    this.bar.hidden = !clock.moving;
    this.bar.setAttribute("aria-valuenow", String(percent));
    this.bar.firstChild.style.width = `${percent}%`;
    this.node.classList.toggle("moving", Boolean(clock.moving));
    const next = clock.next_event ? shortMoment(new Date(clock.next_event), world.zone) : null;
    this.moves.hidden = !clock.movable;
    this.toggle.hidden = !clock.movable;
    redraw(this.moves, JSON.stringify([clock.moving, next]), () =>
      MOVES.map(([to, label]) =>
        h("button", {
          type: "button",
          class: "bar-button",
          disabled: to === "next" && !next && !clock.moving,
          "aria-disabled": clock.moving ? "true" : null,
          title: TITLES[to] ?? null,
          dataset: { key: `clock/${to}` },
          onclick: () => this.move(to),
        }, label)));
    this.moving = clock.moving;
  }

  async move(to) {
    if (this.moving) return;
    this.moving = true;
    this.unfold(false);
    const answer = await moveClock(to);
    if (!answer.ok) this.page.notices.show(answer.message ?? "The clock could not be moved.");
    this.page.refresh();
  }
}

/** Ask, then start a new world. */
export async function startOver(page) {
  const sure = await ask({
    title: "Start over?",
    body: "Everything that happened in this workspace is forgotten, and a new programme begins.",
    confirm: "Start over",
    deny: "Keep this one",
    danger: true,
  });
  if (!sure) return;
  page.wait("A new programme is being made. Its first weeks pass…");
  const answer = await reset();
  if (answer.ok === false) {
    page.wait("");
    page.notices.show(answer.message ?? "The sandbox could not start over.");
  }
  page.refresh();
}
