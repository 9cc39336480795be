"""What people answer: giving and changing it, who may read a sentence, who should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.checkin import confidants, rounds
from bot.checkin.messages import WISH, WISH_LINE, Answers
from bot.checkin.model import Audience, CheckIn, Knows, Round
from bot.cohort import roster
from bot.cohort.model import Membership, MembershipState, Person
from bot.cohort.settings import setting, whole
from bot.outbox import LetterState
from bot.pairing.model import Pairing, PairingState
from bot.refusal import NotYours, Refusal
from bot.times import spoken_date

_BLUR = 1e-6  # means are thirds of whole numbers


class Closed(Refusal):
    """This check-in closed on {day}. The next comes on {next}."""


class LastClosed(Refusal):
    """This check-in closed on {day}. It was the last one."""


class PairingOver(Refusal):
    """This pairing has ended, so there is nothing to answer. Your page: `/mentor`"""


class NotAnswered(Refusal):
    """Answer the check-in first, then choose who should know."""


@dataclass(frozen=True)
class Given:
    """What came of an answer. `low`: the person is asked who should know."""

    check_in: CheckIn
    low: bool


def owned(session: Session, check_in_id: int, person: Person) -> CheckIn:
    """This person's check-in. Raises NotYours for anybody else's, unknown ones, and people who
    are no longer in the cohort."""
    check_in = session.scalars(
        sa.select(CheckIn)
        .join(Membership, Membership.id == CheckIn.membership_id)
        .where(
            CheckIn.id == check_in_id,
            CheckIn.workspace_id == person.workspace_id,
            Membership.person_id == person.id,
        )
    ).first()
    if check_in is None:
        raise NotYours
    if check_in.membership.state is not MembershipState.ACTIVE:
        raise roster.why_outside(session, person)
    return check_in


def partner(check_in: CheckIn) -> Person:
    """The other side of the pair."""
    pairing = check_in.pairing
    mine = check_in.membership_id == pairing.intern_id
    return (pairing.mentor if mine else pairing.intern).person


def require_open(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Raises PairingOver, Closed or LastClosed when no answer is taken any more."""
    if check_in.pairing.state is not PairingState.ACTIVE:
        raise PairingOver
    if rounds.is_open(check_in.round, now):
        return
    zone = roster.zone_of(check_in.membership.person, check_in.round.cohort)
    day = spoken_date(check_in.round.closes_at, zone)
    later = rounds.following(session, check_in.round.cohort_id, now)
    if later is None:
        raise LastClosed(day=day)
    raise Closed(day=day, next=spoken_date(later.opens_at, zone))


def give(
    session: Session, check_in_id: int, *, by: Person, answers: Answers, now: datetime
) -> Given:
    """Keep the answers; giving them again replaces them until the round closes.

    A low mean, or a fall against the person's own last one, makes the watch wait for their
    choice who should know, some hours at most (a setting; a day by default).
    """
    check_in = owned(session, check_in_id, by)
    require_open(session, check_in, now)
    check_in.open_with = answers.open_with
    check_in.agree = answers.agree
    check_in.moved_forward = answers.moved_forward
    check_in.wish = answers.wish
    check_in.wish_for = answers.wish_for
    check_in.answered_at = check_in.answered_at or now
    check_in.changed_at = now
    check_in.remind_at = None
    low = is_low(session, check_in)
    wait = timedelta(hours=whole(check_in.round.cohort, "choice_hours"))
    check_in.watch_at = now + wait if low and check_in.knows is None else now
    _share(session, check_in, now)
    return Given(check_in, low)


def choose(
    session: Session, check_in_id: int, *, by: Person, knows: Knows, now: datetime
) -> CheckIn:
    """Keep who should know. The choice can be changed at any time while the pairing lasts."""
    check_in = owned(session, check_in_id, by)
    if check_in.pairing.state is not PairingState.ACTIVE:
        raise PairingOver
    if check_in.answered_at is None:
        raise NotAnswered
    if check_in.knows is not knows:
        check_in.knows = knows
        check_in.knows_at = now
        check_in.watch_at = now
    return check_in


def is_low(session: Session, check_in: CheckIn) -> bool:
    """Whether an answer suggests that the pair may need a look, by the cohort's thresholds."""
    mean = check_in.mean
    if mean is None:
        return False
    cohort = check_in.round.cohort
    before = _mean_before(session, check_in)
    fall = 0.0 if before is None else before - mean
    return mean <= setting(cohort, "mean_amber") + _BLUR or fall + _BLUR >= setting(
        cohort, "drop_amber"
    )


def _mean_before(session: Session, check_in: CheckIn) -> float | None:
    """The same person's last mean in this pair."""
    earlier = session.scalars(
        sa.select(CheckIn)
        .join(Round, Round.id == CheckIn.round_id)
        .where(
            CheckIn.pairing_id == check_in.pairing_id,
            CheckIn.membership_id == check_in.membership_id,
            CheckIn.answered_at.is_not(None),
            Round.number < check_in.round.number,
        )
        .order_by(Round.number.desc())
        .limit(1)
    ).first()
    return earlier.mean if earlier else None


def open_for(session: Session, person: Person, now: datetime) -> Sequence[CheckIn]:
    """The person's unanswered check-ins of open rounds, the first to close first."""
    return session.scalars(
        sa.select(CheckIn)
        .join(Round, Round.id == CheckIn.round_id)
        .join(Membership, Membership.id == CheckIn.membership_id)
        .join(Pairing, Pairing.id == CheckIn.pairing_id)
        .where(
            CheckIn.workspace_id == person.workspace_id,
            Membership.person_id == person.id,
            Membership.state == MembershipState.ACTIVE,
            Pairing.state == PairingState.ACTIVE,
            CheckIn.answered_at.is_(None),
            Round.opened_at.is_not(None),
            Round.closed_at.is_(None),
            Round.closes_at > now,
        )
        .order_by(Round.closes_at, CheckIn.id)
    ).all()


def _share(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Send the sentence to the readers it is meant for, and bring sent copies up to date."""
    outbox.refresh(session, WISH, WISH_LINE, subject=check_in.id, now=now)
    if not check_in.wish:
        return
    if check_in.wish_for is Audience.PAIR:
        _share_with(session, check_in, now, person=partner(check_in))
    elif check_in.wish_for is Audience.COORDINATOR:
        told = confidants.of(session, check_in.pairing)
        if told.channel is not None:
            _share_with(session, check_in, now, channel=told.channel)
        for person in told.people:
            _share_with(session, check_in, now, person=person, line=True)


def _share_with(
    session: Session,
    check_in: CheckIn,
    now: datetime,
    *,
    person: Person | None = None,
    channel: str | None = None,
    line: bool = False,
) -> None:
    kind = WISH_LINE if channel or line else WISH
    whom = f"person:{person.id}" if person else f"channel:{channel}"
    stem = f"{kind.name}:{check_in.id}:{whom}"
    # One living letter for each reader; only one that was never sent is written anew.
    earlier = session.scalars(
        sa.select(outbox.Letter.state).where(
            outbox.Letter.workspace_id == check_in.workspace_id,
            outbox.Letter.key.startswith(f"{stem}:", autoescape=True),
        )
    ).all()
    if any(state is not LetterState.CANCELLED for state in earlier):
        return
    outbox.post(
        session,
        kind,
        key=f"{stem}:{len(earlier)}",
        workspace_id=check_in.workspace_id,
        person_id=person.id if person else None,
        channel=channel,
        cohort_id=check_in.round.cohort_id,
        subject=check_in.id,
        now=now,
    )
