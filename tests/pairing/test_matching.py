"""Filters, the score against sums done by hand, reasons, suggestions, and what is never told."""

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cohort.hours import Hours
from bot.pairing import matching as m
from bot.pairing.matching import Bar, Goal, Intern, Lack, Mentor, Reason, ReasonKind, Weights

ON = date(2026, 6, 10)
NOT_TOLD = (None, None, None, None)

ANA = Intern(
    id=1,
    goals=(
        Goal("Present my work without notes", ("presenting", "slides")),
        Goal("Write better SQL", ("sql",)),
    ),
    values=frozenset({"craft", "learning", "team"}),
    style=(2, 1, 3, None),
    hours=Hours(zone="Europe/Berlin"),
    languages=frozenset({"en", "de"}),
)
BEN = Mentor(
    id=11,
    skills=frozenset({"presentation skills", "SQL"}),
    values=frozenset({"craft", "learning", "autonomy"}),
    style=(1, 2, 5, 3),
    hours=Hours(zone="Europe/Lisbon"),
    languages=frozenset({"en"}),
    room=1,
)
STRANGER = replace(BEN, id=12, skills=frozenset({"law"}), values=frozenset({"helping"}))


def test_nothing_stands_between_two_who_can_meet():
    assert m.filters(ANA, BEN, ON) == ()


@pytest.mark.parametrize(
    ("ana", "ben", "bar"),
    [
        ({}, {"room": 0}, Bar.NO_ROOM),
        ({}, {"hours": Hours(zone="Pacific/Auckland")}, Bar.NO_SHARED_HOURS),
        ({}, {"languages": frozenset({"pt"})}, Bar.NO_LANGUAGE),
        ({"vetoes": frozenset({11})}, {}, Bar.VETO),
        ({}, {"vetoes": frozenset({1})}, Bar.VETO),
        ({"reports_to": frozenset({11})}, {}, Bar.REPORTING_LINE),
        ({}, {"away_share": 0.25}, Bar.AWAY),
    ],
)
def test_each_hard_filter_stands_alone(ana: dict, ben: dict, bar: Bar):
    assert m.filters(replace(ANA, **ana), replace(BEN, **ben), ON) == (bar,)


def test_two_shared_half_hours_a_week_are_enough_and_one_is_not():
    late = Hours(frozenset({0}), time(16), time(17), "Europe/Berlin")
    assert m.filters(ANA, replace(BEN, hours=late), ON) == ()
    short = replace(late, start=time(16, 30))
    assert m.filters(ANA, replace(BEN, hours=short), ON) == (Bar.NO_SHARED_HOURS,)


def test_a_fifth_of_the_weeks_away_is_allowed_and_untold_languages_bar_nobody():
    assert m.filters(ANA, replace(BEN, away_share=0.2), ON) == ()
    assert m.filters(replace(ANA, languages=frozenset()), BEN, ON) == ()


def test_the_score_of_a_pair_by_hand():
    score = m.score(ANA, BEN, Weights(), ON)
    assert {name: round(part.value, 4) for name, part in score.parts.items()} == {
        "goals": 0.7,  # (3 * 1/2 + 2 * 1) / 5
        "values": 0.6667,  # two of three
        "style": 0.6667,  # 1, 1 and 2 apart: 1 - 4/3/4
        "logistics": 0.9375,  # 35 hours count as 1; clocks one of eight hours apart
        "recommend": 0.5,
    }
    # by hand: .21 + .10 + .0667 + .0938 + .025 is .4954, shared out over .70
    assert score.total == pytest.approx(0.707738, abs=1e-6)


def test_a_rank_joins_the_score_with_its_weight():
    # by hand: .4954 and .20 for the rank, shared out over .95
    assert m.score(ANA, BEN, Weights(), ON, rank=2).total == pytest.approx(0.732018, abs=1e-6)


@pytest.mark.parametrize(
    ("rank", "value"), [(1, 1), (2, 0.8), (3, 0.6), (4, 0.4), (5, 0.3), (0, 0), (6, 0)]
)
def test_the_value_of_each_rank(rank: int, value: float):
    assert m.score(ANA, BEN, Weights(), ON, rank=rank).parts["rank"].value == value


@pytest.mark.parametrize(
    ("ana", "ben", "missing"),
    [
        ({"goals": ()}, {}, "goals"),
        ({"goals": (Goal("Be braver"),)}, {}, "goals"),
        ({}, {"skills": frozenset()}, "goals"),
        ({"values": frozenset()}, {}, "values"),
        ({}, {"style": NOT_TOLD}, "style"),
    ],
)
def test_what_is_not_known_is_left_out_and_the_rest_makes_up_the_whole(
    ana: dict, ben: dict, missing: str
):
    score = m.score(replace(ANA, **ana), replace(BEN, **ben), Weights(), ON)
    assert missing not in score.parts
    assert sum(part.weight for part in score.parts.values()) == pytest.approx(1)


def test_the_site_counts_only_where_both_are_known():
    both = m.score(replace(ANA, site="Berlin"), replace(BEN, site="Lisbon"), Weights(), ON)
    assert both.parts["logistics"].value == pytest.approx((1 + 0.875 + 0.5) / 3)
    one = m.score(replace(ANA, site="Berlin"), BEN, Weights(), ON)
    assert one.parts["logistics"].value == pytest.approx((1 + 0.875) / 2)


def test_a_recommendation_lifts_and_its_absence_is_no_mark():
    recommended = m.score(replace(ANA, recommended=frozenset({11})), BEN, Weights(), ON)
    assert recommended.parts["recommend"].value == 1
    assert recommended.total > m.score(ANA, BEN, Weights(), ON).total


def test_interests_count_up_to_three():
    tags = frozenset({"sql", "video", "git", "rust"})
    score = m.score(replace(ANA, interests=tags), replace(BEN, interests=tags), Weights(), ON)
    assert score.parts["interests"].value == 1


def test_weights_come_from_settings_in_per_cent():
    weights = Weights.from_settings({"weight_goals": 60, "weight_style": 0, "offer_days": 3})
    assert weights == replace(Weights(), goals=0.6, style=0)
    assert "style" not in [
        name for name, part in m.score(ANA, BEN, weights, ON).parts.items() if part.weight
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight_goals": -1},
        dict.fromkeys(
            [
                f"weight_{n}"
                for n in ("goals", "rank", "values", "style", "logistics", "interests", "recommend")
            ],
            0,
        ),
    ],
)
def test_weights_that_weigh_nothing_are_refused(wrong: dict):
    with pytest.raises(ValueError, match="weights"):
        Weights.from_settings(wrong)


styles = st.tuples(*[st.none() | st.integers(1, 5)] * 4)
words = st.frozensets(st.sampled_from(["craft", "team", "learning", "helping"]), max_size=3)
tags = st.frozensets(st.sampled_from(["sql", "git", "rust", "video", "Golang"]), max_size=4)


@given(styles, styles, words, words, tags, tags, st.none() | st.integers(0, 5))
def test_a_score_is_a_share_of_one(a, b, mine, theirs, wanted, offered, rank):
    ana = replace(ANA, style=a, values=mine, goals=(Goal("x", tuple(sorted(wanted))),))
    ben = replace(BEN, style=b, values=theirs, skills=offered)
    score = m.score(ana, ben, Weights(), ON, rank)
    assert 0 <= score.total <= 1 + 1e-9
    assert sum(part.weight for part in score.parts.values()) == pytest.approx(1)
    assert all(0 <= part.value <= 1 for part in score.parts.values())


def test_the_reasons_for_a_mentor():
    assert m.reasons(ANA, BEN, ON) == (
        Reason(ReasonKind.SKILLS, ("presenting", "sql"), goals=(1, 2)),
        Reason(ReasonKind.VALUES, ("craft", "learning")),
        Reason(ReasonKind.STYLE, ("direct", "written")),
        Reason(ReasonKind.HOURS, count=35),
        Reason(ReasonKind.ROOM, count=1),
    )


def test_reasons_are_five_at_most_and_a_recommendation_is_among_them():
    found = m.reasons(replace(ANA, recommended=frozenset({11})), BEN, ON)
    assert len(found) == 5
    assert found[1].kind is ReasonKind.RECOMMENDED


def test_being_in_between_is_no_style_to_agree_on():
    ana, ben = replace(ANA, style=(3, 3, 4, 5)), replace(BEN, style=(3, 4, 5, 4))
    assert Reason(ReasonKind.STYLE, ("spontaneous", "think_first")) in m.reasons(ana, ben, ON)


def test_suggestions_come_closest_first_and_ties_by_id():
    twin, weaker = replace(BEN, id=10), replace(BEN, id=9, values=frozenset({"helping"}))
    found = m.suggest(ANA, [weaker, BEN, twin], Weights(), ON)
    assert [s.mentor_id for s in found] == [10, 11, 9]
    assert found[0].reasons == m.reasons(ANA, twin, ON)
    assert found == m.suggest(ANA, [twin, BEN, weaker], Weights(), ON)


def test_suggestions_leave_out_the_barred_and_those_below_the_minimum():
    full = replace(BEN, id=13, room=0)
    apart = replace(STRANGER, style=(5, 5, 1, 1))
    assert m.score(ANA, apart, Weights(), ON).total < 0.35
    assert [s.mentor_id for s in m.suggest(ANA, [full, apart, BEN], Weights(), ON)] == [11]
    shown = m.suggest(ANA, [full, apart, BEN], Weights(), ON, minimum=0)
    assert [s.mentor_id for s in shown] == [11, 12]


def test_a_score_of_exactly_the_minimum_is_suggested():
    only_recommendations = Weights(0, 0, 0, 0, 0, 0, 1)
    assert m.score(ANA, BEN, only_recommendations, ON).total == 0.5
    assert m.suggest(ANA, [BEN], only_recommendations, ON, minimum=0.5)
    assert not m.suggest(ANA, [BEN], only_recommendations, ON, minimum=0.51)


def test_at_most_n_are_suggested():
    mentors = [replace(BEN, id=number) for number in range(20, 30)]
    assert [s.mentor_id for s in m.suggest(ANA, mentors, Weights(), ON)] == [20, 21, 22, 23, 24]
    assert len(m.suggest(ANA, mentors, Weights(), ON, n=2)) == 2


@pytest.mark.parametrize(
    ("mentors", "lack"),
    [
        ([], Lack("nobody")),
        ([replace(BEN, room=0)], Lack("full", "presenting")),
        ([replace(BEN, hours=Hours(zone="Pacific/Auckland"))], Lack("hours", "presenting")),
        ([replace(BEN, languages=frozenset({"pt"}))], Lack("language", "presenting")),
        ([STRANGER], Lack("skill", "presenting")),
        # the first goal's skills have helpers for whom no one fact is true; nobody has "slides"
        (
            [replace(BEN, room=0), replace(BEN, id=13, languages=frozenset({"pt"}))],
            Lack("skill", "slides"),
        ),
        # full and without shared hours: one true sentence is enough
        (
            [
                replace(BEN, room=0, hours=Hours(zone="Pacific/Auckland")),
                replace(BEN, id=13, room=0),
            ],
            Lack("full", "presenting"),
        ),
    ],
)
def test_the_one_fact_behind_an_empty_list(mentors: list[Mentor], lack: Lack):
    assert m.why_none(ANA, mentors, ON) == lack


def test_without_skills_the_fact_is_about_every_mentor():
    ana = replace(ANA, goals=(Goal("Be braver"),))
    assert m.why_none(ana, [replace(BEN, room=0)], ON) == Lack("full")
    assert m.why_none(ana, [BEN, replace(BEN, room=0)], ON) == Lack("nobody")


@pytest.mark.parametrize("change", [{"vetoes": frozenset({11})}, {"reports_to": frozenset({11})}])
def test_a_veto_or_a_reporting_line_is_never_told(change: dict):
    ana = replace(ANA, goals=(Goal("SQL", ("sql",)),), **change)
    assert m.why_none(ana, [BEN], ON) == Lack("nobody")
    # nor given away by calling everybody else full
    assert m.why_none(ana, [BEN, replace(BEN, id=13, room=0)], ON) == Lack("nobody")


def test_commonalities_take_turns():
    assert m.commonalities(ANA, BEN, ON) == (
        Reason(ReasonKind.SKILLS, ("presenting",)),
        Reason(ReasonKind.VALUES, ("craft",)),
        Reason(ReasonKind.STYLE, ("direct",)),
        Reason(ReasonKind.HOURS, count=35),
        Reason(ReasonKind.SKILLS, ("sql",)),
    )
    assert len(m.commonalities(ANA, BEN, ON, most=3)) == 3


def test_a_second_language_and_a_site_are_worth_a_word():
    ana = replace(ANA, site="Berlin", goals=(), values=frozenset(), style=NOT_TOLD)
    ben = replace(BEN, site="Berlin", languages=frozenset({"de", "en"}))
    assert m.commonalities(ana, ben, ON) == (
        Reason(ReasonKind.LANGUAGES, ("de", "en")),
        Reason(ReasonKind.SITE, ("Berlin",)),
        Reason(ReasonKind.HOURS, count=35),
    )


def test_two_with_nothing_known_share_no_invented_thing():
    ana = replace(ANA, goals=(), values=frozenset(), style=NOT_TOLD)
    ben = replace(BEN, hours=Hours(zone="Pacific/Auckland"))
    assert m.commonalities(ana, ben, ON) == ()
