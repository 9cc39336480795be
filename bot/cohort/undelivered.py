"""Letters that did not arrive, for the coordinators: to whom and why, never what they say; and
the notice when their channel lets nothing through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import messages_people, people
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person, Role
from bot.outbox import stopped
from bot.outbox.model import Letter, LetterState
from bot.outbox.outcome import Then, outcome
from bot.outbox.packing import recipients
from bot.refusal import NotYours, Refusal

PAGE = 10


class AlreadySentAgain(Refusal):
    """This letter is on its way again. Nothing to do."""


@dataclass(frozen=True)
class Undelivered:
    """One letter: who should have read it (people, or a channel's Slack id), and what is known."""

    letter_id: int
    to: tuple[Person, ...]
    channel: str | None
    at: datetime
    code: str
    advice: str
    unknown: bool  # Slack's answer got lost: it may have arrived
    parked: bool  # it waits for a version of the bot that knows its kind
    can_send_again: bool


def _wanted(cohort: Cohort) -> sa.ColumnElement[bool]:
    return sa.and_(
        Letter.cohort_id == cohort.id,
        Letter.state.in_((LetterState.FAILED, LetterState.UNKNOWN, LetterState.PARKED)),
        Letter.kind.not_in((outbox.EDIT.name, outbox.HOME.name)),
    )


def count(session: Session, cohort: Cohort) -> int:
    """How many letters of this cohort did not arrive, or may not have."""
    return session.scalar(sa.select(sa.func.count(Letter.id)).where(_wanted(cohort))) or 0


def page_of(session: Session, cohort: Cohort, page: int) -> tuple[Sequence[Undelivered], int, int]:
    """(letters of that page, newest first; the page it is; how many there are). A page that has
    vanished shows the last one."""
    total = count(session, cohort)
    page = max(1, min(page, -(-total // PAGE)))
    letters = session.scalars(
        sa.select(Letter)
        .where(_wanted(cohort))
        .order_by(Letter.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    ids = {i for letter in letters for i in recipients(letter)}
    known = {p.id: p for p in session.scalars(sa.select(Person).where(Person.id.in_(ids)))}
    return [_shown(letter, known) for letter in letters], page, total


def _shown(letter: Letter, known: dict[int, Person]) -> Undelivered:
    meaning = outcome(letter.reason)
    to = tuple(known[i] for i in recipients(letter) if i in known)
    gone = meaning.then is Then.PERSON_GONE or any(p.left_slack_at is not None for p in to)
    return Undelivered(
        letter_id=letter.id,
        to=to,
        channel=letter.channel,
        at=letter.due_at,
        code=letter.reason,
        advice=meaning.for_coordinators,
        unknown=letter.state is LetterState.UNKNOWN,
        parked=letter.state is LetterState.PARKED,
        can_send_again=not gone and letter.state is not LetterState.PARKED,
    )


def send_again(session: Session, letter_id: int, *, by: Person, now: datetime) -> Letter:
    """A coordinator decides that a letter goes out once more. Raises NotYours for a letter of a
    cohort they do not coordinate, AlreadySentAgain when somebody was faster."""
    letter = session.scalars(
        sa.select(Letter).where(Letter.id == letter_id, Letter.workspace_id == by.workspace_id)
    ).first()
    if letter is None or letter.cohort_id is None:
        raise NotYours
    if not people.coordinates(session, by, letter.cohort_id):
        raise NotYours
    if not outbox.send_again(session, letter, now=now):
        raise AlreadySentAgain
    if letter.channel:
        stopped.open_again(session, letter.channel)  # they have mended it, or want to see
    return letter


def channel_stopped(
    session: Session, workspace_id: int, channel: str, code: str, now: datetime
) -> None:
    """Slack refused the channel: everybody who coordinates a cohort that reports there reads it
    in a direct message, once for each stop."""
    places = session.execute(
        sa.select(Membership.person_id, Cohort.id)
        .join(Membership.cohort)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Cohort.workspace_id == workspace_id,
            Cohort.channel == channel,
            Cohort.state == CohortState.OPEN,
            Membership.role == Role.COORDINATOR,
            Membership.state == MembershipState.ACTIVE,
            Person.left_slack_at.is_(None),
        )
        .order_by(Cohort.id)
    )
    for person_id, cohort_id in places:
        outbox.post(
            session,
            messages_people.CHANNEL_STOPPED,
            # A second cohort with the same channel is the same news.
            key=f"channel.stopped:{channel}:{person_id}:{now.isoformat()}",
            workspace_id=workspace_id,
            person_id=person_id,
            cohort_id=cohort_id,
            subject=cohort_id,
            data={"stopped": channel, "code": code},  # "channel" would be where it goes
            now=now,
        )
