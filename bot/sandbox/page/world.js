/** What the chosen person sees of the workspace, and the few questions drawing asks of it. */

export class World {
  /** `page` opens conversations and sends what people do: see main.js. */
  constructor(state, drawn, page) {
    this.state = state;
    this.drawn = drawn;
    this.page = page;
    this.you = state.you;
    this.people = (state.people ?? []).map((one, place) => ({ ...one, place }));
    this.conversations = state.conversations ?? [];
    this.channels = state.channels ?? [];
    this.shortcuts = state.shortcuts ?? [];
    this.commands = state.commands ?? [];
    this.bot = state.workspace.bot.user_id;
    this.botName = state.workspace.bot.name;
    this.now = new Date(state.now);
    this.byId = new Map(this.people.map((one) => [one.id, one]));
    this.me = this.byId.get(state.you) ?? { id: state.you, real_name: state.you, tz: "UTC" };
    this.zone = this.me.tz || "UTC";
    this.namesDrawn = this.people.map((one) => one.real_name).join();
  }

  person(id) {
    return this.byId.get(id) ?? (id === this.bot ? { id, real_name: this.botName, is_bot: true } : null);
  }

  channel(id) {
    return this.channels.find((one) => one.id === id) ?? this.conversations.find((one) => one.id === id && one.kind === "channel");
  }

  conversation(id) {
    return this.conversations.find((one) => one.id === id) ?? null;
  }

  messages(id) {
    return this.state.messages?.[id] ?? [];
  }

  /** The direct conversation with the app. */
  get appConversation() {
    return this.conversations.find((one) => this.isApp(one)) ?? null;
  }

  isApp(conversation) {
    return conversation.kind === "im" && conversation.members.includes(this.bot);
  }

  /** What the sidebar calls a conversation. */
  nameOf(conversation) {
    if (conversation.kind === "channel") return conversation.name;
    if (this.isApp(conversation)) return this.botName;
    const others = conversation.members.filter((id) => id !== this.you);
    const people = others.filter((id) => id !== this.bot).map((id) => this.person(id)?.real_name ?? id);
    return [...people, ...(others.includes(this.bot) ? [this.botName] : [])].join(", ");
  }

  draws(kind, type) {
    return this.drawn[kind].includes(type);
  }

  open(conversation) {
    this.page.open(conversation);
  }

  /** Do something; a failure is shown to the person. */
  act(what, details) {
    return this.page.act(what, details);
  }

  /** Ask something; the asker deals with a failure. */
  askQuietly(what, details) {
    return this.page.askQuietly(what, details);
  }
}
