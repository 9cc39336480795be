"""The coordinators' forms, filled from rows: people, settings, letters not delivered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.blocks import Option, escape, listed, option
from bot.cohort import leave, members, messages_console, messages_people, naming, roster
from bot.cohort import undelivered as lost
from bot.cohort.model import Cohort, Membership, Person, Role
from bot.cohort.partners import Partners
from bot.cohort.people import Enrolment
from bot.cohort.settings import SETTINGS, setting
from bot.times import spoken_date


def choices(session: Session, person: Person) -> list[Option]:
    """The open cohorts this person coordinates, to choose from."""
    places = roster.memberships(session, person, Role.COORDINATOR)
    return [option(place.cohort.name, place.cohort_id) for place in places[:100]]


# ---- people


def people(
    session: Session,
    by: Person,
    cohort: Cohort,
    *,
    partners: Partners,
    now: datetime,
    page: int = 1,
    copy: int = 1,
    result: Sequence[str] = (),
) -> dict[str, Any]:
    """[[People]] of a cohort, at one page."""
    places, page, total = members.page_of(session, cohort, page)
    paired = partners.told(session, places, by)
    away = leave.current(session, [place.person_id for place in places], now)
    return messages_people.people(
        messages_people.PeopleView(
            cohort_id=cohort.id,
            rows=[
                _row(place, paired=paired.get(place.id, ""), back=_back(away, place))
                for place in places
            ],
            page=page,
            total=total,
            remindable=members.counts(session, cohort).without_profile,
            result=result,
            copy=copy,
            choices=choices(session, by),
        )
    )


def _back(away: dict[int, Any], place: Membership) -> str:
    found = away.get(place.person_id)
    return spoken_date(found.back_on) if found else ""


def _row(place: Membership, *, paired: str, back: str) -> messages_people.Row:
    person = place.person
    gone = person.left_slack_at is not None
    bare = person.profile_saved_at is None
    facts = [
        place.role.value,
        *([paired] if paired else []),
        *(["no profile yet"] if bare else []),
        *([f"on leave until {back}"] if back else []),
        *(["no longer in this workspace"] if gone else []),
    ]
    return messages_people.Row(
        membership_id=place.id,
        words=f"*{naming.full(person)}*, {', '.join(facts)}",
        remindable=bare and not gone,
    )


def added(cohort: Cohort, enrolment: Enrolment) -> list[str]:
    """What came of adding people, in words."""
    return messages_people.added(
        len(enrolment.added),
        [
            messages_people.left_out(naming.full(person), why.value, escape(cohort.name))
            for person, why in enrolment.left_out
        ],
    )


# ---- settings


def settings(
    session: Session, by: Person, cohort: Cohort, *, topic: int = 0, saved: bool = False
) -> dict[str, Any]:
    """[[Settings]] of a cohort, at one topic."""
    coordinators = roster.coordinators(session, cohort)
    return messages_console.settings(
        cohort_id=cohort.id,
        version=cohort.version,
        topic=topic,
        facts=messages_console.CohortFacts(
            starts_on=cohort.starts_on,
            weeks=cohort.weeks,
            channel=cohort.channel,
            coordinators=[person.slack_id for person in coordinators],
            contacts=cohort.contacts,
        ),
        values={name: setting(cohort, name) for name in SETTINGS},
        saved=saved,
        choices=choices(session, by),
    )


# ---- letters not delivered


def undelivered(
    session: Session, by: Person, cohort: Cohort, *, page: int = 1, result: str = ""
) -> dict[str, Any]:
    """[[Letters not delivered]] of a cohort, at one page; days in the reader's zone."""
    rows, page, total = lost.page_of(session, cohort, page)
    zone = roster.zone_of(by, cohort)
    return messages_people.undelivered(
        cohort_id=cohort.id,
        rows=[_undelivered_row(row, zone) for row in rows],
        page=page,
        total=total,
        result=result,
    )


def _undelivered_row(row: lost.Undelivered, zone: str) -> messages_people.UndeliveredRow:
    to = listed([naming.full(person) for person in row.to]) or f"<#{row.channel}>"
    if any(person.left_slack_at is not None for person in row.to):
        why = "account switched off"
    elif row.unknown:
        why = "not known whether it arrived"
    elif row.parked:
        why = "waits for a newer version of the bot"
    else:
        why = row.advice or f"Slack refused it ({escape(row.code)})"
    return messages_people.UndeliveredRow(
        letter_id=row.letter_id,
        words=f"*{to}*, {spoken_date(row.at, zone)}: {why}",
        can_send_again=row.can_send_again,
        unknown=row.unknown,
    )
