"""Letters as rows, in whatever state a test needs them."""

from typing import Any

from sqlalchemy.orm import Session

from bot import outbox
from bot.outbox.model import Instance, Letter, LetterState
from tests.support import people
from tests.support.people import START


def a_letter(session: Session, key: str, kind: str = "a.kind", **columns: Any) -> Letter:
    """A pending letter to Ana, due at the start; to somebody else with `person_id` or `channel`."""
    if "person_id" not in columns and "channel" not in columns:
        columns["person_id"] = people.a_person(session, "Ana Silva").id
    letter = Letter(
        **{
            "workspace_id": people.a_workspace(session).id,
            "key": key,
            "kind": kind,
            "data": {"words": "saffron"},
            "budget": outbox.Budget.HOURS,
            "priority": 2,
            "due_at": START,
            "state": LetterState.PENDING,
            "created_at": START,
        }
        | columns
    )
    session.add(letter)
    session.flush()
    return letter


def an_instance(session: Session, **columns: Any) -> Instance:
    """This database as a sender."""
    row = Instance(
        **{
            "workspace_id": people.a_workspace(session).id,
            "code": "c0de",
            "place": "here",
            "paused_reason": "",
            "decided": "",
        }
        | columns
    )
    session.add(row)
    session.flush()
    return row
