"""What the page asks to have done, put into the acts of a person."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import acts, modals
from bot.sandbox.conversations import Conversation, Message
from bot.sandbox.errors import Refused
from bot.sandbox.inputs import is_stateful
from bot.sandbox.outcome import Outcome
from bot.sandbox.people import Person
from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def do(ws: Workspace, body: Mapping[str, Any]) -> Json:
    """Carry out one request of the page; {"ok": …} as its protocol says. Raises nothing for
    what a person might get wrong."""
    try:
        person = ws.people.get(str(body.get("as")))
        if person is None:
            raise Refused("There is no such person in this workspace.")
        action = _DEEDS.get(str(body.get("do")))
        if action is None:
            raise Refused(f"Nobody can do {body.get('do')!r} here.")
        return action(ws, person, body)
    except Refused as refused:
        return {"ok": False, "error": "refused", "message": str(refused)}
    except (KeyError, TypeError) as wrong:
        return {"ok": False, "error": "bad_request", "message": f"The request lacks {wrong}."}


def _shown(outcome: Outcome, **more: Any) -> Json:
    if outcome.ok:
        return {"ok": True, **more}
    return {"ok": False, "error": outcome.error, "message": outcome.says}


def _channel(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Conversation:
    if not body.get("channel"):
        return ws.im(person.id)
    found = ws.conversations.get(body["channel"])
    if found is None or person.id not in found.members:
        raise Refused("You are not in this conversation.")
    return found


def _where(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Message | Json:
    where = body["where"]
    if "view" in where:
        return _view(ws, person, where["view"])
    place = where["message"]
    conversation = ws.conversations.get(place["channel"])
    message = conversation.find(place["ts"]) if conversation else None
    if message is None:
        raise Refused("This message is not there any more.")
    return message


def _view(ws: Workspace, person: Person, view_id: str) -> Json:
    view = ws.views.find(person.id, view_id)
    if view is None:
        raise Refused("This view is not open any more.")
    return view


def _type_all(
    ws: Workspace, person: Person, where: Message | Json, state: Mapping[str, Any] | None
) -> None:
    """Take over what stands in the page's fields. What the app has replaced meanwhile is gone."""
    for block_id, entries in (state or {}).items():
        for action_id, value in entries.items():
            try:
                block, element = acts.find(where, action_id, block_id, None)
            except Refused:
                continue
            if is_stateful(element):
                acts.enter(ws, person, where, block, element, value)


def _command(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    channel = _channel(ws, person, body)
    return _shown(acts.command(ws, person, body["command"], body.get("text") or "", channel))


def _message(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    text = body["text"]
    if not text.strip():
        raise Refused("There is nothing to send.")
    written = acts.write(
        ws, person, text, _channel(ws, person, body), body.get("thread_ts") or None
    )
    return {"ok": True, "ts": written.ts}


def _home(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    acts.open_home(ws, person)
    return {"ok": True}


def _read(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    Seat(ws, person).read(_channel(ws, person, body))
    return {"ok": True}


def _action(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    where = _where(ws, person, body)
    action_id, block_id, value = body["action_id"], body["block_id"], body.get("value")
    others = {
        block: {
            action: v for action, v in entries.items() if (block, action) != (block_id, action_id)
        }
        for block, entries in (body.get("state") or {}).items()
    }
    _type_all(ws, person, where, others)
    return _shown(acts.act(ws, person, where, action_id, value, block_id))


def _suggest(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    where = _where(ws, person, body)
    query = body.get("query") or ""
    outcome = acts.suggest(ws, person, where, body["action_id"], query, body["block_id"])
    if outcome.option_groups:
        return _shown(outcome, option_groups=outcome.option_groups)
    return _shown(outcome, options=outcome.options)


def _submit(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    _type_all(ws, person, _view(ws, person, body["view"]), body.get("state"))
    outcome = modals.submit(ws, person, body["view"])
    if outcome.result == "failed":
        return _shown(outcome)
    return {"ok": True, "result": outcome.result, "errors": outcome.errors}


def _close(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    return _shown(modals.close(ws, person, body["view"], clear=bool(body.get("clear"))))


def _shortcut(ws: Workspace, person: Person, body: Mapping[str, Any]) -> Json:
    message = _where(ws, person, {"where": body}) if body.get("message") else None
    if isinstance(message, dict):
        raise Refused("A shortcut is used on a message.")
    return _shown(acts.shortcut(ws, person, body["callback_id"], message))


_DEEDS: dict[str, Callable[[Workspace, Person, Mapping[str, Any]], Json]] = {
    "command": _command,
    "message": _message,
    "home": _home,
    "read": _read,
    "action": _action,
    "suggest": _suggest,
    "submit": _submit,
    "close": _close,
    "shortcut": _shortcut,
}
