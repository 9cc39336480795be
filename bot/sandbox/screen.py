"""Everything one person may see, as the page asks for it."""

from typing import Any

from bot.sandbox.conversations import Conversation, Message
from bot.sandbox.people import Person, zone_label
from bot.sandbox.seat import Seat
from bot.sandbox.views import snapshot
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
_ORDER = {"im": 0, "mpim": 1, "channel": 2}


def person_or_first(ws: Workspace, user_id: str) -> Person:
    """The person asked for, or the first who can sit down."""
    found = ws.people.get(user_id)
    return found if found and _sits(found) else next(filter(_sits, ws.people.values()))


def _sits(person: Person) -> bool:
    return not person.is_bot and person.id != "USLACKBOT"


def screen(ws: Workspace, person: Person, clock: Json) -> Json:
    """The state of the page for one person; `clock` is the stage's part of it."""
    with ws.lock:
        seat = Seat(ws, person)
        conversations = _conversations(ws, person)
        home = ws.views.homes.get(person.id)
        return {
            "you": person.id,
            "version": ws.version,
            "workspace": {
                "name": ws.name,
                "team_id": ws.team_id,
                "bot": {"user_id": ws.bot_user_id, "name": ws.bot.name},
            },
            "now": ws.clock().isoformat(),
            "clock": clock,
            "people": [_person(ws, one) for one in ws.people.values() if one.id != "USLACKBOT"],
            "conversations": [_conversation(ws, seat, one) for one in conversations],
            "messages": {
                one.id: [_message(ws, message, person) for message in one.visible_to(person.id)]
                for one in conversations
            },
            "home": {"view": snapshot(home) if home else None},
            "modals": [snapshot(view) for view in seat.modals],
            **_offers(ws),
            "channels": [
                {
                    "id": one.id,
                    "name": one.name,
                    "private": one.private,
                    "member": person.id in one.members,
                }
                for one in ws.conversations.values()
                if one.kind == "channel" and (not one.private or person.id in one.members)
            ],
            "notices": [
                {"id": number, "text": text} for number, text in ws.notices.get(person.id, ())
            ],
        }


def _conversations(ws: Workspace, person: Person) -> list[Conversation]:
    ws.im(person.id)
    found = [
        one
        for one in ws.conversations.values()
        if person.id in one.members and (one.kind != "mpim" or one.messages)
    ]
    return sorted(found, key=lambda one: _ORDER[one.kind])


def _person(ws: Workspace, person: Person) -> Json:
    now = ws.clock()
    local = person.local(now)
    seat = Seat(ws, person)
    mine = [one for one in ws.conversations.values() if person.id in one.members]
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "tz_label": zone_label(person.tz, now),
        "local_time": f"{local:%H:%M}",
        "local_day": f"{local:%a} {local.day} {local:%B}",
        "is_bot": person.is_bot,
        "deleted": person.deleted,
        "is_admin": person.is_admin or person.is_owner,
        "unread": 0 if person.is_bot else sum(seat.unread(one) for one in mine),
    }


def _conversation(ws: Workspace, seat: Seat, one: Conversation) -> Json:
    return {
        "id": one.id,
        "kind": one.kind,
        "name": ws.bot.name if one.kind == "im" else one.name,
        "private": one.private,
        "members": one.members,
        "unread": seat.unread(one),
        "last_ts": one.messages[-1].ts if one.messages else None,
    }


def _message(ws: Workspace, message: Message, person: Person) -> Json:
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "edited": message.edited,
        "thread_ts": message.thread_ts,
        "reply_broadcast": message.reply_broadcast,
        "ephemeral": message.ephemeral,
        "bot": message.user == ws.bot_user_id,
        "at": message.at.isoformat(),
        "response": message.response,
        "state": {
            block_id: dict(entries)
            for block_id, entries in message.state.get(person.id, {}).items()
        },
    }


def _offers(ws: Workspace) -> Json:
    commands, shortcuts = ws.installation.commands, ws.installation.shortcuts
    return {
        "commands": [
            {
                "command": one.command,
                "usage_hint": one.usage_hint,
                "description": one.description,
            }
            for one in (commands or {}).values()
        ],
        "shortcuts": [
            {
                "name": one.name,
                "type": one.type,
                "callback_id": one.callback_id,
                "description": one.description,
            }
            for one in (shortcuts or {}).values()
        ],
    }
