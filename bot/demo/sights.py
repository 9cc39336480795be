"""What people see in the workspace, and who saw something new."""

from typing import Any

from bot.sandbox.workspace import Workspace

Sights = dict[str, Any]
"""By conversation, what stands in it; by person, the Home tab."""

NAMED = 3


def sights(slack: Workspace) -> Sights:
    """Everything that can be seen now."""
    with slack.lock:
        said = {
            one.id: [(message.ts, message.text, message.blocks) for message in one.messages]
            for one in slack.conversations.values()
        }
        return said | {person: view["blocks"] for person, view in slack.views.homes.items()}


def news(slack: Workspace, before: Sights) -> str:
    """Who has something new to look at: "New for Ben, Tom, Lea and 2 more"."""
    after = sights(slack)
    people, channels = [], []
    for place in after:
        if after[place] == before.get(place):
            continue
        conversation = slack.conversations.get(place)
        if conversation is None:
            people.append(place)
        elif conversation.kind == "channel":
            channels.append(f"#{conversation.name}")
        else:
            people += [one for one in conversation.members if one != slack.bot_user_id]
    named = [slack.people[one].real_name.split()[0] for one in dict.fromkeys(people)] + channels
    if not named:
        return "Nobody saw anything new"
    more = len(named) - NAMED
    return f"New for {', '.join(named[:NAMED])}{f' and {more} more' if more > 0 else ''}"
