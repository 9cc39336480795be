"""The letters of a check-in, written when they go out and again when something has changed."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.checkin import answers, messages, rounds
from bot.checkin.model import Audience, CheckIn, RoundKind
from bot.cohort import naming, roster
from bot.cohort.settings import whole
from bot.outbox import Cancelled, Kind, Letter
from bot.outbox.model import Render
from bot.pairing.model import PairingState
from bot.times import spoken_date


def asked(check_in: CheckIn) -> messages.Asked:
    """The check-in as its texts need it, in the reader's zone."""
    partner = answers.partner(check_in)
    row = check_in.round
    zone = roster.zone_of(check_in.membership.person, row.cohort)
    return messages.Asked(
        id=check_in.id,
        number=row.number,
        partner=naming.short(partner),
        partner_title=naming.label(partner),
        until=spoken_date(row.closes_at, zone),
        mentor_asked=check_in.membership_id == check_in.pairing.mentor_id,
        halfway=row.kind is RoundKind.MID,
    )


def question(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The question; as it is sent, the time to its reminder begins."""
    check_in = session.get_one(CheckIn, letter.subject)
    made = _letter(session, check_in, letter, now, again=False)
    if letter.sent_ts is None and isinstance(made, Message):
        wait = timedelta(hours=whole(check_in.round.cohort, "check_in_reminder_hours"))
        check_in.sent_at = now
        check_in.remind_at = now + wait if now + wait < check_in.round.closes_at else None
    return made


def reminder(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The same question once more."""
    return _letter(session, session.get_one(CheckIn, letter.subject), letter, now, again=True)


def _letter(
    session: Session, check_in: CheckIn, letter: Letter, now: datetime, *, again: bool
) -> Message | Cancelled:
    about = asked(check_in)
    answered = check_in.answered_at is not None
    if letter.sent_ts is None:
        if check_in.pairing.state is not PairingState.ACTIVE:
            return Cancelled("the pairing has ended")
        if answered:
            return Cancelled("already answered")
        if not rounds.is_open(check_in.round, now):
            return Cancelled("the round has closed")
    elif check_in.pairing.state is not PairingState.ACTIVE:
        return messages.pairing_over(about)
    elif not rounds.is_open(check_in.round, now):
        last = not answered and rounds.following(session, check_in.round.cohort_id, now) is None
        return messages.closed(about, letter.id, was_answered=answered, last=last)
    elif answered:
        return messages.answered(about)
    return messages.question(about, letter.id, again=again)


def wish(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """A sentence for the partner."""
    check_in = session.get_one(CheckIn, letter.subject)
    writer = naming.short(check_in.membership.person)
    if check_in.wish and check_in.wish_for is Audience.PAIR:
        return messages.shared_wish(writer, check_in.wish)
    if letter.sent_ts is None:
        return Cancelled("taken back")
    return messages.taken_back(writer)


def wish_line(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """A sentence for coordinators."""
    check_in = session.get_one(CheckIn, letter.subject)
    writer = naming.full(check_in.membership.person)
    if check_in.wish and check_in.wish_for is Audience.COORDINATOR:
        partner = naming.full(answers.partner(check_in))
        return messages.shared_with_coordinators(writer, partner, check_in.wish)
    if letter.sent_ts is None:
        return Cancelled("taken back")
    return messages.taken_back(writer)


LETTERS: tuple[tuple[Kind, Render], ...] = (
    (messages.CHECK_IN, question),
    (messages.REMINDER, reminder),
    (messages.WISH, wish),
    (messages.WISH_LINE, wish_line),
)
