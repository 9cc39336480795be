"""Letters that did not arrive: seen by coordinators, sent again by hand."""

from typing import Any

import pytest

from bot import outbox
from bot.cohort import undelivered
from bot.cohort.model import Cohort
from bot.database import Database
from bot.outbox.model import Letter, LetterState
from bot.refusal import NotYours
from tests.support.people import START, a_cohort, a_coordinator, a_person, an_intern
from tests.support.screens import texts


def a_letter(session: Any, cohort: Cohort, person_id: int, key: str, **columns: Any) -> Letter:
    made = outbox.post(
        session,
        outbox.Kind("secret.kind"),
        key=key,
        workspace_id=cohort.workspace_id,
        person_id=person_id,
        cohort_id=cohort.id,
        now=START,
    )
    letter = session.get_one(Letter, made)
    for name, value in columns.items():
        setattr(letter, name, value)
    session.flush()
    return letter


FAILED = {"state": LetterState.FAILED, "reason": "messages_tab_disabled"}
UNKNOWN = {"state": LetterState.UNKNOWN, "reason": "Slack's answer got lost"}


def test_only_what_did_not_arrive_in_this_cohort_is_listed(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        other = a_cohort(session, "Autumn interns")
        ana = an_intern(session, cohort).person
        a_letter(session, cohort, ana.id, "1", **FAILED)
        a_letter(session, cohort, ana.id, "2", **UNKNOWN)
        a_letter(session, cohort, ana.id, "3", state=LetterState.SENT)
        a_letter(session, cohort, ana.id, "4", kind="home", **FAILED)
        a_letter(session, other, ana.id, "5", **FAILED)
        rows, page, total = undelivered.page_of(session, cohort, 9)
        assert [(row.code, row.unknown) for row in rows] == [
            ("Slack's answer got lost", True),
            ("messages_tab_disabled", False),
        ]
        assert (page, total, undelivered.count(session, cohort)) == (1, 2, 2)


def test_a_coordinator_sends_a_letter_again_once(db: Database) -> None:
    with db.begin() as session:
        cohort = a_cohort(session)
        priya = a_coordinator(session, cohort).person
        ana = an_intern(session, cohort).person
        letter = a_letter(session, cohort, ana.id, "1", **FAILED)
        with pytest.raises(NotYours):
            undelivered.send_again(session, letter.id, by=ana, now=START)
        with pytest.raises(NotYours):
            undelivered.send_again(session, 999, by=priya, now=START)
        undelivered.send_again(session, letter.id, by=priya, now=START)
        session.refresh(letter)
        assert letter.state is LetterState.PENDING
        with pytest.raises(undelivered.AlreadySentAgain):
            undelivered.send_again(session, letter.id, by=priya, now=START)


def test_the_list_says_to_whom_and_why_but_never_what(small_town: Any) -> None:
    town = small_town
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        ana = an_intern(session, cohort).person
        gone = a_person(session, "Cho Park", left_slack_at=START)
        a_letter(session, cohort, ana.id, "1", **UNKNOWN)
        a_letter(session, cohort, gone.id, "2", state=LetterState.FAILED, reason="user_disabled")
        cohort_id = cohort.id
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "people")
    priya.forge(priya.modal, "undelivered.open", str(cohort_id))
    shown = texts(priya.modal)
    assert "*Cho Park*, Mon 1 June: account switched off" in shown
    assert "*Ana Silva*, Mon 1 June: not known whether it arrived" in shown
    assert "secret" not in shown
    assert shown.count("Send again") == 1
    priya.click(priya.modal, "undelivered.again")
    assert "● It goes out again." in texts(priya.modal)
    assert "Ana Silva" not in texts(priya.modal)


def test_a_parked_letter_waits_for_a_newer_bot_and_has_no_button(small_town: Any) -> None:
    town = small_town
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        ana = an_intern(session, cohort).person
        a_letter(session, cohort, ana.id, "1", state=LetterState.PARKED, reason="not known")
        cohort_id = cohort.id
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert "1 letter not delivered: Ana Silva" in texts(priya.modal)
    priya.close()
    priya.command("/cohort", "people")
    priya.forge(priya.modal, "undelivered.open", str(cohort_id))
    shown = texts(priya.modal)
    assert "*Ana Silva*, Mon 1 June: waits for a newer version of the bot" in shown
    assert "Send again" not in shown


def test_an_empty_list_is_good_news(small_town: Any) -> None:
    town = small_town
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        cohort_id = cohort.id
    priya, ken = town.seat("U0PRIYA"), town.seat("U0KEN")
    priya.command("/cohort", "people")
    priya.forge(priya.modal, "undelivered.open", str(cohort_id))
    assert "*Every letter has arrived.*" in texts(priya.modal)
    ken.write("hello")
    ken.forge(ken.dm[0], "undelivered.open", str(cohort_id))
    assert ken.modal is None
