/** What a select can offer: its own options, the app's answers, people, conversations, channels. */

import { h } from "./dom.js";
import { avatar } from "./avatar.js";
import { icon } from "./icons.js";
import { plainText } from "./mrkdwn.js";

function optionOf(option) {
  return {
    value: option.value,
    text: plainText(option.text),
    detail: option.description ? plainText(option.description) : "",
  };
}

function matching(query, groups) {
  const wanted = query.toLowerCase();
  return groups
    .map((group) => ({
      ...group,
      options: group.options.filter((one) => `${one.text} ${one.search ?? ""}`.toLowerCase().includes(wanted)),
    }))
    .filter((group) => group.options.length);
}

function ownGroups(element) {
  if (element.option_groups) {
    return element.option_groups.map((group) => ({
      label: plainText(group.label),
      options: group.options.map(optionOf),
    }));
  }
  return [{ options: (element.options ?? []).map(optionOf) }];
}

function personOption(person) {
  return {
    value: person.id,
    text: person.real_name || person.name,
    detail: person.title,
    search: person.name,
    picture: () => avatar(person, "small"),
  };
}

function channelOption(channel) {
  return {
    value: channel.id,
    text: channel.name,
    picture: () => h("span", { class: "option-icon" }, icon(channel.private ? "lock" : "hash")),
  };
}

function directOption(world, conversation) {
  return {
    value: conversation.id,
    text: world.nameOf(conversation),
    picture: () => h("span", { class: "option-icon" }, icon("people")),
  };
}

function peopleGroups(world) {
  return [{ options: world.people.filter((one) => !one.deleted).map(personOption) }];
}

function conversationGroups(world, filter = {}) {
  const kinds = filter.include ?? ["im", "mpim", "public", "private"];
  const options = [
    ...world.channels
      .filter((one) => kinds.includes(one.private ? "private" : "public"))
      .map(channelOption),
    ...world.conversations
      .filter((one) => one.kind !== "channel" && kinds.includes(one.kind))
      .filter((one) => !(filter.exclude_bot_users && one.kind === "im" && one.members.includes(world.bot)))
      .map((one) => directOption(world, one)),
  ];
  return [{ options }];
}

async function suggested(surface, block, element, query, labels) {
  const least = element.min_query_length ?? 3;
  if (query.length < least) return least === 1 ? "Type to search" : `Type ${least} or more characters to search`;
  const answer = await surface.suggest(block, element, query);
  if (!answer.ok) return "Options could not be loaded. Try again.";
  const groups = ownGroups(answer);
  for (const group of groups) for (const one of group.options) labels.set(one.value, one.text);
  return groups;
}

/** {find, labelOf} for a select element. */
export function sourceOf(surface, block, element) {
  const { world, values } = surface;
  const kind = element.type.replace("multi_", "");
  const byValue = (groups) => (value) =>
    groups().flatMap((group) => group.options).find((one) => one.value === value)?.text ?? value;
  const local = (groups) => ({ find: (query) => matching(query, groups()), labelOf: byValue(groups) });
  switch (kind) {
    case "users_select": {
      const { find } = local(() => peopleGroups(world));
      return { find, labelOf: (id) => world.person(id)?.real_name || world.person(id)?.name || id };
    }
    case "channels_select":
      return local(() => conversationGroups(world, { include: ["public"] }));
    case "conversations_select": {
      const { find } = local(() => conversationGroups(world, element.filter));
      return { find, labelOf: byValue(() => conversationGroups(world)) };
    }
    case "external_select": {
      const { labels } = values;
      for (const one of values.keptOptions(block, element)) labels.set(one.value, plainText(one.text));
      return {
        find: (query) => suggested(surface, block, element, query, labels),
        labelOf: (value) => labels.get(value) ?? value,
      };
    }
    default:
      return local(() => ownGroups(element));
  }
}
