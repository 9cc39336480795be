"""Writing the letters of thanks when they go out, and when they change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.cohort import roster
from bot.cohort.model import CohortState, MembershipState
from bot.cohort.settings import whole
from bot.gratitude import messages, prompts
from bot.gratitude.model import PromptState, Thanks, ThanksPrompt
from bot.outbox.model import Cancelled, Kind, Letter, Render
from bot.pairing.model import Pairing, PairingState


def prompt(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The question, or what became of it."""
    asked = session.get_one(ThanksPrompt, letter.subject)
    if asked.state is PromptState.WRITTEN and asked.thanks is not None:
        return messages.prompt_answered(asked.thanks.receiver)
    if asked.state is PromptState.SKIPPED:
        return messages.prompt_skipped(asked.id, again=prompts.asks_again(asked))
    if not _can_thank(session, asked):
        return messages.prompt_over() if letter.sent_ts else Cancelled("no pairing any more")
    cohort = asked.membership.cohort
    return messages.prompt(
        asked.id,
        letter.id,
        times=len(prompts.weeks_of(cohort)),
        weeks=cohort.weeks,
        stop_after=whole(cohort, "thanks_stop_after"),
    )


def _can_thank(session: Session, asked: ThanksPrompt) -> bool:
    member = asked.membership
    return (
        member.state is MembershipState.ACTIVE
        and member.cohort.state is CohortState.OPEN
        and session.scalar(
            sa.select(Pairing.id)
            .where(
                sa.or_(Pairing.intern_id == member.id, Pairing.mentor_id == member.id),
                Pairing.state == PairingState.ACTIVE,
            )
            .limit(1)
        )
        is not None
    )


def received(session: Session, letter: Letter, now: datetime) -> Message | Cancelled:
    """The thanks themselves, to the one person they are for."""
    thanks = session.get_one(Thanks, letter.subject)
    return messages.received(
        thanks.id,
        letter.id,
        thanks.giver,
        thanks.words,
        told=letter.sent_at if letter.sent_ts else None,
        zone=roster.zone_of(thanks.receiver),
    )


LETTERS: tuple[tuple[Kind, Render], ...] = (
    (messages.THANKS_PROMPT, prompt),
    (messages.THANKS, received),
)
