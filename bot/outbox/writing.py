"""Writing: a parcel's words, rendered at the moment it goes out."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from bot.blocks import Message, merged
from bot.database import AWAY
from bot.outbox.model import Cancelled, HomeView, Letter, LetterState, Program
from bot.outbox.packing import Parcel, finish, put_off
from bot.outbox.post import EDIT

log = structlog.get_logger(__name__)


class Unreadable(Exception):
    """A letter that cannot be rendered. The transaction may be broken by then: nothing it did is
    to be kept."""

    def __init__(self, letter_id: int) -> None:
        super().__init__(letter_id)
        self.letter_id = letter_id


class _NotYet(Exception):
    """The message to bring up to date is still on its way."""


def write(
    session: Session, program: Program, parcel: Parcel, letters: list[Letter], now: datetime
) -> bool:
    """Render these letters into the parcel and address it; False when nothing is left to send.

    A letter that has lost its reason is cancelled here. Raises Unreadable.
    """
    rendered = [(x, _render(session, program, parcel, x, now)) for x in letters]
    ready = [(x, m) for x, m in rendered if m is not None]
    if not ready:
        return False
    parcel.letters = [x for x, _m in ready]
    texts = [m for _x, m in ready if isinstance(m, Message)]
    parcel.message = merged(texts) if texts else ready[0][1]
    _address(session, parcel)
    return True


def _render(
    session: Session, program: Program, parcel: Parcel, letter: Letter, now: datetime
) -> Message | HomeView | None:
    made: Message | HomeView | Cancelled
    try:
        if letter.kind == EDIT.name:
            made = _render_edit(session, program, parcel, letter, now)
        else:
            made = program.renders[letter.kind][2](session, letter, now)
        session.flush()
    except _NotYet:
        put_off(letter, now + timedelta(seconds=2), "the message it changes is on its way")
        return None
    except AWAY:
        raise  # no fault of the letter
    except Exception as error:
        log.exception("letter_not_rendered", letter=letter.id, kind=letter.kind)
        raise Unreadable(letter.id) from error
    if isinstance(made, Cancelled):
        finish(letter, LetterState.CANCELLED, made.reason)
        return None
    return made


def _render_edit(
    session: Session, program: Program, parcel: Parcel, letter: Letter, now: datetime
) -> Message | Cancelled:
    """The message as it should read now: all letters that went out as one, joined again."""
    target = session.get(Letter, letter.subject)
    if target is not None and target.state in (LetterState.CLAIMED, LetterState.SENDING):
        raise _NotYet
    other = sa.select(Letter.id).where(
        Letter.kind == EDIT.name,
        Letter.subject == letter.subject,
        Letter.state == LetterState.SENDING,
    )
    if session.scalar(other.limit(1)) is not None:
        raise _NotYet  # two at once could arrive in the wrong order
    if target is None or not target.sent_ts:
        return Cancelled("there is no message to bring up to date")
    parcel.target = target
    parts: list[Message] = []
    for part in session.scalars(
        sa.select(Letter).where(Letter.marker == target.marker).order_by(Letter.id)
    ):
        made = program.renders[part.kind][2](session, part, now)
        if isinstance(made, Message):
            parts.append(made)
    return merged(parts) if parts else Cancelled("nothing is left to say")


def _address(session: Session, parcel: Parcel) -> None:
    letter = parcel.letters[0]
    if parcel.target is not None:
        parcel.address = parcel.target.sent_channel or ""
    elif letter.person_id is not None:
        parcel.user = parcel.people[0]
        parcel.address = str(letter.data.get("channel") or parcel.user)
    elif letter.channel is not None:
        parcel.address = letter.channel
    if isinstance(parcel.message, Message) and parcel.message.thread_of:
        above = session.get(Letter, parcel.message.thread_of)
        parcel.thread_ts = above.sent_ts if above else None
