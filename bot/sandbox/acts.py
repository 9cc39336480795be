"""What people do, as Slack's client does it for them: it builds the payload, sends it, and
shows the answer or the failure. Seats and the page both act through these functions."""

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox import payloads
from bot.sandbox.conversations import Conversation, Message, elements
from bot.sandbox.delivery import Answer
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.inputs import action_of, is_stateful, options_of, typed, values_of
from bot.sandbox.outcome import Outcome
from bot.sandbox.people import Person
from bot.sandbox.respond import place
from bot.sandbox.tickets import ResponseUrl

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
Where = Message | Json
SUGGESTIONS = 100

UNINSTALLED = "account_inactive"
_TIMEOUT = "operation_timeout"
_FAILED = "dispatch_failed"
_AT = re.compile(r"(?<!\w)@([\w.-]+)")
_HASH = re.compile(r"(?<!\w)#([\w-]+)")


def failure(answer: Answer) -> str:
    """Slack's word for a request that got no good answer."""
    return _TIMEOUT if answer.reason == "http_timeout" else _FAILED


def encoded(ws: "Workspace", text: str, *, named: bool = False) -> str:
    """Text as Slack passes it on: &, < and > escaped, @handles and #channels made references."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    handles = {person.name: person for person in ws.people.values()}
    channels = {c.name: c for c in ws.conversations.values() if c.kind == "channel"}

    def person_reference(found: re.Match[str]) -> str:
        person = handles.get(found[1])
        if person is None:
            return found[0]
        return f"<@{person.id}|{person.name}>" if named else f"<@{person.id}>"

    def channel_reference(found: re.Match[str]) -> str:
        channel = channels.get(found[1])
        return f"<#{channel.id}|{channel.name if named else ''}>" if channel else found[0]

    return _HASH.sub(channel_reference, _AT.sub(person_reference, text))


def command(
    ws: "Workspace", person: Person, name: str, text: str, channel: Conversation
) -> Outcome:
    """Type a slash command. A body in the acknowledgement is a private message."""
    if channel.kind != "im" and person.id not in channel.members:
        raise Refused("You are not in this conversation.")
    known = ws.installation.commands
    if ws.installation.refusal == UNINSTALLED or (known is not None and name not in known):
        return _fail(ws, person, "unknown_command", f"{name} is not a valid command.")
    if known is not None and known[name].should_escape:
        text = encoded(ws, text, named=True)
    with ws.changing():
        payload = payloads.command(ws, person, name, text, channel)
        before = {message.ts for message in channel.visible_to(person.id)}
    answer = ws.send("slash_commands", f"POST {name}", dict(payload))
    if not answer.ok:
        error = failure(answer)
        return _fail(ws, person, error, f"{name} failed with the error “{error}”.", answer)
    if answer.body.strip():
        try:
            _answered(ws, person, channel, answer)
        except ApiError as refused:
            says = f"{name} failed with the error “{refused.code}”: {refused.extra}"
            return _fail(ws, person, refused.code, says, answer)
    with ws.lock:
        fresh = [m for m in channel.visible_to(person.id) if m.ephemeral and m.ts not in before]
    return Outcome(True, message=fresh[-1] if fresh else None, answer=answer)


def _answered(ws: "Workspace", person: Person, channel: Conversation, answer: Answer) -> None:
    ticket = ResponseUrl("", channel.id, person.id, ws.clock())
    with ws.changing():
        place(ws, ticket, answer.json() or {"text": answer.body})


def _fail(
    ws: "Workspace", person: Person, error: str, says: str, answer: Answer | None = None
) -> Outcome:
    ws.notice(person.id, says)
    return Outcome(False, error, says, answer=answer)


def find(where: Where, action_id: str, block_id: str | None, value: Any) -> tuple[Json, Json]:
    """The block and element a person means; Refused with what there is when it is not there."""
    blocks = where.blocks if isinstance(where, Message) else where["blocks"]
    available = []
    for block, element in elements(blocks):
        available.append(f"{element['action_id']} ({element['type']} in {block['block_id']})")
        if element["action_id"] != action_id or block_id not in (None, block["block_id"]):
            continue
        if element["type"] == "button" and value not in (None, element.get("value")):
            continue
        return block, element
    wanted = f"{action_id!r}" + (f" with value {value!r}" if value is not None else "")
    raise Refused(f"There is no {wanted} here; there are: {', '.join(available) or 'none'}.")


def current(ws: "Workspace", person: Person, where: Where) -> Where:
    """The message or view as it is now: a person can only click what is on the screen."""
    with ws.lock:
        if isinstance(where, Message):
            message = ws.conversations[where.channel].find(where.ts)
            if message is None or not message.seen_by(person.id):
                raise Refused("This message is not there any more.")
            return message
        view = ws.views.find(person.id, where["id"])
        if view is None:
            raise Refused("This view is not open any more.")
        return view


def values(where: Where, person: Person) -> dict[str, dict[str, Json]]:
    """The live state of what stands in a view, or of what this person chose in a message."""
    if isinstance(where, Message):
        if person.id not in where.state:
            where.state[person.id] = values_of(where.blocks)
        return where.state[person.id]
    found: dict[str, dict[str, Json]] = where["state"]["values"]
    return found


def enter(
    ws: "Workspace", person: Person, where: Where, block: Json, element: Json, v: Any
) -> Json:
    """Type or choose `v` in a stateful element; the new state entry."""
    with ws.changing():
        before = values(where, person).get(block["block_id"], {}).get(element["action_id"], {})
        entry = typed(
            element,
            v,
            exists=lambda one: one in ws.people or one in ws.conversations,
            suggested=[
                *ws.suggested.get((person.id, block["block_id"], element["action_id"]), ()),
                *_chosen(before),
            ],
        )
        values(where, person).setdefault(block["block_id"], {})[element["action_id"]] = entry
        return entry


def _chosen(entry: Json) -> list[Json]:
    """What is chosen already may stay chosen, also where the options came from the app."""
    one = entry.get("selected_option")
    return [one] if one else list(entry.get("selected_options") or ())


def act(
    ws: "Workspace",
    person: Person,
    where: Where,
    action_id: str,
    value: Any = None,
    block_id: str | None = None,
) -> Outcome:
    """Click a button, choose in a select, type into an input. Elements of input blocks only
    tell the app when the block dispatches actions."""
    where = current(ws, person, where)
    block, element = find(where, action_id, block_id, value)
    entry: Json | None = None
    if is_stateful(element):
        entry = enter(ws, person, where, block, element, value)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Outcome(True)
        carried = None
    elif element["type"] == "overflow":
        carried = _menu_option(element, value)
    else:
        carried = element.get("value")
    with ws.changing():
        action = action_of(block, element, entry=entry, value=carried, ts=ws.next_ts())
    return dispatch(ws, person, where, action)


def _menu_option(element: Json, value: Any) -> Json:
    for option in options_of(element):
        if option.get("value") == value:
            return option
    known = ", ".join(str(option.get("value")) for option in options_of(element))
    raise Refused(f"The menu has no option {value!r}; it has: {known}.")


def dispatch(ws: "Workspace", person: Person, where: Where, action: Json) -> Outcome:
    """Send an action and show its failure."""
    with ws.changing():
        if isinstance(where, Message):
            values(where, person)
            place_ = payloads.in_message(ws, person, where)
        else:
            place_ = payloads.in_view(where)
        payload = payloads.block_actions(ws, person, place_, action)
    answer = ws.send("interactive", f"block_actions {action['action_id']}", payload)
    if answer.ok:
        return Outcome(True, answer=answer)
    says = f"The app did not respond ({failure(answer)}). Nothing happened; try again."
    return _fail(ws, person, failure(answer), says, answer)


def suggest(
    ws: "Workspace",
    person: Person,
    where: Where,
    action_id: str,
    query: str,
    block_id: str | None = None,
) -> Outcome:
    """Type into an external select and get its options."""
    where = current(ws, person, where)
    block, element = find(where, action_id, block_id, None)
    if not element["type"].endswith("external_select"):
        raise Refused(f"{action_id} has no options to look up.")
    least = element.get("min_query_length", 3)
    if len(query) < least:
        return Outcome(True)
    with ws.changing():
        place_ = (
            payloads.in_message(ws, person, where)
            if isinstance(where, Message)
            else payloads.in_view(where)
        )
        payload = payloads.block_suggestion(ws, person, place_, block, element, query)
    answer = ws.send("interactive", f"block_suggestion {action_id}", payload)
    found = answer.json() or {}
    if not answer.ok or not ("options" in found or "option_groups" in found):
        return Outcome(False, failure(answer), "The options could not be loaded.", answer=answer)
    if len(found.get("options") or found.get("option_groups") or ()) > SUGGESTIONS:
        return Outcome(False, "too_many_options", "The options could not be loaded.", answer=answer)
    with ws.lock:
        ws.suggested[(person.id, block["block_id"], action_id)] = options_of(found)
    return Outcome(
        True,
        options=found.get("options") or [],
        option_groups=found.get("option_groups") or [],
        answer=answer,
    )


def shortcut(ws: "Workspace", person: Person, callback_id: str, message: Message | None) -> Outcome:
    """Use a global shortcut, or a message shortcut on a message."""
    known = ws.installation.shortcuts
    if known is not None and callback_id not in known:
        raise Refused(f"There is no shortcut {callback_id!r}; there are: {', '.join(known)}.")
    with ws.changing():
        payload = (
            payloads.message_shortcut(ws, person, callback_id, message)
            if message
            else payloads.shortcut(ws, person, callback_id)
        )
    answer = ws.send("interactive", f"{payload['type']} {callback_id}", payload)
    if answer.ok:
        return Outcome(True, answer=answer)
    says = f"The shortcut failed ({failure(answer)}). Try again."
    return _fail(ws, person, failure(answer), says, answer)


def open_home(ws: "Workspace", person: Person, tab: str = "home") -> Json | None:
    """Open the app's Home (or Messages) tab; the Home tab as the app left it afterwards."""
    with ws.changing():
        home = ws.views.homes.get(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": ws.im(person.id).id,
            "tab": tab,
            "event_ts": ws.next_ts(),
        }
        if home is not None:
            event["view"] = home
    ws.post.event("app_home_opened", event)
    with ws.lock:
        return ws.views.homes.get(person.id)


def write(
    ws: "Workspace", person: Person, text: str, channel: Conversation, thread: str | None = None
) -> Message:
    """Write a message as a person; the app hears of it where it is subscribed."""
    if person.id not in channel.members:
        raise Refused("You are not in this conversation.")
    if channel.archived:
        raise Refused("This channel is archived.")
    if channel.kind == "im" and ws.installation.messages_read_only:
        raise Refused("Sending messages to this app has been turned off.")
    with ws.changing():
        message = ws.store(channel.id, person.id, encoded(ws, text), thread_ts=thread)
        person.read[channel.id] = message.ts
    kinds = {"im": "im", "mpim": "mpim"}
    kind = kinds.get(channel.kind) or ("group" if channel.private else "channel")
    event: Json = {
        "type": "message",
        "channel": channel.id,
        "channel_type": kind,
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "client_msg_id": f"client-{message.ts}",
        "team": ws.team_id,
    }
    if thread:
        event["thread_ts"] = thread
    if ws.bot_user_id in channel.members:
        name = {"group": "message.groups", "channel": "message.channels"}.get(kind)
        ws.post.event(name or f"message.{kind}", event)
    return message
