"""The outbox as the operator sees it: what waits and why, what did not go, and what can be done.

Nothing here reads what a letter says; it is a kind and ids.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.outbox.claiming import METHODS
from bot.outbox.model import (
    Bucket,
    Budget,
    Instance,
    Letter,
    LetterState,
    Reader,
    Readers,
    StoppedChannel,
    Surface,
)
from bot.outbox.packing import recipients
from bot.refusal import Refusal

UNDONE = (
    LetterState.UNKNOWN,
    LetterState.FAILED,
    LetterState.PARKED,
    LetterState.SENDING,
    LetterState.CLAIMED,
    LetterState.PENDING,
)
"""What is not over, in the order in which somebody is needed."""

CANCELLED = "cancelled by the operator"
QUIET = timedelta(minutes=1)  # a worker notes that it is at work far more often


class NoSuchLetter(Refusal):
    """There is no letter {number}. `python -m bot outbox list` shows what there is."""


class CannotSendAgain(Refusal):
    """Letter {number} is {state}: only a letter that is unknown, failed or parked can be sent
    again."""


class KindNotKnown(Refusal):
    """Letter {number} is parked: this version of the bot does not know its kind. Install the
    version that wrote it, or cancel it."""


class CannotCancel(Refusal):
    """Letter {number} is {state}: only one that is pending, parked or unknown can be cancelled."""


@dataclass(frozen=True)
class Knowledge:
    """What must be known of the programme and of Slack to explain a letter."""

    versions: Mapping[str, int]  # kind -> newest version this code knows
    surfaces: Mapping[str, Surface]  # of the same kinds
    readers: Readers
    stopped: Callable[[Session], bool]

    def knows(self, letter: Letter) -> bool:
        newest = 1 if letter.kind == outbox.EDIT.name else self.versions.get(letter.kind, 0)
        return letter.version <= newest

    def method(self, letter: Letter) -> str:
        """Slack's method by which it goes; a kind that is not known is taken for a message."""
        edit = letter.kind == outbox.EDIT.name
        usual = Surface.EDIT if edit else Surface.MESSAGE
        return METHODS[self.surfaces.get(letter.kind, usual)]


@dataclass(frozen=True)
class Entry:
    """One letter: to whom (Slack ids), and why it is where it is."""

    letter: Letter
    to: str
    why: tuple[str, ...]


def page(
    session: Session,
    known: Knowledge,
    *,
    states: Collection[LetterState],
    limit: int,
    number: int = 1,
    now: datetime,
) -> tuple[list[Entry], int]:
    """(the letters of that page, how many there are in these states). Those that need somebody
    first; among them, and among letters that are over, the newest first; else the earliest due."""
    wanted = Letter.state.in_(states or UNDONE)
    total = session.scalar(sa.select(sa.func.count(Letter.id)).where(wanted)) or 0
    rank = sa.case({state: place for place, state in enumerate(UNDONE)}, value=Letter.state)
    newest = sa.case((Letter.state.in_(UNDONE[2:]), 0), else_=-Letter.id)
    letters = session.scalars(
        sa.select(Letter)
        .where(wanted)
        .order_by(rank, newest, Letter.due_at, Letter.id)
        .offset((number - 1) * limit)
        .limit(limit)
    ).all()
    return _entries(session, letters, known, now), total


def entry(session: Session, letter_id: int, known: Knowledge, *, now: datetime) -> Entry:
    """One letter. Raises NoSuchLetter."""
    [found] = _entries(session, [_letter(session, letter_id)], known, now)
    return found


def send_again(session: Session, letter_id: int, known: Knowledge, *, now: datetime) -> None:
    """It goes out once more. Raises NoSuchLetter, CannotSendAgain or KindNotKnown."""
    letter = _letter(session, letter_id)
    if letter.state is LetterState.PARKED and not known.knows(letter):
        raise KindNotKnown(number=letter_id)
    if not outbox.send_again(session, letter, now=now):
        raise CannotSendAgain(number=letter_id, state=letter.state.value)


def cancel(session: Session, letter_id: int) -> None:
    """It never goes. Raises NoSuchLetter or CannotCancel."""
    letter = _letter(session, letter_id)
    can = (LetterState.PENDING, LetterState.PARKED, LetterState.UNKNOWN)
    done = session.execute(
        sa.update(Letter)
        .where(Letter.id == letter_id, Letter.state.in_(can))
        .values(state=LetterState.CANCELLED, reason=CANCELLED)
    )
    if not getattr(done, "rowcount", 0):
        raise CannotCancel(number=letter_id, state=letter.state.value)


def _letter(session: Session, letter_id: int) -> Letter:
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NoSuchLetter(number=letter_id)
    return letter


# ---- why


@dataclass(frozen=True)
class _Sight:
    """What is the matter with the whole outbox, asked once for a page of letters."""

    paused: Mapping[int, str]  # workspace -> why it is paused
    stopped: bool
    closed: Mapping[tuple[int, str], datetime]  # (workspace, method) -> until when
    channels: Mapping[tuple[int, str], StoppedChannel]
    seen: datetime | None  # real time: a worker was last at work
    readers: Mapping[int, Reader]


def _entries(
    session: Session, letters: Sequence[Letter], known: Knowledge, now: datetime
) -> list[Entry]:
    people = {i for letter in letters for i in recipients(letter)}
    readers = known.readers(session, people) if people else {}
    instances = session.scalars(sa.select(Instance)).all()
    closed = session.execute(
        sa.select(Bucket.workspace_id, Bucket.method, Bucket.closed_until).where(
            Bucket.closed_until > now
        )
    )
    sight = _Sight(
        paused={row.workspace_id: row.paused_reason for row in instances if row.paused_at},
        stopped=known.stopped(session),
        closed={(where, method): until for where, method, until in closed if until},
        channels={
            (row.workspace_id, row.channel): row
            for row in session.scalars(sa.select(StoppedChannel))
        },
        seen=max((row.ticked_at for row in instances if row.ticked_at), default=None),
        readers=readers,
    )
    return [
        Entry(letter, _to(letter, readers), tuple(_why(letter, sight, known, now)))
        for letter in letters
    ]


def _to(letter: Letter, readers: Mapping[int, Reader]) -> str:
    if letter.channel is not None:
        return letter.channel
    names = [readers[i].slack_id if i in readers else f"person {i}" for i in recipients(letter)]
    return "+".join(names) or "nobody"


def _why(letter: Letter, sight: _Sight, known: Knowledge, now: datetime) -> list[str]:
    match letter.state:
        case LetterState.PENDING:
            return _why_pending(letter, sight, known.method(letter), now)
        case LetterState.CLAIMED:
            return [f"taken by {letter.owner} until {moment(letter.lease_until)}"]
        case LetterState.SENDING if letter.owner is None:
            return [f"its answer got lost; looked for again at {moment(letter.lease_until)}"]
        case LetterState.SENDING:
            return [f"being sent by {letter.owner} since {moment(letter.sending_at)}"]
        case LetterState.PARKED if known.knows(letter):
            return ["this version of the bot knows its kind now: it can be sent again"]
    return [letter.reason] if letter.reason else []


def _why_pending(letter: Letter, sight: _Sight, method: str, now: datetime) -> list[str]:
    found = []
    if letter.workspace_id in sight.paused:
        found.append(f"nothing is sent: {sight.paused[letter.workspace_id]}")
    if sight.stopped:
        found.append("nothing is sent: Slack says that the app is gone, install it again")
    found += _of_readers(letter, sight, now)
    channel = sight.channels.get((letter.workspace_id, letter.channel or ""))
    if channel is not None and channel.again_at > now:
        found.append(f"its channel is stopped until {moment(channel.again_at)} ({channel.code})")
    if until := sight.closed.get((letter.workspace_id, method)):
        found.append(f"Slack asked to wait until {moment(until)} ({method})")
    if letter.reason and not (found and letter.reason in _SAID_NEWER):
        found.insert(0, letter.reason)
    if letter.due_at > now:
        return found or ["not due yet"]
    if sight.seen is None or now - sight.seen > QUIET:
        since = "" if sight.seen is None else f" since {moment(sight.seen)}"
        found.append(f"no worker has been at work{since}")
    return found or ["due now, its turn comes"]


# Noted when a letter was put off; what is seen now says the same, and until when.
_SAID_NEWER = frozenset(
    (
        "waits for hours that both share",
        "outside their working hours, or on leave",
        "they have paused their letters",
        "Slack asked to wait",
        "the app is not installed",
    )
)


def _of_readers(letter: Letter, sight: _Sight, now: datetime) -> list[str]:
    """Their hours, their leave, their pause."""
    there = [sight.readers[i] for i in recipients(letter) if i in sight.readers]
    if there and all(reader.gone for reader in there):
        return ["its reader has left Slack: it will be cancelled"]
    if letter.budget is Budget.NOW:
        return []
    found = []
    for reader in there:
        if letter.budget is Budget.COUNTED and reader.paused_until and reader.paused_until > now:
            found.append(f"its reader paused letters until {moment(reader.paused_until)}")
        opens = reader.next_open(now)
        if opens > now:
            found.append(f"outside its reader's hours, or on leave, until {moment(opens)}")
    return list(dict.fromkeys(found))


def moment(at: datetime | None) -> str:
    """A moment as the operator reads it, in UTC."""
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
