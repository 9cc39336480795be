"""Which due letters go now, which wait, and which go together as one message."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.outbox.budget import allowed_at, shared_open
from bot.outbox.instance import HELD, MEANWHILE
from bot.outbox.model import (
    NO_NEWS,
    Allowance,
    Budget,
    HomeView,
    Letter,
    LetterState,
    Priority,
    Reader,
)
from bot.outbox.post import EDIT
from bot.outbox.presence import FIRST_HOUR, Away

MERGE = 3  # letters in one message
LEASE = timedelta(seconds=60)  # real time; six times the longest call


@dataclass
class Parcel:
    """Letters that go out as one message. All have one recipient."""

    letters: list[Letter]
    message: Message | HomeView | None = None
    target: Letter | None = None  # for an edit: the sent letter it brings up to date
    address: str = ""  # the channel or person as Slack knows them
    user: str = ""  # for what only one person sees in a channel
    thread_ts: str | None = None
    deadline: float | None = None  # monotonic seconds; written by then, or not at all
    people: list[str] = field(default_factory=list)  # Slack ids of a group

    @property
    def ids(self) -> list[int]:
        return [letter.id for letter in self.letters]


def recipients(letter: Letter) -> list[int]:
    """The people a letter goes to; none for a channel."""
    return [letter.person_id] if letter.person_id else list(letter.group or [])


def finish(letter: Letter, state: LetterState, reason: str = "") -> None:
    """The letter's last word."""
    letter.state = state
    letter.reason = reason[:120]
    letter.owner = None
    letter.lease_until = None


def put_off(letter: Letter, at: datetime, why: str) -> None:
    """Back to pending until `at`, and why; a letter that would come too late by then is
    cancelled. It is as late as it was: it was meant to go before, and will be tried again."""
    if letter.not_after and at > letter.not_after:
        finish(letter, LetterState.CANCELLED, "no room before it would have been too late")
        return
    letter.meant_at = letter.meant
    letter.due_at = at
    put_back(letter, why)


def put_back(letter: Letter, why: str) -> None:
    """Pending again, and as due as it was. A letter of a backlog stays one."""
    known = letter.reason.startswith(MEANWHILE) and not why.startswith(MEANWHILE)
    letter.state = LetterState.PENDING
    letter.reason = f"{MEANWHILE}{why}" if known else why
    letter.owner = None
    letter.lease_until = None


def _move(letter: Letter, at: datetime, why: str) -> None:
    """The same as `put_off` where it is better that the letter goes later: it is late from then."""
    put_off(letter, at, why)
    letter.meant_at = None


def pack(
    session: Session,
    letters: list[Letter],
    readers: dict[int, Reader],
    allowances: dict[int, Allowance],
    now: datetime,
    away: Away | None = None,
) -> list[Parcel]:
    """Sort claimed letters: cancel, put off, or pack. Returns what goes out now.

    In the hour after an outage (`away`) what fell due in it becomes one message a person. What
    would be too late when the hour is over goes first: it takes one of the three places in that
    message. If all of them are taken it is cancelled, since a second message would be one of the
    flood that the rule is there to prevent.
    """
    if away:
        letters = sorted(letters, key=lambda letter: _haste(letter, away))
    sent = _counted_lately(session, letters, now)
    served = _served_since(session, away.until, letters) if away else set()
    parcels: list[Parcel] = []
    merging: dict[int, Parcel] = {}
    for letter in letters:
        if letter.not_after and now > letter.not_after and letter.kind != EDIT.name:
            finish(letter, LetterState.CANCELLED, "too late to be of use")
            continue
        ids = recipients(letter)
        there = [readers[i] for i in ids if i in readers and not readers[i].gone]
        if ids and not there:
            finish(letter, LetterState.CANCELLED, "the person has left Slack")
            continue
        at = _goes_at(letter, there, sent, allowances, now)
        if at > now:
            why = _why(letter, there, now)
            _move(letter, at, f"{MEANWHILE}{why}" if away and _is_late(letter, away) else why)
            continue
        parcel = Parcel([letter], people=[reader.slack_id for reader in there])
        late = away is not None and _is_late(letter, away)
        others = served | merging.keys() if letter.person_id is None else served
        if away and late and not others.isdisjoint(ids):
            _move(letter, away.until + FIRST_HOUR, HELD)
            continue
        if letter.person_id is None or (letter.budget is not Budget.COUNTED and not late):
            parcels.append(parcel)
            served.update(ids if late else ())
            continue
        open_one = merging.setdefault(letter.person_id, parcel)
        if open_one is parcel:
            parcels.append(parcel)
        elif len(open_one.letters) < MERGE:
            open_one.letters.append(letter)
        elif away and late:
            _move(letter, away.until + FIRST_HOUR, HELD)
        else:
            _move(letter, there[0].next_working_day(now), "no room in their day")
    return parcels


def _is_late(letter: Letter, away: Away) -> bool:
    """Whether it fell due in the outage. Edits, Home tabs and answers to a click never count."""
    meanwhile = letter.meant <= away.until or letter.reason.startswith(MEANWHILE)
    return meanwhile and letter.priority not in NO_NEWS


def _haste(letter: Letter, away: Away) -> tuple[bool, datetime]:
    """Sorts what can hardly wait until the hour after an outage is over before what can. All that
    waits for that moment is due at once then, and takes its turns: so an hour more is allowed."""
    end = away.until + 2 * FIRST_HOUR
    at = letter.not_after or end
    hasty = _is_late(letter, away) and at < end
    return (False, at) if hasty else (letter.priority != Priority.ANSWER, end)


def _why(letter: Letter, there: list[Reader], now: datetime) -> str:
    """Why it waits, for the operator who asks."""
    if letter.person_id is None:
        return "waits for hours that both share"
    reader = there[0]
    if reader.next_open(now) > now:
        return "outside their working hours, or on leave"
    if letter.budget is Budget.COUNTED and reader.paused_until and reader.paused_until > now:
        return "they have paused their letters"
    return "no room in their day or week"


def _served_since(session: Session, since: datetime, letters: list[Letter]) -> set[int]:
    """People who got a message since then, alone or in a group, or are about to from another
    sender. Answers to a click do not count, nor do letters that Slack did not take."""
    gone = sa.and_(
        Letter.sending_at >= since,
        Letter.state.in_((LetterState.SENT, LetterState.UNKNOWN, LetterState.SENDING)),
    )
    elsewhere = sa.and_(
        Letter.state == LetterState.CLAIMED, Letter.id.not_in([letter.id for letter in letters])
    )
    rows = session.execute(
        sa.select(Letter.person_id, Letter.group).where(
            sa.or_(gone, elsewhere), Letter.priority.not_in(NO_NEWS)
        )
    )
    return {i for person_id, group in rows for i in ([person_id] if person_id else group or [])}


def _goes_at(
    letter: Letter,
    there: list[Reader],
    sent: dict[int, list[datetime]],
    allowances: dict[int, Allowance],
    now: datetime,
) -> datetime:
    if letter.budget is Budget.NOW or not there:
        return now
    if letter.person_id is None:
        return shared_open(there, now, not_after=letter.not_after)
    allowance = allowances.get(letter.person_id, Allowance())
    counted = sent[letter.person_id]
    return allowed_at(letter.budget, there[0], counted, allowance, now, not_after=letter.not_after)


def _counted_lately(
    session: Session, letters: list[Letter], now: datetime
) -> dict[int, list[datetime]]:
    """When counted messages went to the readers of these letters, or are about to go, from
    another sender; letters merged into one count once."""
    sent: dict[int, list[datetime]] = defaultdict(list)
    people = {letter.person_id for letter in letters if letter.person_id}
    if not people:
        return sent
    gone = sa.and_(
        Letter.state.in_((LetterState.SENT, LetterState.UNKNOWN, LetterState.SENDING)),
        Letter.sent_at > now - timedelta(days=8),
    )
    elsewhere = sa.and_(
        Letter.state == LetterState.CLAIMED, Letter.id.not_in([letter.id for letter in letters])
    )
    rows = session.execute(
        sa.select(Letter.person_id, sa.func.min(Letter.sent_at))
        .where(
            Letter.person_id.in_(people),
            Letter.budget == Budget.COUNTED,
            sa.or_(gone, elsewhere),
        )
        .group_by(Letter.person_id, Letter.marker)
    )
    for person_id, at in rows:
        if person_id is not None:
            sent[person_id].append(at or now)
    return sent
