"""Leave: a pause with a return date. Timers freeze and letters wait; no reason is asked."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.cohort import calendar, messages, moving, people, roster
from bot.cohort.model import Cohort, Leave, Membership, Person
from bot.cohort.settings import whole
from bot.refusal import Invalid, NotYours
from bot.times import spoken_date


def start(
    session: Session,
    person: Person,
    first_on: date,
    back_on: date,
    *,
    beside: Iterable[Person] = (),
    now: datetime,
) -> Leave:
    """Plan a leave from `first_on` until the day before `back_on`, in the person's own days.
    `beside` are the partners, who see it on their Home tab.

    Raises Invalid beside `first` or `back` for days gone by, in the wrong order, too many, after
    the programme, or within a leave that is planned already. The same dates twice are one leave.
    """
    places = roster.memberships(session, person)
    if not places:
        raise roster.why_outside(session, person)
    session.execute(
        sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True)
    )
    zone = roster.zone_of(person, places[0].cohort)
    for planned in _of(session, person):
        if (planned.first_on, planned.back_on) == (first_on, back_on):
            return planned
    _check(session, person, places, first_on, back_on, today=roster.local_date(now, zone))
    leave = Leave(
        workspace_id=person.workspace_id,
        person_id=person.id,
        first_on=first_on,
        back_on=back_on,
        back_at=calendar.local(back_on, moving.BACK_IN_THE_MORNING, zone),
        created_at=now,
    )
    session.add(leave)
    session.flush()
    _tell(session, places, leave, now=now)
    _show(session, person, beside, now=now)
    return leave


def _check(
    session: Session,
    person: Person,
    places: Sequence[Membership],
    first_on: date,
    back_on: date,
    *,
    today: date,
) -> None:
    last: Cohort = max((place.cohort for place in places), key=lambda cohort: cohort.ends_at)
    most = min(whole(place.cohort, "leave_days") for place in places)
    ends = calendar.ends_on(last.starts_on, last.weeks)
    if first_on < today:
        raise Invalid(field="first", words="That day is over. Choose today or a later day.")
    if back_on <= first_on:
        raise Invalid(field="back", words=f"Choose a day after {spoken_date(first_on)}.")
    if (back_on - first_on).days > most:
        latest = spoken_date(first_on + timedelta(days=most))
        raise Invalid(field="back", words=f"At most {most} days: choose {latest} or earlier.")
    if back_on > ends:
        whom = _contact_name(session, last)
        raise Invalid(
            field="back",
            words=f"The programme ends on {ends.day} {ends:%B}. Choose an earlier day or talk to "
            f"{whom}.",
        )
    for planned in _of(session, person):
        if first_on < planned.back_on and planned.first_on < back_on:
            raise Invalid(
                field="first",
                words=f"You have leave from {spoken_date(planned.first_on)}, back on "
                f"{spoken_date(planned.back_on)}. Choose other days, or end that one first.",
            )


def _contact_name(session: Session, cohort: Cohort) -> str:
    """A coordinator's name: beside a field Slack draws no mentions."""
    found = roster.coordinators(session, cohort)
    return found[0].first_name if found and found[0].name else "a coordinator"


def end_early(
    session: Session, leave_id: int, *, by: Person, beside: Iterable[Person] = (), now: datetime
) -> bool:
    """Back before the planned day; a leave that has not begun is taken back. True when it had
    begun. Raises NotYours for somebody else's leave, or one that is over."""
    leave = session.scalars(
        sa.select(Leave)
        .where(Leave.id == leave_id, Leave.workspace_id == by.workspace_id)
        .with_for_update()
    ).first()
    if leave is None or leave.person_id != by.id:
        raise NotYours
    places = roster.memberships(session, by)
    today = roster.local_date(now, roster.zone_of(by, places[0].cohort if places else None))
    begun = leave.first_on <= today
    if leave.back_on <= today:
        return True
    if leave.first_on < today:
        leave.back_on, leave.back_at, leave.told_back_at = today, now, now
    else:
        session.delete(leave)
    session.flush()
    _tell_back(session, places, leave_id, now=now)
    _show(session, by, beside, now=now)
    return begun


def _show(session: Session, person: Person, beside: Iterable[Person], *, now: datetime) -> None:
    for one in (person, *beside):
        people.refresh_home(session, one, now=now)


# ---- looking


def current(
    session: Session, person_ids: Collection[int], now: datetime, *, ahead: int = 0
) -> dict[int, Leave]:
    """Who of these people is on leave today where they are, or will be within `ahead` days; the
    earliest leave of each. Two queries for any number of people."""
    rows = session.execute(
        sa.select(Leave, Person)
        .join(Person, Person.id == Leave.person_id)
        .where(
            Leave.person_id.in_(person_ids),
            Leave.back_at > now - timedelta(days=1),
            Leave.first_on <= now.date() + timedelta(days=ahead + 1),
        )
        .order_by(Leave.first_on)
    ).all()
    found: dict[int, Leave] = {}
    for leave, person in rows:
        today = roster.local_date(now, roster.zone_of(person))
        if leave.first_on <= today + timedelta(days=ahead) and today < leave.back_on:
            found.setdefault(person.id, leave)
    return found


def next_of(session: Session, person: Person, now: datetime) -> Leave | None:
    """The leave this person is on, or the next one planned."""
    return current(session, [person.id], now, ahead=366).get(person.id)


def _of(session: Session, person: Person) -> Sequence[Leave]:
    return session.scalars(
        sa.select(Leave).where(Leave.person_id == person.id).order_by(Leave.first_on)
    ).all()


# ---- coming back

BACK_DUE = sa.select(Leave.id, Leave.back_at).where(Leave.told_back_at.is_(None))


def welcome_back(
    session: Session, leave_id: int, *, beside: Callable[[Person], Iterable[Person]], now: datetime
) -> None:
    """The first morning back: one letter. `beside` finds the partners, who see it on their Home
    tab."""
    leave = session.get_one(Leave, leave_id)
    leave.told_back_at = now
    outbox.post(
        session,
        messages.WELCOME_BACK,
        key=f"welcome-back:{leave_id}",
        workspace_id=leave.workspace_id,
        person_id=leave.person_id,
        subject=leave_id,
        now=now,
    )
    person = session.get_one(Person, leave.person_id)
    _show(session, person, beside(person), now=now)


def _tell(session: Session, places: Sequence[Membership], leave: Leave, *, now: datetime) -> None:
    """The coordinators see the dates, once in each channel."""
    for channel, cohort in {place.cohort.channel: place.cohort for place in places}.items():
        outbox.post(
            session,
            messages.LEAVE_LINE,
            key=f"leave:{leave.id}:{channel}",
            workspace_id=leave.workspace_id,
            channel=channel,
            subject=leave.id,
            cohort_id=cohort.id,
            data={"person": leave.person_id},
            now=now,
        )


def _tell_back(
    session: Session, places: Sequence[Membership], leave_id: int, *, now: datetime
) -> None:
    """A line not sent yet is taken back; one that was sent is brought up to date."""
    outbox.cancel(session, "the leave was ended", kind=messages.LEAVE_LINE, subject=leave_id)
    outbox.cancel(session, "the leave was ended", kind=messages.WELCOME_BACK, subject=leave_id)
    outbox.refresh(session, messages.LEAVE_LINE, subject=leave_id, now=now)
