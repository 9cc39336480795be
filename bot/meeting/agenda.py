"""When the letter before a meeting comes, and what it holds."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import roster
from bot.cohort.calendar import local, phase, week_of
from bot.cohort.hours import Away, Hours
from bot.cohort.model import Cohort, Person
from bot.meeting.messages import AGENDA, PROMPTS, Todo
from bot.meeting.model import Action, ActionState, Meeting, MeetingState
from bot.outbox.model import Letter, LetterState

_DAY = timedelta(days=1)
_LAST_HOUR = timedelta(hours=1)
_LOOK_BACK = 7  # days; a longer gap without a working day has no useful "day before"


def day_before(hours: Hours, day: date, at: time, away: Away = ()) -> datetime | None:
    """The working moment nearest to `at` on the last working day before `day`.

    At the latest an hour before work ends, so that there is time to act on it. None when the
    week before has no working day.
    """
    for back in range(1, _LOOK_BACK + 1):
        earlier = day - back * _DAY
        if earlier.weekday() in hours.days and not roster.on_leave(away, earlier):
            opening = local(earlier, hours.start, hours.zone)
            closing = local(earlier, hours.end, hours.zone)
            wanted = local(earlier, at, hours.zone)
            # The evening before is too late to prepare, so it becomes the last hour of work.
            return max(opening, min(wanted, closing - _LAST_HOUR))
    return None


def due_at(hours: Hours, away: Away, starts_at: datetime, now: datetime) -> datetime:
    """When a reader's agenda for a meeting at `starts_at` is due; now, if that has passed."""
    shown = starts_at.astimezone(ZoneInfo(hours.zone))
    moment = day_before(hours, shown.date(), shown.time(), away)
    return max(moment, now) if moment else now


def plan_again(session: Session, person: Person, now: datetime) -> None:
    """Somebody is in another zone: agendas that have not been sent come in their hours there."""
    waiting = session.execute(
        sa.select(Letter, Meeting)
        .join(Meeting, Meeting.id == Letter.subject)
        .where(
            Letter.kind == AGENDA.name,
            Letter.person_id == person.id,
            Letter.state == LetterState.PENDING,
            Meeting.state == MeetingState.PLANNED,
        )
    ).all()
    for letter, meeting in waiting:
        pairing = meeting.pairing
        hours = roster.hours_of(person, roster.zone_of(person, pairing.cohort))
        away = roster.leaves_of(session, [person.id]).get(person.id, ())
        due = due_at(hours, away, meeting.starts_at, now)
        outbox.post_anew(session, letter, due, now=now)


def comes_later(starts_at: datetime, now: datetime) -> bool:
    """Whether the day before such a meeting still lies ahead."""
    return starts_at - now > _DAY


def prompts(cohort: Cohort, on: date) -> Sequence[str]:
    """What a pair may think about in the phase that holds a day."""
    return PROMPTS[phase(week_of(on, cohort.starts_on), cohort.weeks)]


def prompt(cohort: Cohort, meeting: Meeting) -> str:
    """One of them, another one each week."""
    on = roster.local_date(meeting.starts_at, cohort.zone)
    choices = prompts(cohort, on)
    return choices[week_of(on, cohort.starts_on) % len(choices)]


def todos(session: Session, pairing_id: int) -> list[Todo]:
    """The pair's open actions, the soonest first."""
    rows = session.scalars(
        sa.select(Action)
        .where(Action.pairing_id == pairing_id, Action.state == ActionState.OPEN)
        .order_by(Action.due_on, Action.id)
    )
    return [Todo(row.text, row.owner_id, row.due_on) for row in rows]
