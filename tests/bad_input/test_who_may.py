"""Everything that stands on anybody's screen, pressed and sent by everybody it is not for."""

import io

import pytest

from tests.bad_input import village as v
from tests.bad_input.village import Possible, Village, broke, changed
from tests.support.people import TEAM

OUTSIDERS = (v.STRANGER, v.REMOVED, v.DEACTIVATED, v.OTHER_COORDINATOR)

# What everybody in a cohort may do, because it is about themselves alone.
OWN = {
    "leave.form",
    "thanks.form",
}


class Kept:
    """What is kept, looked at after each request: what stood there after one stood there before
    the next."""

    def __init__(self, village: Village, **of: str) -> None:
        self._village, self._of = village, of
        self._last = village.kept(**of)

    def changed(self) -> list[str]:
        """Which tables differ from the last look."""
        before, self._last = self._last, self._village.kept(**self._of)
        return changed(before, self._last)


def refused(village: Village, kept: Kept, one: Possible, slack_id: str) -> str:
    """Send it as this person; how it went wrong, or "" when nothing changed and words came."""
    shown = len(village.seat(slack_id).ephemerals)
    answer = village.pose(one, slack_id)
    if wrong := kept.changed():
        return f"{one.what} by {slack_id} changed {wrong}"
    if answer.status != 200:
        return f"{one.what} by {slack_id} was answered {answer.status}"
    in_message = "response_url" in one.payload
    if "view" in one.payload and "actions" not in one.payload and not answer.body:
        return f"{one.what} by {slack_id} was answered with silence"
    opened = village.seat(slack_id).modal
    if in_message and len(village.seat(slack_id).ephemerals) == shown and opened is None:
        return f"{one.what} by {slack_id} was answered with silence"
    return ""


@pytest.mark.parametrize("slack_id", OUTSIDERS)
def test_nobody_outside_changes_anything_by_what_is_on_other_screens(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    possible = village.possible()
    kept = Kept(village, but=slack_id)
    wrong = [refused(village, kept, one, slack_id) for one in possible]
    assert [one for one in wrong if one] == []
    assert broke(lines) == []


@pytest.mark.parametrize("team", [v.OTHER_TEAM, "T0NOBODYKNOWS", ""])
def test_nobody_of_another_team_changes_anything_here(
    village: Village, lines: io.StringIO, team: str
) -> None:
    wrong = []
    possible = village.possible()
    kept = Kept(village, team=TEAM)
    for one in possible:
        answer = village.pose(one, v.COORDINATOR, team)
        if found := kept.changed():
            wrong.append(f"{one.what} changed {found}")
        if answer.status != 200:
            wrong.append(f"{one.what} was answered {answer.status}")
    assert wrong == []
    assert broke(lines) == []


@pytest.mark.parametrize("slack_id", [v.OTHER_INTERN, v.OTHER_MENTOR])
def test_people_of_the_cohort_change_nothing_that_is_not_theirs(
    village: Village, lines: io.StringIO, slack_id: str
) -> None:
    theirs = [one for one in village.possible() if one.owner != slack_id and one.what not in OWN]
    kept = Kept(village, but=slack_id)
    wrong = [refused(village, kept, one, slack_id) for one in theirs]
    assert [one for one in wrong if one] == []
    assert broke(lines) == []
