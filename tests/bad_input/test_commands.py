"""Every command and word, and both shortcuts, by everybody they are not for."""

import io

import pytest

from bot import program
from tests.bad_input import village as v
from tests.bad_input.village import Village, broke, changed

WORDS = [(name, word) for name, words in program.WORDS.items() for word in words]
OUTSIDERS = (v.STRANGER, v.REMOVED, v.DEACTIVATED)
# `/mentor` alone is a page for everybody who has a place, in whatever cohort.
FOR_COORDINATORS = [(name, word) for name, word in WORDS if name == "/cohort"]


def says(village: Village, slack_id: str, name: str, word: str) -> str:
    """The private answer; nothing has changed and nothing has opened."""
    before = village.kept(but=slack_id)
    opened = len(village.seat(slack_id).modals)
    outcome = village.seat(slack_id).command(name, word)
    assert outcome.ok, (name, word, outcome.says)
    assert changed(before, village.kept(but=slack_id)) == []
    assert len(village.seat(slack_id).modals) == opened
    assert outcome.message is not None, (name, word)
    return outcome.message.text


@pytest.mark.parametrize("slack_id", OUTSIDERS)
def test_a_command_of_an_outsider_is_answered_with_a_sentence(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    for name, word in WORDS:
        if slack_id == v.STRANGER and name == "/mentor" and word == "help":
            continue
        said = says(village, slack_id, name, word)
        assert said.endswith((".", "`")), (name, word, said)
    assert broke(lines) == []


@pytest.mark.parametrize("slack_id", [v.OTHER_INTERN, v.OTHER_MENTOR])
def test_coordinators_words_are_for_coordinators(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    for name, word in FOR_COORDINATORS:
        said = says(village, slack_id, name, word)
        assert "<@U0PRIYA>" in said or "owner" in said, (word, said)
    assert broke(lines) == []


def test_another_coordinator_sees_only_their_own_cohort(village: Village) -> None:
    rosa = village.seat(v.OTHER_COORDINATOR)
    for _name, word in FOR_COORDINATORS:
        outcome = rosa.command("/cohort", word)
        shown = rosa.read_aloud(rosa.modal) if rosa.modal else ""
        shown += outcome.message.texts() if outcome.message else ""
        assert "Summer interns" not in shown
        assert "Felix" not in shown
        rosa.close(clear=True) if rosa.modal else None


def test_mentors_do_not_ask_and_coordinators_do_neither(village: Village) -> None:
    assert "You are a mentor here." in says(village, v.OTHER_MENTOR, "/mentor-request", "")
    assert "You coordinate Summer interns." in says(village, v.COORDINATOR, "/mentor-request", "")


@pytest.mark.parametrize("slack_id", OUTSIDERS)
@pytest.mark.parametrize("callback_id", ["request.shortcut", "thanks.shortcut"])
def test_a_shortcut_of_an_outsider_opens_a_sentence(
    village: Village, slack_id: str, callback_id: str
) -> None:
    seat = village.seat(slack_id)
    before = village.kept(but=slack_id)
    assert seat.shortcut(callback_id).ok
    assert seat.modal is not None
    assert seat.modal["title"]["text"] == "Not possible"
    assert changed(before, village.kept(but=slack_id)) == []
    seat.close(clear=True)
