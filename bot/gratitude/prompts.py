"""Three times in a programme: "Has somebody helped you lately?" When, to whom, and what came."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import calendar, planning, roster
from bot.cohort.model import Cohort, Membership, MembershipState, Person
from bot.cohort.planning import Occurrence
from bot.cohort.settings import whole
from bot.database import insert_all_once, insert_once
from bot.gratitude.messages import THANKS_PROMPT
from bot.gratitude.model import PromptState, ThanksPrompt, ThanksWeek
from bot.pairing.model import Pairing, PairingState
from bot.refusal import NotYours

PLAN = "thanks"
_HOUR = 10  # Thursday morning: late enough in the week for something to have happened
_LATE = timedelta(days=1)  # a prompt week that began longer ago is not made up for


def plan(session: Session, cohort_id: int, now: datetime) -> None:
    """Set the prompt weeks by the cohort's present dates. Weeks already asked stay as they are;
    a week that lies behind is never made up for, unless new dates put it ahead again."""
    cohort = session.get_one(Cohort, cohort_id)
    weeks = {one.number: one.at for one in occurrences(cohort)}
    _reopen_passed_over(session, cohort)
    session.execute(
        sa.delete(ThanksWeek).where(
            ThanksWeek.cohort_id == cohort_id,
            ThanksWeek.opened_at.is_(None),
            ThanksWeek.week.not_in(list(weeks)),
        )
    )
    for week, opens_at in weeks.items():
        insert_once(
            session,
            ThanksWeek,
            workspace_id=cohort.workspace_id,
            cohort_id=cohort_id,
            week=week,
            opens_at=opens_at,
        )
        session.execute(
            sa.update(ThanksWeek)
            .where(
                ThanksWeek.cohort_id == cohort_id,
                ThanksWeek.week == week,
                ThanksWeek.opened_at.is_(None),
            )
            .values(opens_at=opens_at, opened_at=now if opens_at < now - _LATE else None)
        )
    planning.mark_planned(session, cohort, PLAN)


def weeks_of(cohort: Cohort) -> tuple[int, ...]:
    """The weeks with a prompt: the cohort's figures, which are meant for twelve weeks, scaled to
    its length."""
    base = tuple(whole(cohort, name) for name in ("thanks_first", "thanks_second", "thanks_last"))
    return calendar.thanks_weeks(cohort.weeks, base)


def _reopen_passed_over(session: Session, cohort: Cohort) -> None:
    """Weeks that lay behind when they were planned: closed, but nobody was asked in them."""
    asked = sa.exists().where(
        ThanksPrompt.cohort_id == ThanksWeek.cohort_id, ThanksPrompt.week == ThanksWeek.week
    )
    for row in session.scalars(
        sa.select(ThanksWeek).where(
            ThanksWeek.cohort_id == cohort.id, ThanksWeek.opened_at.is_not(None), ~asked
        )
    ):
        if row.opened_at is not None and row.opened_at - row.opens_at > _LATE:
            row.opened_at = None
    session.flush()


def occurrences(cohort: Cohort) -> list[Occurrence]:
    """The Thursday morning of each prompt week."""
    found = []
    for week in weeks_of(cohort):
        thursday = calendar.monday_of_week(week, cohort.starts_on) + timedelta(
            days=calendar.THURSDAY
        )
        found.append(Occurrence(roster.moment(cohort, thursday, _HOUR), THANKS_PROMPT.name, week))
    return found


def ask(session: Session, week_id: int, now: datetime) -> None:
    """A prompt week has come: one letter to each paired person who still wants to be asked and
    was not asked lately, however many pairings or cohorts they have."""
    week = session.get_one(ThanksWeek, week_id)
    if week.opened_at is not None:
        return
    week.opened_at = now
    cohort = session.get_one(Cohort, week.cohort_id)
    most = whole(cohort, "thanks_stop_after")
    lately = _asked_lately(session, cohort, now)
    insert_all_once(
        session,
        ThanksPrompt,
        [
            {
                "workspace_id": cohort.workspace_id,
                "cohort_id": cohort.id,
                "membership_id": one.id,
                "week": week.week,
                "state": PromptState.ASKED,
                "asked_at": now,
            }
            for one in _paired(session, cohort)
            if one.thanks_skipped < most and one.person_id not in lately
        ],
    )
    asked = session.execute(
        sa.select(ThanksPrompt.id, Membership.person_id)
        .join(Membership, Membership.id == ThanksPrompt.membership_id)
        .where(ThanksPrompt.cohort_id == cohort.id, ThanksPrompt.asked_at == now)
        .order_by(ThanksPrompt.id)
    )
    outbox.post_all(
        session,
        THANKS_PROMPT,
        (
            {
                "key": f"thanks.prompt:{made}",
                "workspace_id": cohort.workspace_id,
                "cohort_id": cohort.id,
                "person_id": person_id,
                "subject": made,
            }
            for made, person_id in asked
        ),
        now=now,
    )


def _paired(session: Session, cohort: Cohort) -> list[Membership]:
    """Interns and mentors of the cohort's active pairings, each once."""
    sides = sa.union(
        *(
            sa.select(side).where(
                Pairing.cohort_id == cohort.id, Pairing.state == PairingState.ACTIVE
            )
            for side in (Pairing.intern_id, Pairing.mentor_id)
        )
    )
    return list(
        session.scalars(
            sa.select(Membership)
            .where(Membership.id.in_(sides), Membership.state == MembershipState.ACTIVE)
            .order_by(Membership.id)
        )
    )


def _asked_lately(session: Session, cohort: Cohort, now: datetime) -> set[int]:
    """Who was asked fewer days ago than the least gap, counted in the cohort's dates."""
    zone = calendar.zone_or(cohort.zone, roster.FALLBACK_ZONE)
    gap = timedelta(days=whole(cohort, "thanks_gap_days"))
    since = roster.local_date(now, zone) - gap
    rows = session.execute(
        sa.select(Membership.person_id, sa.func.max(ThanksPrompt.asked_at))
        .join(Membership, Membership.id == ThanksPrompt.membership_id)
        .where(ThanksPrompt.workspace_id == cohort.workspace_id)
        .where(ThanksPrompt.asked_at > now - gap - timedelta(days=1))
        .group_by(Membership.person_id)
    )
    return {person for person, at in rows if roster.local_date(at, zone) > since}


def owned(session: Session, prompt_id: int, person: Person) -> ThanksPrompt:
    """The prompt, if it was put to this person. Raises NotYours."""
    found = session.scalars(
        sa.select(ThanksPrompt)
        .join(ThanksPrompt.membership)
        .where(
            ThanksPrompt.id == prompt_id,
            ThanksPrompt.workspace_id == person.workspace_id,
            Membership.person_id == person.id,
        )
    ).first()
    if found is None:
        raise NotYours
    return found


def skip(session: Session, prompt_id: int, *, by: Person, now: datetime) -> None:
    """ "Not now": counted once for each prompt, however often it is pressed."""
    prompt = owned(session, prompt_id, by)
    done = session.execute(
        sa.update(ThanksPrompt)
        .where(ThanksPrompt.id == prompt.id, ThanksPrompt.state == PromptState.ASKED)
        .values(state=PromptState.SKIPPED)
        .execution_options(synchronize_session="fetch")
    )
    if getattr(done, "rowcount", 0):
        session.execute(
            sa.update(Membership)
            .where(Membership.id == prompt.membership_id)
            .values(thanks_skipped=Membership.thanks_skipped + 1)
        )
    outbox.refresh(session, THANKS_PROMPT, subject=prompt.id, now=now)


def answered(session: Session, prompt: ThanksPrompt, thanks_id: int, *, now: datetime) -> None:
    """Thanks were written from this prompt; the first ones are what it shows."""
    if prompt.thanks_id is None:
        prompt.thanks_id = thanks_id
        prompt.state = PromptState.WRITTEN
        session.flush()
    outbox.refresh(session, THANKS_PROMPT, subject=prompt.id, now=now)


def asks_again(prompt: ThanksPrompt) -> bool:
    """Whether this member is asked in a later prompt week."""
    cohort = prompt.membership.cohort
    last = weeks_of(cohort)[-1]
    return prompt.membership.thanks_skipped < whole(cohort, "thanks_stop_after") and (
        prompt.week < last
    )
