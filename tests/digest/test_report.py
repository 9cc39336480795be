"""The Monday digest, section by section, and the privacy floor."""

from dataclasses import replace
from typing import Any

import pytest

from bot import limits
from bot.blocks import Message, without_charts
from bot.checkin.rounds import Coverage
from bot.cohort.members import Counts
from bot.concern.messages import Shown
from bot.concern.model import ConcernState, Level
from bot.concern.watch import WeekCount
from bot.digest import report
from bot.digest.facts import Facts
from bot.digest.standing import Standing
from bot.meeting.facts import Week
from tests.support.people import START

RED = Shown(
    id=1,
    level=Level.RED,
    state=ConcernState.OPEN,
    intern="Ana Silva",
    mentor="Ben Ito",
    codes=("B2",),
    waiting_days=27,
    waiting_since="Tue 23 June",
    has_met=True,
    open_days=5,
    opened="Wed 15 July",
)
AMBER = replace(
    RED, id=2, level=Level.AMBER, intern="Cho Park", mentor="Mia Chen", codes=("S",), open_days=2
)

STANDING = Standing(
    cohort_id=4,
    name="Summer interns",
    week=7,
    starts="Mon 8 June",
    weeks=12,
    levels={Level.GREEN: 17, Level.AMBER: 3, Level.RED: 1, Level.GREY: 1},
    hidden=0,
    concerns=(RED, AMBER),
    people=Counts(24, 19, 1, 2),
    paired=22,
    waiting=1,
    room=3,
    undelivered=1,
)
FACTS = Facts(
    standing=STANDING,
    weeks=(WeekCount(6, 20, 1, 1), WeekCount(7, 17, 4, 1)),
    met=Week(met=19, met_twice=4, meetings=23),
    all_pairs=22,
    new_pairs=0,
    check_ins=Coverage(3, asked=44, answered=31, closes_at=START, is_open=False),
    wanted=("sql",),
)
QUIET = replace(
    FACTS,
    standing=replace(
        STANDING,
        levels={},
        concerns=(),
        people=Counts(0, 0, 0, 0),
        paired=0,
        waiting=0,
        room=0,
        undelivered=0,
        week=1,
    ),
    weeks=(WeekCount(1, 0, 0, 0),),
    met=Week(),
    all_pairs=0,
    check_ins=None,
    wanted=(),
)


def lines(message: Message) -> list[str]:
    """What stands in the blocks, one text a line."""
    said = []
    for block in message.all_blocks():
        if "text" in block:
            said.append(block["text"]["text"])
        elif block["type"] == "context":
            said.append(block["elements"][0]["text"])
    return said


def of(facts: Facts, **standing: Any) -> list[str]:
    return lines(report.message(replace(facts, standing=replace(facts.standing, **standing))))


NOTE = (
    'Figures like "3 of 8" are shown only where they cover at least 5 people, so that nobody can '
    "be recognised. Where fewer than half answered, they say little."
)


def test_the_digest_reads_as_one_screen() -> None:
    assert lines(report.message(FACTS)) == [
        "Summer interns, week 7 of 12",
        "*22 pairs: ● 17 green, ▲ 3 amber, ■ 1 red, ○ 1 grey*",
        "■ Red: Ana Silva and Ben Ito. No meeting for 27 days (B2), open 5 days. Call each.",
        "▲ Amber: Cho Park and Mia Chen. A check-in suggests a talk (S), open 2 days. Call both.",
        "*Last seven days:* 19 of 22 pairs met, 31 of 44 check-ins answered, 1 intern waits for a "
        "mentor",
        "*To do:* 1. Find a mentor for SQL 2. Remind 3 people of their profile "
        "3. Look at 1 letter that did not arrive",
        "*Good news:* four pairs met twice.",
        f"{NOTE} In brackets: the code of each reason. 1 letter undelivered.",
    ]


def test_the_chart_shows_the_state_over_the_weeks_without_a_series_named_after_a_colour() -> None:
    chart = next(b for b in report.message(FACTS).blocks if b["type"] == "data_visualization")
    assert chart["title"] == "Pairs by week"
    series = {s["name"]: [p["value"] for p in s["data"]] for s in chart["chart"]["series"]}
    assert series == {"On track": [20, 17], "Need care": [1, 4], "Quiet": [1, 1]}
    assert chart["chart"]["axis_config"]["categories"] == ["Wk 6", "Wk 7"]


def test_the_text_tells_every_line_and_the_chart_in_words() -> None:
    text = report.message(FACTS).text
    for said in (
        "Summer interns, week 7 of 12.",
        "22 pairs: 17 green, 3 amber, 1 red, 1 grey.",
        "Pairs by week: week 6: 20 on track, 1 need care, 1 quiet; "
        "week 7: 17 on track, 4 need care, 1 quiet.",
        "Red: Ana Silva and Ben Ito. No meeting for 27 days (B2), open 5 days. Call each.",
        "Last seven days: 19 of 22 pairs met",
        "To do: 1. Find a mentor for SQL",
        "Good news: four pairs met twice.",
        "1 letter undelivered.",
    ):
        assert said in text
    assert not set(text) & set("●▲■○*")


def test_without_the_chart_the_same_facts_stand() -> None:
    whole = report.message(FACTS)
    bare = without_charts(whole)
    assert bare.text == whole.text
    assert lines(bare) == lines(whole)
    assert not any(b["type"] == "data_visualization" for b in bare.blocks)


def test_the_first_monday_has_nothing_to_count_and_says_what_to_do() -> None:
    assert lines(report.message(QUIET)) == [
        "Summer interns, week 1 of 12",
        "*No pairs yet:* 0 interns, 0 mentors",
        "*Nothing needs you today*",
        "*To do:* 1. Add interns 2. Add mentors",
        NOTE,
    ]


def test_at_most_five_pairs_are_named_and_the_rest_stands_behind_a_button() -> None:
    many = tuple(replace(RED, id=n, intern=f"Intern {n}") for n in range(9))
    facts = replace(FACTS, standing=replace(STANDING, concerns=many))
    said = report.message(facts)
    assert sum("■ Red" in line for line in lines(said)) == 5
    button = next(b for b in said.blocks if b["type"] == "actions")["elements"][0]
    assert (button["text"]["text"], button["action_id"], button["value"]) == (
        "Show all 9",
        "status.open",
        "4",
    )
    assert "4 more need care." in said.text


def test_a_pair_somebody_has_taken_has_no_button_any_more() -> None:
    taken = replace(RED, state=ConcernState.TAKEN, who="Priya", when="Wed 15 July")
    said = report.message(replace(FACTS, standing=replace(STANDING, concerns=(taken,))))
    row = next(b for b in said.blocks if "Ana Silva" in str(b.get("text")))
    assert "accessory" not in row
    assert "Priya is contacting them." in row["text"]["text"]


@pytest.mark.parametrize(("pairs", "told"), [(2, False), (3, True)])
def test_shares_of_fewer_than_five_people_are_not_told(pairs: int, told: bool) -> None:
    few = replace(
        FACTS,
        all_pairs=pairs,
        met=Week(met=1, met_twice=1, meetings=2),
        check_ins=Coverage(1, asked=2 * pairs, answered=3, closes_at=START, is_open=True),
    )
    said = " ".join(lines(report.message(few)))
    assert ("pairs met," in said) is told
    assert ("check-ins answered" in said) is told
    assert ("Good news" in said) is told
    assert "1 intern waits for a mentor" in said


def test_good_news_is_left_out_when_there_is_none() -> None:
    assert not any(
        "Good news" in line for line in lines(report.message(replace(FACTS, met=Week())))
    )
    assert "*Good news:* every pair met." in lines(
        report.message(replace(FACTS, met=Week(met=22, meetings=22)))
    )
    assert "*Good news:* two new pairs." in lines(
        report.message(replace(FACTS, met=Week(), new_pairs=2))
    )


def test_at_most_three_things_to_do() -> None:
    said = of(FACTS, paired=10, room=0)
    todo = next(line for line in said if line.startswith("*To do:*"))
    assert "3. " in todo
    assert "4. " not in todo


def test_a_coordinators_own_pair_is_left_out_and_the_note_says_so() -> None:
    assert of(FACTS, hidden=1)[-1] == (
        f"{NOTE} In brackets: the code of each reason. 1 pair of coordinators left out. "
        "1 letter undelivered."
    )


def test_the_preview_is_for_one_person_and_stands_in_a_modal_without_a_chart() -> None:
    assert lines(report.message(FACTS, preview=True))[-1] == "A preview. Only you see this."
    view = report.preview_view(FACTS)
    assert limits.check_view(view) == []
    assert "week 7: 17 on track" in str(view)


def test_the_longest_digest_fits_slack() -> None:
    name = "Ö" * 80
    many = tuple(
        replace(RED, id=n, intern=name, mentor=name, codes=("B1", "B2", "B5", "S"))
        for n in range(30)
    )
    facts = replace(
        FACTS,
        standing=replace(STANDING, name="<&>" * 26, concerns=many),
        weeks=tuple(WeekCount(n, 600, 600, 600) for n in range(1, 17)),
        wanted=("a skill <!channel> & more " * 5,) * 3,
    )
    said = report.message(facts)
    assert limits.check_message({"text": said.text, "blocks": said.all_blocks()}) == []
    assert len(said.text) <= 4000
    assert "<!channel>" not in str(said.blocks)
