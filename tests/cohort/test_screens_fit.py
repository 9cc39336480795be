"""Every screen of the cohort, at its longest, within what Slack takes."""

from datetime import date
from typing import Any

import pytest

from bot.blocks import Message, option, section
from bot.cohort import messages, messages_console, messages_people
from bot.cohort.model import Role
from bot.cohort.settings import SETTINGS
from bot.limits import check_message, check_view

LONG = "&lt;" * 20 + "ﷺ🌊" * 10
BIG = 2**31 - 1
CHOICES = [option("x" * 80, BIG - n) for n in range(100)]


def letters() -> list[Message]:
    return [
        messages.welcome_intern(
            name=LONG, cohort=LONG, by=LONG, day=LONG, weeks=16, letter_id=BIG, membership_id=BIG
        ),
        messages.welcome_mentor(cohort=LONG, by=LONG, weeks=16, letter_id=BIG, membership_id=BIG),
        messages.welcome_coordinator(
            cohort=LONG, by=LONG, starts=LONG, channel="C1", cohort_id=BIG, letter_id=BIG
        ),
        messages.welcome_after_profile(LONG, LONG),
        messages.welcome_after_leaving(LONG, LONG, LONG),
        messages.welcome_after_the_end(LONG, LONG),
        messages.profile_reminder(name=LONG, cohort=LONG, letter_id=BIG, membership_id=BIG),
        messages.welcome_back(name=LONG, letter_id=BIG, meets=True),
        messages.cannot_read(thanks=True),
        messages.cannot_read_outside(LONG),
        messages.paused(LONG),
        messages.resumed(),
        messages.why(LONG, 3, 10),
        *(
            messages.closing(name=LONG, cohort=LONG, role=role, letter_id=1, goes_on=True)
            for role in Role
        ),
        messages.left_line(LONG, Role.MENTOR),
        messages.gone_line(LONG, Role.INTERN),
        messages.leave_line(LONG, LONG, LONG),
        messages.back_line(LONG, LONG),
        messages.stays_line(LONG),
        messages.closing_line(LONG, 1300, 1),
    ]


def views() -> list[dict[str, Any]]:
    facts = messages_console.CohortFacts(
        date(2026, 6, 8), 12, "C1", [f"U{n}" for n in range(30)], "x" * 1000
    )
    rows = [messages_people.Row(BIG - n, LONG, remindable=True) for n in range(10)]
    lost = [
        messages_people.UndeliveredRow(BIG - n, LONG, can_send_again=True, unknown=True)
        for n in range(10)
    ]
    return [
        messages.decline_form(LONG, LONG, "{}"),
        messages.left_view(LONG, LONG),
        messages.leave_form(date(2026, 6, 8)),
        messages.leave_view(LONG, LONG, BIG, begun=True),
        messages.back_view(LONG),
        messages.leave_cancelled_view(),
        messages_console.console(
            cohort_id=BIG,
            headline=LONG,
            people=messages_console.people_line(["24 interns", LONG], ["19 mentors", LONG]),
            rows=[section(LONG)],
            may_create=True,
            choices=CHOICES,
        ),
        messages_console.new_cohort(first=date(2026, 6, 8), zone="Europe/Berlin", me="U1"),
        messages_console.created(cohort=LONG, cohort_id=BIG, reading_along=[LONG] * 300),
        *(
            messages_console.settings(
                cohort_id=BIG,
                version=BIG,
                topic=topic,
                facts=facts,
                values={name: known.most for name, known in SETTINGS.items()},
                saved=True,
                choices=CHOICES,
            )
            for topic in range(len(messages_console.ALL_TOPICS))
        ),
        messages_people.people(
            messages_people.PeopleView(
                cohort_id=BIG,
                rows=rows,
                page=2,
                total=1300,
                remindable=1300,
                result=messages_people.added(100, [LONG] * 100),
                copy=99,
                choices=CHOICES,
            )
        ),
        messages_people.people(messages_people.PeopleView(cohort_id=1, rows=[], page=1, total=0)),
        messages_people.remove_form(
            title="W" * 60,
            label="W" * 12,
            cohort=LONG,
            membership_id=BIG,
            cohort_id=BIG,
            page=130,
            intern=True,
        ),
        messages_people.undelivered(cohort_id=BIG, rows=lost, page=2, total=99, result=LONG),
        messages_people.undelivered(cohort_id=BIG, rows=[], page=1, total=0),
    ]


@pytest.mark.parametrize("number", range(len(letters())))
def test_a_letter_fits_and_is_read_aloud_in_full(number: int) -> None:
    message = letters()[number]
    assert check_message({"text": message.text, "blocks": message.all_blocks()}) == []
    assert message.text
    assert not set("●▲■○*`") & set(message.text)


@pytest.mark.parametrize("number", range(len(views())))
def test_a_form_fits(number: int) -> None:
    assert check_view(views()[number]) == []
