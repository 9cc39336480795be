"""The letters about a pair that needs care, and the nudges to the pair itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.blocks import Message
from bot.cohort import naming, roster
from bot.cohort.calendar import zone_or
from bot.cohort.model import Person
from bot.concern import concerns, evidence, ladder, messages
from bot.concern.model import Concern, ConcernState, Ending
from bot.meeting import facts as meetings
from bot.meeting import messages_rhythm as rhythm
from bot.outbox import Cancelled, Kind, Letter
from bot.outbox.model import Render

_SECOND = 2


def living(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The concern's one message, as it stands."""
    concern = session.get_one(Concern, letter.subject)
    if letter.sent_ts is None and concern.state is ConcernState.CLEARED:
        return Cancelled("the concern is over")
    return messages.living(_shown(session, letter, concern, now))


def again(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """What needs somebody now, under the living message."""
    concern = session.get_one(Concern, letter.subject)
    if letter.sent_ts is None and concern.state is ConcernState.CLEARED:
        return Cancelled("the concern is over")
    shown = _shown(session, letter, concern, now)
    return messages.again(shown, str(letter.data["news"]), int(letter.data["above"]))


def said(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """What a click elsewhere did."""
    return messages.said(_shown(session, letter, session.get_one(Concern, letter.subject), now))


def nudge(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """To each of the two: a smaller way to meet."""
    concern = session.get_one(Concern, letter.subject)
    about = _pair_letter(session, letter, concern)
    met = meetings.of_pairings(session, [concern.pairing_id], now)[concern.pairing_id]
    lost = _lost_reason(concern, met)
    if letter.sent_ts is None and lost:
        return Cancelled(lost)
    if concern.ending is Ending.MET:
        return messages.nudge_done(f"You and {about.partner} have met")
    if met.planned is not None:
        return messages.nudge_done(f"You and {about.partner} have a date")
    if met.chosen is not None:
        return messages.nudge_done(rhythm.chosen(met.chosen))
    if lost:
        return messages.nudge_done(f"An earlier idea for you and {about.partner}")
    return messages.nudge(about, rhythm.smaller_buttons(concern.pairing_id))


def note(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """To the one who answered."""
    concern = session.get_one(Concern, letter.subject)
    if letter.sent_ts is None and not ladder.still_asks(concern):
        return Cancelled("the concern is over, or a coordinator has it")
    return messages.note(_pair_letter(session, letter, concern), int(letter.data["check_in"]))


def _lost_reason(concern: Concern, met: meetings.PairFacts) -> str:
    """Why a nudge is of no use any more; empty while it is."""
    if not ladder.still_asks(concern):
        return "the concern is over, or a coordinator has it"
    if met.planned is not None:
        return "a meeting is planned"
    return "the pair has chosen" if met.chosen is not None else ""


def _pair_letter(session: Session, letter: Letter, concern: Concern) -> messages.PairLetter:
    pairing = concern.pairing
    mine, other = pairing.intern.person, pairing.mentor.person
    if letter.person_id == other.id:
        mine, other = other, mine
    zone = roster.zone_of(mine, concern.cohort)
    return messages.PairLetter(
        letter_id=letter.id,
        partner=naming.short(other),
        last_met=times.spoken_date(concern.waiting_since, zone)
        if concerns.has_met(concern)
        else "",
        second=letter.data.get("step") == _SECOND,
    )


def _shown(session: Session, letter: Letter, concern: Concern, now: datetime) -> messages.Shown:
    wishes = evidence.wishes_of(session, [concern.pairing_id])[concern.pairing_id]
    zone = zone_or(concern.cohort.zone, roster.FALLBACK_ZONE)
    if letter.person_id is not None:
        zone = roster.zone_of(session.get_one(Person, letter.person_id), concern.cohort)
    return concerns.shown(concern, wishes, now=now, zone=zone)


LETTERS: tuple[tuple[Kind, Render], ...] = (
    (messages.CONCERN, living),
    (messages.AGAIN, again),
    (messages.SAID, said),
    (messages.NUDGE, nudge),
    (messages.NOTE, note),
)
