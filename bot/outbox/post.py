"""Posting letters, taking them back, and bringing sent ones up to date."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.database import insert_all_once, insert_once
from bot.outbox.model import Budget, Kind, Letter, LetterState, Priority, Surface

EDIT = Kind("edit", Budget.NOW, Priority.ANSWER, Surface.EDIT)
_TIDY = replace(EDIT, priority=Priority.TIDY)
HOME = Kind("home", Budget.NOW, Priority.ANSWER, Surface.HOME)

# In a letter's data: posted ahead of its time, which waiting for working hours does not change.
NOT_BEFORE = "not_before"

_UNSENT = (LetterState.PENDING, LetterState.CLAIMED, LetterState.PARKED)
_STUCK = (LetterState.UNKNOWN, LetterState.FAILED, LetterState.PARKED)
_ON_ITS_WAY = (LetterState.PENDING, LetterState.CLAIMED, LetterState.SENDING)


_MANY = 500  # subjects in one question

# What most clicks ask, built once.
_COPIES = sa.select(
    Letter.id,
    Letter.state,
    Letter.marker,
    Letter.workspace_id,
    Letter.cohort_id,
    Letter.person_id,
    Letter.channel,
    Letter.group,
).where(
    Letter.kind.in_(sa.bindparam("kinds", expanding=True)),
    Letter.subject.in_(sa.bindparam("subjects", expanding=True)),
    # A letter on its way may go out with the old words; its edit waits behind it.
    Letter.state.in_((*_ON_ITS_WAY, LetterState.SENT)),
)
_TO_CANCEL = (
    sa.select(Letter.id)
    .where(
        Letter.kind == sa.bindparam("kind"),
        Letter.subject == sa.bindparam("subject"),
        Letter.state.in_(_UNSENT),
    )
    .limit(1)
)


def _held(*wanted: InstrumentedAttribute[Any], about: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Of letters that wait, which no sender takes before this transaction ends: one that did
    would write the old state, and nobody would tell it again.

    One that a sender is taking, or another transaction holds, is left out and not waited for.
    """
    waits = Letter.state == LetterState.PENDING
    return sa.select(*wanted).where(about, waits).with_for_update(skip_locked=True)


_HELD = _held(Letter.id, about=Letter.id.in_(sa.bindparam("ids", expanding=True)))
_HELD_EDITS = _held(
    Letter.subject,
    Letter.id,
    Letter.priority,
    about=sa.and_(
        Letter.kind == EDIT.name,
        Letter.subject.in_(sa.bindparam("subjects", expanding=True)),
    ),
)
_HELD_HOMES = _held(
    Letter.person_id,
    about=sa.and_(
        Letter.kind == HOME.name,
        Letter.person_id.in_(sa.bindparam("people", expanding=True)),
    ),
)


class About(TypedDict, total=False):
    """A letter as `post` is told of it."""

    key: Required[str]
    workspace_id: Required[int]
    person_id: int | None
    channel: str | None
    group: Sequence[int] | None
    subject: int | None
    cohort_id: int | None
    due_at: datetime | None
    not_after: datetime | None
    data: dict[str, Any] | None


def post(session: Session, kind: Kind, *, now: datetime, **about: Unpack[About]) -> int | None:
    """Put a letter into the outbox, in the caller's transaction.

    `key` names the occasion and is unique in the workspace: posting the same occasion again
    changes nothing and returns None; otherwise the letter's id is returned. The letter goes to
    one person, one channel or one group of people, from `due_at` (default: now) on, and is
    cancelled when it could not go before `not_after` (default: the kind's `max_age`).
    """
    return insert_once(session, Letter, **_row(kind, about, now))


def post_all(session: Session, kind: Kind, letters: Iterable[About], *, now: datetime) -> None:
    """Put many letters of one kind into the outbox at once. Each is told as `post` is told of
    one; an occasion that was posted before changes nothing."""
    insert_all_once(session, Letter, [_row(kind, about, now) for about in letters])


def _row(kind: Kind, about: About, now: datetime) -> dict[str, Any]:
    due = about.get("due_at") or now
    ahead = {NOT_BEFORE: due.isoformat()} if due > now else {}
    group = about.get("group")
    return {
        "workspace_id": about["workspace_id"],
        "key": about["key"],
        "kind": kind.name,
        "version": kind.version,
        "subject": about.get("subject"),
        "data": (about.get("data") or {}) | ahead,
        "cohort_id": about.get("cohort_id"),
        "person_id": about.get("person_id"),
        "channel": about.get("channel"),
        "group": list(group) if group else None,
        "budget": kind.budget,
        "priority": kind.priority,
        "due_at": due,
        "not_after": about.get("not_after") or due + kind.max_age,
        "state": LetterState.PENDING,
        "created_at": now,
    }


def cancel(
    session: Session,
    reason: str,
    *,
    kind: Kind | None = None,
    subject: int | None = None,
    person_id: int | None = None,
    cohort_id: int | None = None,
    counted_only: bool = False,
) -> None:
    """Cancel letters that have not been sent, and say why. At least one of `subject` (with its
    kind), `person_id` and `cohort_id` must narrow them down."""
    if subject is None and person_id is None and cohort_id is None:
        raise ValueError("cancel needs to know which letters")
    if kind is not None and subject is not None:
        # Mostly it has been sent long ago: whoever clicks on it waits for this question only.
        about = {"kind": kind.name, "subject": subject}
        if session.scalar(_TO_CANCEL, about) is None:
            return
    wanted: list[sa.ColumnElement[bool]] = [Letter.state.in_(_UNSENT)]
    if kind is not None:
        wanted.append(Letter.kind == kind.name)
    if subject is not None:
        wanted.append(Letter.subject == subject)
    if person_id is not None:
        wanted.append(Letter.person_id == person_id)
    if cohort_id is not None:
        wanted.append(Letter.cohort_id == cohort_id)
    if counted_only:
        wanted.append(Letter.budget == Budget.COUNTED)
    session.execute(
        sa.update(Letter).where(*wanted).values(state=LetterState.CANCELLED, reason=reason)
    )


def look_again(session: Session, person_id: int, *, now: datetime) -> None:
    """This person's hours have changed: what waits for them, alone or in a group, is looked at
    anew. A letter that was posted ahead still waits for its own time."""
    waiting = session.scalars(
        sa.select(Letter)
        .where(
            Letter.state == LetterState.PENDING,
            Letter.due_at > now,
            Letter.budget != Budget.NOW,
            sa.or_(Letter.person_id == person_id, Letter.group.is_not(None)),
        )
        .with_for_update(skip_locked=True)
    )
    for letter in waiting:
        if letter.person_id == person_id or person_id in (letter.group or ()):
            ahead = letter.data.get(NOT_BEFORE)
            letter.due_at = max(now, datetime.fromisoformat(ahead)) if ahead else now
    session.flush()


def post_anew(session: Session, letter: Letter, due_at: datetime, *, now: datetime) -> None:
    """A letter posted ahead, and not sent yet, gets another time."""
    letter.due_at = max(now, due_at)
    letter.meant_at = None
    letter.data = letter.data | {NOT_BEFORE: letter.due_at.isoformat()}


def refresh(session: Session, *kinds: Kind, subject: int, now: datetime) -> None:
    """Somebody waits to see it: bring every sent copy of these letters up to date; the sender
    renders them anew."""
    _edit(session, EDIT, _to_edit(session, kinds, [subject]), now=now)


def tidy(session: Session, *kinds: Kind, subjects: Collection[int], now: datetime) -> None:
    """The same where nobody waits, for any number of letters: it goes after everything else, and
    leaves Slack's room to what answers clicks."""
    about = sorted(subjects)
    for first in range(0, len(about), _MANY):
        copies = _to_edit(session, kinds, about[first : first + _MANY])
        # Letters that went out as one message are brought up to date as one.
        messages = {letter.marker or f"letter {letter.id}": letter for letter in copies}
        _edit(session, _TIDY, list(messages.values()), now=now)


def _to_edit(session: Session, kinds: Sequence[Kind], subjects: Sequence[int]) -> list[sa.Row]:
    about = {"kinds": [kind.name for kind in kinds], "subjects": subjects}
    copies = session.execute(_COPIES, about).all()
    # What still waits is written after this transaction, as things stand then.
    pending = [one.id for one in copies if one.state is LetterState.PENDING]
    waiting = set(session.scalars(_HELD, {"ids": pending})) if pending else set()
    return [one for one in copies if one.id not in waiting]


def _edit(session: Session, kind: Kind, letters: Sequence[sa.Row], *, now: datetime) -> None:
    """Several changes before the edit goes are one edit, as urgent as the most urgent."""
    if not letters:
        return
    held = session.execute(_HELD_EDITS, {"subjects": [letter.id for letter in letters]}).all()
    waiting = {subject for subject, _id, _priority in held}
    idle = [edit_id for _subject, edit_id, priority in held if priority > kind.priority]
    if idle:
        sooner = {"priority": kind.priority, "due_at": now, "meant_at": None}
        session.execute(sa.update(Letter).where(Letter.id.in_(idle)).values(sooner))
    edits: list[About] = [
        {
            "key": _occasion(f"edit:{letter.id}"),
            "workspace_id": letter.workspace_id,
            "subject": letter.id,
            "cohort_id": letter.cohort_id,
            "person_id": letter.person_id,
            "channel": letter.channel,
            "group": letter.group,
        }
        for letter in letters
        if letter.id not in waiting
    ]
    post_all(session, kind, edits, now=now)


def refresh_home(session: Session, workspace_id: int, *person_ids: int, now: datetime) -> None:
    """What these people see on their Home tab has changed: publish it anew."""
    waiting = set(session.scalars(_HELD_HOMES, {"people": person_ids}))
    homes: list[About] = [
        {
            "key": _occasion(f"home:{person_id}"),
            "workspace_id": workspace_id,
            "person_id": person_id,
        }
        for person_id in dict.fromkeys(person_ids)
        if person_id not in waiting
    ]
    post_all(session, HOME, homes, now=now)


def _occasion(what: str) -> str:
    """A key of its own for each change: bringing up to date twice does no harm, and two changes
    at once must not wait for each other, nor count as one."""
    return f"{what}:{secrets.token_hex(6)}"


def latest(session: Session, kind: Kind, subject: int) -> Letter | None:
    """The newest letter of this kind about this subject, sent or not."""
    return session.scalars(
        sa.select(Letter)
        .where(Letter.kind == kind.name, Letter.subject == subject)
        .order_by(Letter.id.desc())
        .limit(1)
    ).first()


def send_again(session: Session, letter: Letter, *, now: datetime) -> bool:
    """A person decided that an unclear, failed or parked letter goes out again. False when it is
    in another state by now; one of a kind that is still not known is parked again."""
    done = session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.state.in_(_STUCK))
        .values(
            state=LetterState.PENDING,
            due_at=now,
            meant_at=None,
            not_after=None,
            marker=None,
            attempt=0,
            reason="sent again by hand",
        )
    )
    return bool(getattr(done, "rowcount", 0))
