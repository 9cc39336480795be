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


def refused(village: Village, one: Possible, slack_id: str, team: str | None = None) -> str:
    """Send it as this person; how it went wrong, or "" when nothing changed and words came."""
    before = village.kept(but=slack_id)
    shown = len(village.seat(slack_id).ephemerals)
    answer = village.pose(one, slack_id, team)
    wrong = changed(before, village.kept(but=slack_id))
    if wrong:
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
    wrong = [refused(village, one, slack_id) for one in village.possible()]
    assert [one for one in wrong if one] == []
    assert broke(lines) == []


@pytest.mark.parametrize("team", [v.OTHER_TEAM, "T0NOBODYKNOWS", ""])
def test_nobody_of_another_team_changes_anything_here(
    village: Village, lines: io.StringIO, team: str
) -> None:
    wrong = []
    for one in village.possible():
        before = village.kept(team=TEAM)
        answer = village.pose(one, v.COORDINATOR, team)
        if found := changed(before, village.kept(team=TEAM)):
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
    wrong = [refused(village, one, slack_id) for one in theirs]
    assert [one for one in wrong if one] == []
    assert broke(lines) == []
