"""Each signal at its edge, what clears it, and how signals add up to a level."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cohort.settings import SETTINGS
from bot.concern import signals
from bot.concern.signals import Assessment, CheckIn, Facts, Level, Signal, Thresholds, assess

DEFAULT = Thresholds()
START = datetime(2026, 6, 8, 10, 0, tzinfo=UTC)  # a Monday
PAIR = Facts(introduced_at=START)
MET = replace(PAIR, held=(START + timedelta(days=1),))


def day(number: float) -> datetime:
    """So many days after the introduction."""
    return START + timedelta(days=number)


def answers(*means: float | None, first: float = 9, every: float = 14) -> tuple[CheckIn, ...]:
    return tuple(CheckIn(day(first + every * n), mean) for n, mean in enumerate(means))


def weekly(until: int) -> tuple[datetime, ...]:
    return tuple(day(number) for number in range(1, until, 7))


def level_of(facts: Facts, now: datetime) -> tuple[Level, tuple[str, ...]]:
    found = assess(facts, DEFAULT, now)
    return found.level, found.codes


def test_the_order_is_red_amber_grey_green():
    ordered = sorted(Level, key=lambda level: level.severity, reverse=True)
    assert ordered == [Level.RED, Level.AMBER, Level.GREY, Level.GREEN]


def test_a_new_pair_is_green():
    assert assess(PAIR, DEFAULT, day(1)) == Assessment(Level.GREEN)


@pytest.mark.parametrize(
    ("at", "level"),
    [(6.99, Level.GREEN), (7, Level.AMBER), (9.99, Level.AMBER), (10, Level.RED), (40, Level.RED)],
)
def test_b1_no_first_meeting(at: float, level: Level):
    codes = () if level is Level.GREEN else ("B1",)
    assert level_of(PAIR, day(at)) == (level, codes)


def test_a_signal_says_since_when_and_how_many_days():
    found = assess(PAIR, DEFAULT, day(11.5))
    assert found.signals == (Signal("B1", Level.RED, day(10), days=11),)
    assert found.since == day(10)
    assert assess(PAIR, DEFAULT, day(8)).since == day(7)


def test_b1_clears_on_the_first_held_meeting():
    late = replace(PAIR, held=(day(12),))
    assert level_of(late, day(11.9)) == (Level.RED, ("B1",))
    assert level_of(late, day(12)) == (Level.GREEN, ())


@pytest.mark.parametrize(
    ("interval", "at", "level"),
    [
        (7, 14.9, Level.GREEN),
        (7, 15, Level.AMBER),
        (7, 22, Level.RED),
        (14, 18.9, Level.GREEN),  # two weeks agreed: 18 and 24 days
        (14, 19, Level.AMBER),
        (14, 24.9, Level.AMBER),
        (14, 25, Level.RED),
    ],
)
def test_b2_days_since_the_last_held_meeting(interval: int, at: float, level: Level):
    codes = () if level is Level.GREEN else ("B2",)
    assert level_of(replace(MET, interval_days=interval), day(at)) == (level, codes)


def test_the_days_are_counted_by_the_calendar_of_the_cohort():
    last = datetime(2026, 6, 23, 13, 0, tzinfo=UTC)
    facts = Facts(introduced_at=last, held=(last,), zone="Europe/Berlin")
    found = assess(facts, DEFAULT, datetime(2026, 7, 15, 7, 0, tzinfo=UTC))
    assert found.level is Level.RED
    assert found.signals[0].days == 22


def test_a_meeting_nobody_has_told_of_delays_b2_by_two_working_days():
    # Amber would be due on Tuesday 23 June, 10:00; it waits until Thursday.
    waiting = replace(MET, unanswered_meeting=True)
    assert level_of(waiting, day(16.9)) == (Level.GREEN, ())
    assert level_of(waiting, day(17)) == (Level.AMBER, ("B2",))
    assert level_of(replace(PAIR, unanswered_meeting=True), day(7)) == (Level.AMBER, ("B1",))


def test_planned_leave_freezes_the_timers():
    away = ((date(2026, 6, 10), date(2026, 6, 15)),)  # five days
    assert level_of(replace(PAIR, frozen=away), day(11.9)) == (Level.GREEN, ())
    assert level_of(replace(PAIR, frozen=away), day(12)) == (Level.AMBER, ("B1",))
    assert level_of(replace(MET, frozen=away), day(20)) == (Level.AMBER, ("B2",))


def test_leave_of_both_at_once_freezes_once():
    away = ((date(2026, 6, 10), date(2026, 6, 15)), (date(2026, 6, 12), date(2026, 6, 16)))
    assert assess(replace(PAIR, frozen=away), DEFAULT, day(30)).since == day(10 + 6)


@pytest.mark.parametrize(
    "leave",
    [(date(2026, 5, 1), date(2026, 5, 20)), (date(2026, 8, 1), date(2026, 8, 20))],
)
def test_leave_that_is_over_or_far_ahead_freezes_nothing(leave: tuple[date, date]):
    assert assess(replace(PAIR, frozen=(leave,)), DEFAULT, day(8)).since == day(7)


def test_leave_that_began_before_the_introduction_counts_from_the_introduction():
    away = ((date(2026, 6, 1), date(2026, 6, 11)),)
    since = assess(replace(PAIR, frozen=away), DEFAULT, day(20)).since
    assert since == datetime(2026, 6, 11, tzinfo=UTC) + timedelta(days=10)


def test_two_check_ins_unanswered_by_the_same_person_are_grey():
    facts = replace(PAIR, held=weekly(30), checkins=(answers(4, None, None), answers(4, 4, 4)))
    assert assess(facts, DEFAULT, day(37.5)).signals == (Signal("B5", Level.GREY, day(37)),)
    one_each = replace(facts, checkins=(answers(4, 4, None), answers(4, None, 4)))
    assert level_of(one_each, day(37.5)) == (Level.GREEN, ())


def test_grey_and_b2_amber_is_amber():
    facts = replace(PAIR, held=(day(22),), checkins=(answers(4, None, None), ()))
    assert level_of(facts, day(37.5)) == (Level.AMBER, ("B2", "B5"))


def test_b5_clears_on_a_held_meeting_or_an_answer_and_comes_back_with_more_silence():
    silent = replace(PAIR, held=weekly(30), checkins=(answers(4, None, None, None),))
    met = replace(silent, held=(*weekly(30), day(38), day(45)))
    assert level_of(met, day(39)) == (Level.GREEN, ())
    assert level_of(met, day(51.5)) == (Level.GREY, ("B5",))
    answered = replace(silent, checkins=(answers(4, None, None, 4),), held=weekly(52))
    assert level_of(answered, day(51.5)) == (Level.GREEN, ())


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ((3.1,), (Level.GREEN, ())),
        ((3.0,), (Level.AMBER, ("S1",))),
        ((7 / 3,), (Level.AMBER, ("S1",))),
        ((2.3,), (Level.RED, ("S1",))),
        ((3.0, 3.0), (Level.RED, ("S1",))),
        ((3.0, None, 3.0), (Level.RED, ("S1",))),  # silence between does not make it twice less
        ((3.0, 3.2), (Level.AMBER, ("S1",))),  # better, but not good again
        ((3.0, 3.5), (Level.GREEN, ())),
        ((3.0, 3.2, 3.0), (Level.AMBER, ("S1",))),  # low, but not twice running
        ((2.0, 3.4), (Level.RED, ("S1",))),
        ((2.0, 3.5), (Level.GREEN, ())),
        ((13 / 3, 10 / 3), (Level.AMBER, ("S2",))),  # a fall of exactly one, in thirds
        ((4.3, 3.4), (Level.GREEN, ())),
        ((5.0, 3.5), (Level.RED, ("S2",))),
        ((5.0, 3.6), (Level.AMBER, ("S2",))),  # a fall counts even to a good mean
        ((5.0, 3.6, 3.6), (Level.GREEN, ())),
        ((5.0, 3.4, 3.4), (Level.RED, ("S2",))),
        ((4.0, 3.0), (Level.AMBER, ("S1", "S2"))),
    ],
)
def test_s_signals_after_a_row_of_means(means, expected):
    facts = replace(PAIR, held=weekly(60), checkins=((), answers(*means)))
    if any(mean is None for mean in means):
        facts = replace(facts, checkins=(answers(*means),))
    assert level_of(facts, day(52)) == expected


def test_the_worse_side_counts_and_is_not_named():
    one = replace(PAIR, held=weekly(30), checkins=(answers(4.5), answers(2.0)))
    other = replace(one, checkins=(answers(2.0), answers(4.5)))
    assert assess(one, DEFAULT, day(10)) == assess(other, DEFAULT, day(10))
    assert level_of(one, day(10)) == (Level.RED, ("S1",))


def test_coordinators_read_one_s():
    facts = replace(PAIR, held=weekly(30), checkins=(answers(4.0, 3.0),))
    found = assess(facts, DEFAULT, day(24))
    assert found.codes == ("S1", "S2")
    assert found.shown_codes == ("S",)
    assert signals.shown("B2") == "B2"


def test_two_ambers_of_different_letters_close_together_are_red():
    # S1 from day 9, B1 from day 7
    facts = replace(PAIR, checkins=(answers(3.0),))
    found = assess(facts, DEFAULT, day(9))
    assert (found.level, found.codes, found.since) == (Level.RED, ("B1", "S1"), day(9))
    assert {signal.level for signal in found.signals} == {Level.AMBER}


def test_two_ambers_of_one_letter_stay_amber():
    facts = replace(PAIR, held=weekly(30), checkins=(answers(4.0, 3.0),))
    assert assess(facts, DEFAULT, day(24)).level is Level.AMBER


@pytest.mark.parametrize(("last", "level"), [(9, Level.RED), (9.1, Level.AMBER)])
def test_two_ambers_more_than_two_weeks_apart_stay_amber(last: float, level: Level):
    # S1 stands from day 9, B2 comes 14 days after the last meeting: on day 23 or a little later
    facts = replace(PAIR, held=(day(last),), checkins=(answers(3.0),))
    assert assess(facts, DEFAULT, day(24)).level is level


def test_a_coordinator_clears_what_there_is_and_the_timers_start_again():
    facts = replace(PAIR, checkins=(answers(2.0),), cleared_at=day(11))
    assert assess(replace(facts, cleared_at=None), DEFAULT, day(11)).level is Level.RED
    assert level_of(facts, day(11)) == (Level.GREEN, ())
    assert level_of(facts, day(18)) == (Level.AMBER, ("B1",))
    again = replace(facts, held=weekly(30), checkins=(answers(2.0, 2.9),))
    assert level_of(again, day(24)) == (Level.RED, ("S1",))  # low twice running all the same


def test_a_clearance_is_not_known_before_it_is_given():
    assert assess(replace(PAIR, cleared_at=day(12)), DEFAULT, day(11)).level is Level.RED


def test_a_pairing_that_is_over_needs_no_care():
    assert assess(replace(PAIR, ended=True), DEFAULT, day(40)) == Assessment(Level.GREEN)


def test_what_happens_later_is_not_known_yet():
    facts = replace(PAIR, held=(day(2), day(60)), checkins=(answers(4.0, 1.0),))
    assert level_of(facts, day(15)) == (Level.GREEN, ())


def test_thresholds_come_from_settings():
    patient = Thresholds.from_settings({"first_meeting_amber": 9, "offer_days": 3})
    assert patient == replace(DEFAULT, first_meeting_amber=9)
    assert assess(PAIR, patient, day(8)).level is Level.GREEN


def test_every_threshold_is_a_setting_with_the_same_default():
    assert Thresholds.from_settings({name: s.default for name, s in SETTINGS.items()}) == DEFAULT
    assert {each.name for each in fields(Thresholds)} <= set(SETTINGS)


@pytest.mark.parametrize(
    ("changed", "on_day", "level"),
    [
        ({}, 24, Level.GREEN),
        ({}, 25, Level.AMBER),  # an interval of 21 days, and 4
        ({"interval_amber": 2}, 23, Level.AMBER),
        ({"interval_red": 5}, 26, Level.RED),
    ],
)
def test_a_longer_rhythm_has_its_own_figures(changed, on_day, level):
    facts = replace(PAIR, held=(day(0),), interval_days=21)
    assert assess(facts, Thresholds.from_settings(changed), day(on_day)).level is level


means = st.lists(st.none() | st.integers(3, 15).map(lambda thirds: thirds / 3), max_size=6)


@given(means, means, st.lists(st.integers(0, 80), max_size=8), st.integers(0, 84))
def test_a_level_is_never_better_than_its_worst_signal(mine, theirs, met, at):
    facts = Facts(
        introduced_at=START,
        held=tuple(day(number) for number in met),
        checkins=(answers(*mine), answers(*theirs)),
    )
    found = assess(facts, DEFAULT, day(at))
    if not found.signals:
        assert (found.level, found.since) == (Level.GREEN, None)
        return
    assert found.since is not None
    assert found.since <= day(at)
    assert all(signal.level.severity <= found.level.severity for signal in found.signals)
    assert all(signal.since <= day(at) for signal in found.signals)
    assert len(set(found.codes)) == len(found.codes)
    held = replace(facts, held=(*facts.held, day(at)))
    left = assess(held, DEFAULT, day(at)).codes
    assert not {"B1", "B2", "B5"} & set(left)
