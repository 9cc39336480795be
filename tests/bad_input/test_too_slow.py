"""Slack gives three seconds to open a form. Whoever was slower is told to press once more, where
they are looking, and pressing again works."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import TOO_LONG
from bot.deliveries import BrokenDelivery
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town


@pytest.fixture
def ben(town: Town) -> Any:
    """Ana has asked Ben, whose letter is there."""
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_mentor(session, cohort)
        scene.asking(session, cohort, "Ana Silva", "Ben")
    town.live(hours=2)
    return town.seat("U0BEN")


@pytest.fixture
def late(town: Town, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every ticket for a form is too old; `undo` for what comes."""
    monkeypatch.setattr(town.slack.tickets, "seconds", -1.0)
    return monkeypatch


def test_a_command_whose_ticket_is_too_old_says_to_press_once_more(
    ben: Any, late: pytest.MonkeyPatch
) -> None:
    answer = ben.command("/mentor", "leave")
    assert (answer.ok, answer.message.text, ben.modal) == (True, TOO_LONG, None)
    late.undo()
    assert ben.command("/mentor", "leave").ok
    assert ben.modal is not None


def test_a_click_whose_ticket_is_too_old_says_to_press_once_more_and_keeps_the_message(
    town: Town, ben: Any, late: pytest.MonkeyPatch
) -> None:
    letter = ben.dm[-1]
    assert ben.click(letter, "offer.decline").ok
    assert (ben.ephemerals[-1].text, ben.modal) == (TOO_LONG, None)
    late.undo()
    assert ben.click(letter, "offer.decline").ok
    assert ben.modal is not None
    with town.db.read() as session:
        assert session.scalars(sa.select(BrokenDelivery)).all() == [], "it is no bug"
