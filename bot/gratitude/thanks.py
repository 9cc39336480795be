"""Thanking somebody: who may thank whom, and the letter that carries it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot import outbox
from bot.cohort import naming, roster
from bot.cohort.model import Cohort, Membership, MembershipState, Person, Workspace
from bot.database import insert_once
from bot.gratitude import prompts
from bot.gratitude.messages import LONGEST, THANKS, TO, WORDS
from bot.gratitude.model import Thanks
from bot.pairing.model import Pairing, PairingState
from bot.refusal import NotYours, Refusal

_SLACKBOT = "USLACKBOT"


class ToNobody(Refusal):
    """Choose the person you want to thank."""


class ToYourself(Refusal):
    """That is you. Choose somebody who helped you."""


class ToAnApp(Refusal):
    """That is an app, it cannot read thanks. Choose a person."""


class OutsideCohort(Refusal):
    """{name} is not in your cohort. You can write to {name} directly."""


class UnknownOutsideCohort(Refusal):
    """This person is not in your cohort. You can write to them directly."""


class GoneFromSlack(Refusal):
    """{name} is no longer in this workspace. {whom} knows."""


class WithoutWords(Refusal):
    """Write what they did, in your own words."""


def send(
    session: Session,
    giver: Person,
    *,
    to: str | None,
    words: str,
    form: str,
    now: datetime,
    prompt_id: int | None = None,
) -> Person:
    """Post these words to the person with the Slack id `to`; returns that person.

    One form is one letter: the same `form` again changes nothing. Refused beside its field when
    the receiver is not somebody in a cohort of the giver's, or when there are no words.
    """
    if not form:
        raise NotYours
    receiver, cohort_id = _receiver(session, giver, to)
    if not words:
        raise WithoutWords(field=WORDS)
    if len(words) > LONGEST:
        raise ValueError("the form reader lets no longer words pass")
    prompt = prompts.owned(session, prompt_id, giver) if prompt_id is not None else None
    made = insert_once(
        session,
        Thanks,
        workspace_id=giver.workspace_id,
        cohort_id=cohort_id,
        from_id=giver.id,
        to_id=receiver.id,
        words=words,
        form=form,
        created_at=now,
    )
    if made is None:
        return receiver
    outbox.post(
        session,
        THANKS,
        key=f"thanks:{made}",
        workspace_id=giver.workspace_id,
        person_id=receiver.id,
        cohort_id=cohort_id,
        subject=made,
        now=now,
    )
    if prompt is not None:
        prompts.answered(session, prompt, made, now=now)
    return receiver


def giver_of(session: Session, thanks_id: int, receiver: Person) -> Person:
    """Who thanked this person. Raises NotYours when these words went to somebody else."""
    found = session.scalars(
        sa.select(Thanks).where(
            Thanks.id == thanks_id,
            Thanks.workspace_id == receiver.workspace_id,
            Thanks.to_id == receiver.id,
        )
    ).first()
    if found is None:
        raise NotYours
    return found.giver


def likely_receiver(session: Session, giver: Person) -> Person | None:
    """Whom the form presets: the partner of the only active pairing; None with several or none.

    Raises what the roster says to somebody who is in no cohort. A cohort that has ended is
    still a place to say thanks in.
    """
    if not roster.memberships(session, giver, open_only=False):
        raise roster.why_outside(session, giver)
    intern, mentor = aliased(Membership), aliased(Membership)
    pairs = session.scalars(
        sa.select(Pairing)
        .join(intern, intern.id == Pairing.intern_id)
        .join(mentor, mentor.id == Pairing.mentor_id)
        .where(
            Pairing.state == PairingState.ACTIVE,
            sa.or_(intern.person_id == giver.id, mentor.person_id == giver.id),
        )
        .limit(2)
    ).all()
    if len(pairs) != 1:
        return None
    pair = pairs[0]
    partner = pair.mentor.person if pair.intern.person_id == giver.id else pair.intern.person
    return None if partner.left_slack_at else partner


def _receiver(session: Session, giver: Person, to: str | None) -> tuple[Person, int]:
    """The receiver and the newest cohort both are in."""
    mine = [m.cohort_id for m in roster.memberships(session, giver, open_only=False)]
    if not mine:
        raise roster.why_outside(session, giver)
    if not to:
        raise ToNobody(field=TO)
    if to == giver.slack_id:
        raise ToYourself(field=TO)
    receiver = session.scalars(
        sa.select(Person).where(Person.workspace_id == giver.workspace_id, Person.slack_id == to)
    ).first()
    if to in (_SLACKBOT, _bot_user(session, giver)) or (receiver and receiver.is_bot):
        raise ToAnApp(field=TO)
    if receiver is None or not receiver.name:
        theirs = _shared_cohort(session, receiver, mine) if receiver else None
        if receiver is None or theirs is None:
            raise UnknownOutsideCohort(field=TO)
        return receiver, theirs
    if receiver.left_slack_at:
        knows = roster.coordinators(session, session.get_one(Cohort, mine[0]))
        whom = naming.title(knows[0]) if knows else "A coordinator"
        raise GoneFromSlack(field=TO, name=receiver.first_name, whom=whom)
    shared = _shared_cohort(session, receiver, mine)
    if shared is None:
        raise OutsideCohort(field=TO, name=receiver.first_name)
    return receiver, shared


def _shared_cohort(session: Session, receiver: Person, mine: list[int]) -> int | None:
    return session.scalar(
        sa.select(Membership.cohort_id)
        .where(
            Membership.person_id == receiver.id,
            Membership.cohort_id.in_(mine),
            Membership.state == MembershipState.ACTIVE,
        )
        .order_by(Membership.cohort_id.desc())
        .limit(1)
    )


def _bot_user(session: Session, person: Person) -> str:
    return session.get_one(Workspace, person.workspace_id).bot_user_id
