"""A pause or a backlog: what there is to decide, and what each decision does."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.database import Database
from bot.outbox import instance
from bot.outbox.model import Instance, Letter, LetterState
from tests.support.letters import a_letter, an_instance
from tests.support.people import START

NOW = START + timedelta(days=3)
COPIED = "this database is a copy"


def states(session: Session) -> dict[str, tuple[str, str]]:
    rows = session.execute(sa.select(Letter.key, Letter.state, Letter.reason))
    return {key: (state.value, reason) for key, state, reason in rows}


def five_letters(session: Session) -> None:
    """Two due in the outage, one held back after it, one of later, one edit."""
    a_letter(session, "in", due_at=START + timedelta(hours=2))
    a_letter(session, "claimed", due_at=START + timedelta(hours=3), state=LetterState.CLAIMED)
    a_letter(session, "held", due_at=NOW + timedelta(hours=1), reason=instance.HELD)
    a_letter(session, "later", due_at=NOW + timedelta(days=1))
    a_letter(session, "edit", kind=outbox.EDIT.name, due_at=START + timedelta(hours=2))


def an_outage(session: Session) -> Instance:
    return an_instance(session, away_from=START, away_until=NOW - timedelta(minutes=5))


def test_there_is_nothing_to_decide_while_all_is_well(db: Database) -> None:
    with db.begin() as session:
        assert instance.standing(session, now=NOW) is None
        an_instance(session)
        a_letter(session, "due")
        assert instance.standing(session, now=NOW) is None
        assert instance.resume(session, send=False, now=NOW) == 0
        assert states(session)["due"][0] == "pending"


def test_an_outage_in_which_nothing_fell_due_asks_nobody(db: Database) -> None:
    with db.begin() as session:
        an_outage(session)
        a_letter(session, "later", due_at=NOW + timedelta(days=1))
        assert instance.standing(session, now=NOW) is None


def test_after_an_outage_what_fell_due_meanwhile_is_to_be_decided(db: Database) -> None:
    with db.begin() as session:
        an_outage(session)
        five_letters(session)
        stands = instance.standing(session, now=NOW)
        assert stands == instance.Standing(
            paused_reason="",
            since=NOW - timedelta(minutes=5),
            away_from=START,
            away_until=NOW - timedelta(minutes=5),
            waiting=3,
        )
        assert stands.paused is False


def test_skipping_a_backlog_cancels_it_and_nothing_else(db: Database) -> None:
    with db.begin() as session:
        an_outage(session)
        five_letters(session)
        assert instance.resume(session, send=False, now=NOW, by="U0PRIYA") == 3
        skipped = ("cancelled", instance.SKIPPED)
        assert states(session) == {
            "in": skipped,
            "claimed": skipped,
            "held": skipped,
            "later": ("pending", ""),
            "edit": ("pending", ""),
        }
        assert instance.standing(session, now=NOW) is None
        assert instance.decision(session) == instance.Decision(send=False, by="U0PRIYA", at=NOW)


def test_sending_a_backlog_leaves_it_and_asks_no_more(db: Database) -> None:
    with db.begin() as session:
        an_outage(session)
        five_letters(session)
        before = states(session)
        assert instance.resume(session, send=True, now=NOW) == 3
        assert states(session) == before
        assert instance.standing(session, now=NOW) is None


def test_the_second_decision_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        an_outage(session)
        five_letters(session)
        instance.resume(session, send=True, now=NOW, by="U0PRIYA")
        assert instance.resume(session, send=False, now=NOW, by="U0TOM") == 0
        assert "cancelled" not in {state for state, _reason in states(session).values()}
        assert instance.decision(session).by == "U0PRIYA"


def test_a_new_outage_is_a_new_question(db: Database) -> None:
    with db.begin() as session:
        row = an_outage(session)
        five_letters(session)
        instance.resume(session, send=True, now=NOW)
        row.away_from, row.away_until = NOW, NOW + timedelta(days=2)
        session.flush()
        assert instance.standing(session, now=NOW + timedelta(days=2)) is not None


@pytest.mark.parametrize("send", [True, False])
def test_a_paused_copy_is_asked_about_all_that_is_due(db: Database, send: bool) -> None:
    with db.begin() as session:
        row = an_instance(session, paused_at=NOW - timedelta(hours=1), paused_reason=COPIED)
        five_letters(session)
        stands = instance.standing(session, now=NOW)
        assert stands is not None
        assert (stands.paused_reason, stands.waiting) == (COPIED, 2)
        assert instance.resume(session, send=send, now=NOW) == 2
        session.refresh(row)
        assert (row.paused_at, row.paused_reason) == (None, "")
        found = states(session)
        assert found["in"] == (("pending", "") if send else ("cancelled", instance.SKIPPED))
        assert found["held"][0] == found["later"][0] == found["edit"][0] == "pending"


def test_a_paused_copy_without_letters_still_waits_for_a_word(db: Database) -> None:
    with db.begin() as session:
        an_instance(session, paused_at=NOW, paused_reason=COPIED)
        assert instance.standing(session, now=NOW) is not None
        assert instance.resume(session, send=False, now=NOW) == 0
        assert instance.standing(session, now=NOW) is None
