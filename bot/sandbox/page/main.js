/** The sandbox page: keeps the chosen person's view of the workspace fresh and hands it to the parts. */

import { ClockBar, startOver } from "./clockbar.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { closeFloating } from "./floating.js";
import { icon } from "./icons.js";
import { LogDrawer } from "./logdrawer.js";
import { Modals } from "./modal.js";
import { Notices } from "./notices.js";
import { Pane } from "./pane.js";
import { redrawPlaces, Switcher } from "./sidebar.js";
import { forget } from "./values.js";
import { act, fetchState, listen } from "./wire.js";
import { World } from "./world.js";

const LEAST_GAP_MS = 200;
const LOOK_AGAIN_MS = 20000;
const LOOK_SOON_MS = 500;
const LOST_AFTER_MS = 1500;
const PATIENCE_MS = 30000;
const MAKING = "A new programme is being made. Its first weeks pass…";
const LOST = "The sandbox does not answer. Waiting for it…";

const part = (id) => document.getElementById(id);

class Page {
  constructor(drawn) {
    this.drawn = drawn;
    this.version = -1;
    this.team = null;
    this.readAddress();
    this.wait("");
    this.notices = new Notices(part("notices"), part("news"));
    this.switcher = new Switcher(part("you"), (id) => this.become(id));
    this.clock = new ClockBar(part("clock"), this);
    this.composer = new Composer(part("composer"), this);
    this.modals = new Modals(part("modal"));
    this.pane = new Pane({
      header: part("pane-header"), scroller: part("messages"), list: part("message-list"),
      start: part("beginning"), home: part("home"),
    }, this);
    this.log = new LogDrawer(part("log"), part("log-button"), () => this.world);
    part("reset-button").addEventListener("click", () => startOver(this));
    part("menu-button").addEventListener("click", () => this.showSidebar(!document.body.classList.contains("sidebar-open")));
    part("veil").addEventListener("click", () => this.showSidebar(false));
    part("sidebar").addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.showSidebar(false));
    window.addEventListener("popstate", () => {
      this.readAddress();
      this.refresh();
    });
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
    setInterval(() => !document.hidden && this.refresh(), LOOK_AGAIN_MS);
  }

  readAddress() {
    const address = new URLSearchParams(location.search);
    this.person = address.get("as");
    this.place = address.get("in");
  }

  writeAddress(push) {
    const address = `?${new URLSearchParams({ as: this.person, in: this.place })}`;
    if (address === location.search) return;
    history[push ? "pushState" : "replaceState"](null, "", address);
  }

  /** Look again soon: at most one question under way, and a pause between two. */
  refresh() {
    if (this.fetching) {
      this.again = true;
      return this.fetching;
    }
    this.fetching = this.fetch().finally(() => {
      setTimeout(() => {
        this.fetching = null;
        if (!this.again) return;
        this.again = false;
        this.refresh();
      }, LEAST_GAP_MS);
    });
    return this.fetching;
  }

  async fetch() {
    const asked = this.person;
    try {
      const state = await fetchState(asked);
      this.link("open");
      if (asked !== this.person) this.again = true; // somebody else was chosen meanwhile
      else if (state.workspace) this.take(state);
      // A world that is half made is not shown: its people have not read their letters yet.
      else if (state.error === "being_made") this.wait(MAKING);
      else if (asked) this.startAnew();
    } catch {
      this.link("lost");
    }
  }

  /** What was typed, logged, read and heard belongs to a world that is gone. */
  newWorld() {
    this.pane.leave();
    this.log.clear();
    forget("", new Set());
    this.hearing = null;
    this.wait("");
  }

  /** Say what is being waited for, until a new world is there or the sentence is empty. */
  wait(sentence) {
    clearTimeout(this.patience);
    if (sentence) this.patience = setTimeout(() => this.wait(""), PATIENCE_MS);
    this.waiting = sentence;
    part("offline").textContent = sentence || LOST;
    part("offline").hidden = !sentence;
  }

  startAnew() {
    this.person = null;
    this.place = null;
    this.again = true;
  }

  take(state) {
    if (state.world !== this.world?.state.world) this.newWorld();
    this.version = state.version;
    this.person = state.you;
    this.world = new World(state, this.drawn, this);
    this.draw();
    this.hear();
    this.log.update();
    this.read();
  }

  draw() {
    const { world } = this;
    const app = world.appConversation ?? world.conversations[0];
    if (!app) return;
    const conversation = this.place === "home" ? app : (world.conversation(this.place) ?? app);
    if (this.place !== "home") this.place = conversation.id;
    this.conversation = conversation;
    this.writeAddress(false);
    part("workspace-name").textContent = world.state.workspace.name;
    this.switcher.update(world);
    redrawPlaces(part("places"), world, this.place);
    this.clock.update(world);
    this.pane.update(world, conversation, this.place);
    part("composer").hidden = this.place === "home";
    this.composer.update(world, conversation);
    // Nobody was chosen yet: what is open belongs to somebody else.
    if (!this.choosing) this.modals.update(world);
    this.notices.meet(world.you, world.state.notices);
    const unread = world.conversations.reduce((sum, one) => sum + one.unread, 0);
    document.title = `${unread ? `(${unread}) ` : ""}${world.nameOf(conversation)} | ${world.me.real_name} | ${world.state.workspace.name}`;
    document.body.classList.add("ready");
  }

  /** Listen as the chosen person. */
  hear() {
    if (this.hearing === this.person) return;
    this.stop?.();
    this.hearing = this.person;
    this.stop = listen(this.person, this.version, {
      onChange: (version) => version !== this.version && this.refresh(),
      onLink: (how) => this.link(how),
    });
  }

  link(how) {
    clearTimeout(this.lost);
    if (how === "open") {
      part("offline").hidden = !this.waiting;
      if (!this.away) return;
      this.away = false;
      this.log.clear(); // it may be another sandbox that answers now
      this.refresh();
      return;
    }
    this.away = true;
    this.lost = setTimeout(() => (part("offline").hidden = false), LOST_AFTER_MS);
  }

  /** What is open and looked at counts as read. */
  read() {
    const { conversation, world } = this;
    if (document.hidden || this.place === "home" || !conversation?.unread) return;
    this.askQuietly("read", { channel: conversation.id });
  }

  async askQuietly(what, details) {
    const answer = await act(this.person, what, details);
    await this.refresh();
    return answer;
  }

  async act(what, details) {
    const answer = await this.askQuietly(what, details);
    if (!answer.ok) this.notices.show(answer.message || `That did not work (${answer.error}).`);
    return answer;
  }

  /** The address chose nobody: ask who they are. */
  welcome() {
    this.showSidebar(true);
    this.switcher.open(() => this.chosen());
  }

  /** Somebody was chosen, or whoever is shown will do. */
  chosen() {
    this.choosing = false;
    if (this.world.you === this.person) this.draw();
  }

  /** Become somebody else; what they see opens at their messages with the app. */
  become(person) {
    if (person === this.person) return this.showSidebar(false);
    closeFloating();
    this.person = person;
    if (this.place !== "home") this.place = "";
    this.pane.leave();
    this.notices.hush();
    this.moved();
    return undefined;
  }

  /** Open a conversation, or "home". */
  open(place) {
    if (place === this.place) return this.showSidebar(false);
    this.place = place;
    this.pane.leave();
    this.moved();
    return undefined;
  }

  async moved() {
    this.writeAddress(true);
    this.showSidebar(false);
    if (this.world?.you === this.person) this.draw();
    if (this.place === "home") await this.askQuietly("home", {});
    else await this.refresh();
  }

  showSidebar(open) {
    document.body.classList.toggle("sidebar-open", open);
    part("menu-button").setAttribute("aria-expanded", String(open));
  }
}

part("menu-button").append(icon("menu"));
part("log-button").prepend(icon("log"));
part("reset-button").prepend(icon("reset"));
const drawn = await fetch("/page/drawn.json").then((answer) => answer.json());
const page = new Page(drawn);
const stranger = !page.person;
page.choosing = stranger;
if (stranger) page.place = "home";
await page.refresh();
while (!page.world && page.waiting) {
  await new Promise((done) => setTimeout(done, LOOK_SOON_MS));
  await page.refresh();
}
if (page.place === "home") page.askQuietly("home", {});
if (stranger && page.world) page.welcome();
if (!page.world) document.body.append(h("p", { class: "fatal" }, "The sandbox does not answer. Is it still running?"));
