"""Every number of the programme, with its default and its limits: the only place for them.

A cohort stores only what its coordinators changed. Sources of the defaults: the research notes
on mentoring behind this product; "our own figure" marks the ones without one.
"""

from dataclasses import dataclass
from typing import Any

from bot.cohort.model import Cohort


@dataclass(frozen=True)
class Setting:
    """One number: what it means, where it starts, and between what it may move."""

    name: str
    topic: str
    label: str
    default: float
    least: float
    most: float
    source: str = "our own figure"
    decimals: bool = False


OFFERS, MEETINGS, CHECK_INS = "Offers", "Meetings", "Check-ins"
THANKS, LETTERS, MATCHING = "Thanks", "Letters", "Matching"
CONCERNS, MEANS = "Concerns: meetings", "Concerns: check-ins"
TOPICS = (OFFERS, MATCHING, MEETINGS, CHECK_INS, THANKS, LETTERS, CONCERNS, MEANS)

_ALL = (
    Setting("offer_days", OFFERS, "Working days until an offer lapses", 3, 1, 14),
    Setting("offer_reminder_days", OFFERS, "Working days until its one reminder", 2, 1, 13),
    Setting("suggestions", OFFERS, "Mentors suggested at most", 5, 1, 5, "choice lists"),
    Setting("place_days", OFFERS, "Working days a free place is kept", 2, 1, 14),
    Setting("unpaired_days", OFFERS, "Working days without a yes until you hear of it", 5, 1, 20),
    Setting("weight_goals", MATCHING, "Weight: goals and skills, in %", 30, 0, 100),
    Setting("weight_values", MATCHING, "Weight: work values, in %", 15, 0, 100),
    Setting("weight_style", MATCHING, "Weight: communication style, in %", 10, 0, 100),
    Setting("weight_logistics", MATCHING, "Weight: shared hours, in %", 10, 0, 100),
    Setting("minimum_score", MATCHING, "Least fit to be suggested, in %", 35, 0, 100),
    Setting("first_meeting_days", MEETINGS, "Working days until the first nudge", 3, 1, 10),
    Setting("meeting_minutes", MEETINGS, "Usual length in minutes", 30, 15, 120, "practice"),
    Setting("ask_after_minutes", MEETINGS, "Minutes after the end until I ask", 30, 5, 240),
    Setting("interval_days", MEETINGS, "Usual days between meetings", 7, 5, 28, "practice"),
    Setting("action_days", MEETINGS, "Days an action may take at most", 14, 3, 60),
    Setting("check_in_hour", CHECK_INS, "Hour a round opens", 10, 8, 16),
    Setting("check_in_days", CHECK_INS, "Days a round stays open", 7, 3, 14),
    Setting("check_in_reminder_hours", CHECK_INS, "Hours until the one reminder", 48, 24, 120),
    Setting("late_pair_days", CHECK_INS, "Days a round must last for a new pair", 3, 1, 7),
    Setting("choice_hours", CHECK_INS, "Hours to choose who should know", 24, 1, 24),
    Setting("thanks_gap_days", THANKS, "Days between two prompts at least", 14, 7, 60),
    Setting("thanks_stop_after", THANKS, 'Stop after so many "Not now"', 2, 1, 5),
    Setting("letters_per_day", LETTERS, "Unsolicited letters a day at most", 1, 1, 3),
    Setting("letters_per_week", LETTERS, "Unsolicited letters a week at most", 3, 1, 10),
    Setting("pause_days", LETTERS, "Days a pause lasts", 7, 1, 28),
    Setting("leave_days", LETTERS, "Days of leave at most", 28, 7, 28),
    Setting("first_meeting_amber", CONCERNS, "Days without a first meeting: amber", 7, 3, 30),
    Setting("first_meeting_red", CONCERNS, "Days without a first meeting: red", 10, 4, 40),
    Setting("gap_amber", CONCERNS, "Days since the last meeting: amber", 14, 7, 42),
    Setting("gap_red", CONCERNS, "Days since the last meeting: red", 21, 8, 60, "programmes"),
    Setting("second_nudge_days", CONCERNS, "Working days until a second nudge", 3, 1, 10),
    Setting("amber_told_days", CONCERNS, "Working days until you hear of amber", 5, 1, 20),
    Setting("mean_amber", MEANS, "Check-in mean: amber", 3.0, 1, 5, decimals=True),
    Setting("mean_red", MEANS, "Check-in mean: red", 2.3, 1, 5, decimals=True),
    Setting("drop_amber", MEANS, "Drop of the mean: amber", 1.0, 0.5, 4, decimals=True),
    Setting("drop_red", MEANS, "Drop of the mean: red", 1.5, 0.5, 4, decimals=True),
    Setting("clear_mean", MEANS, "Mean that clears a concern", 3.5, 1, 5, decimals=True),
    Setting("unanswered", MEANS, "Check-ins unanswered in a row: grey", 2, 1, 5),
)
SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _ALL}


def setting(cohort: Cohort, name: str) -> float:
    """The cohort's figure, or the default. KeyError for a name that is no setting."""
    known = SETTINGS[name]
    value: Any = cohort.settings.get(name)
    return known.default if value is None else float(value)


def whole(cohort: Cohort, name: str) -> int:
    """The same for figures that count something."""
    return int(setting(cohort, name))
