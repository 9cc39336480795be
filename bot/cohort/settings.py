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
    unit: str  # of one: "day"
    default: float
    least: float
    most: float
    source: str = "our own figure"
    decimals: bool = False

    def measured(self, value: float) -> str:
        """A figure with its unit: "1 day", "3 days", "35 %"."""
        one = value == 1 or self.unit in _UNCOUNTED
        return f"{value:g} {self.unit if one else self.unit + 's'}"


_OF_TWELVE = "of 12 weeks"
_UNCOUNTED = ("%", "o'clock", _OF_TWELVE)
_SCALED = "scaled to your length"
_RARELY = "where pairs meet rarely"

OFFERS, MATCHING = "Offers", "Matching"
MEETINGS, AFTERWARDS = "Meetings", "After a meeting"
CHECK_INS, THANKS, LETTERS = "Check-ins", "Thanks", "Letters"
CONCERNS, RHYTHM = "Concerns: meetings", "Concerns: rhythm"
MEANS, STEPS = "Concerns: check-ins", "Concerns: steps"
TOPICS = (
    *(OFFERS, MATCHING, MEETINGS, AFTERWARDS, CHECK_INS, THANKS, LETTERS),
    *(CONCERNS, RHYTHM, MEANS, STEPS),
)

_ALL = (
    Setting("offer_days", OFFERS, "Working days until an offer lapses", "day", 3, 1, 14),
    Setting("offer_reminder_days", OFFERS, "Working days until its one reminder", "day", 2, 1, 13),
    Setting("suggestions", OFFERS, "Mentors suggested at most", "mentor", 5, 1, 5, "choice lists"),
    Setting("place_days", OFFERS, "Working days a free place is kept", "day", 2, 1, 14),
    Setting(
        "unpaired_days", OFFERS, "Working days without a yes until you hear of it", "day", 5, 1, 20
    ),
    Setting("weight_goals", MATCHING, "Weight: goals and skills, in %", "%", 30, 0, 100),
    Setting("weight_values", MATCHING, "Weight: work values, in %", "%", 15, 0, 100),
    Setting("weight_style", MATCHING, "Weight: communication style, in %", "%", 10, 0, 100),
    Setting("weight_logistics", MATCHING, "Weight: shared hours, in %", "%", 10, 0, 100),
    Setting("minimum_score", MATCHING, "Least fit to be suggested, in %", "%", 35, 0, 100),
    Setting("first_meeting_days", MEETINGS, "Working days until the first nudge", "day", 3, 1, 10),
    Setting(
        "meeting_minutes", MEETINGS, "Usual length in minutes", "minute", 30, 15, 120, "practice"
    ),
    Setting("interval_days", MEETINGS, "Usual days between meetings", "day", 7, 5, 28, "practice"),
    Setting(
        "ask_after_minutes", AFTERWARDS, "Minutes after the end until I ask", "minute", 30, 5, 240
    ),
    Setting("ask_again_hours", AFTERWARDS, "Hours until I ask once more", "hour", 48, 24, 120),
    Setting("ask_stop_hours", AFTERWARDS, "Hours until I stop asking", "hour", 96, 48, 336),
    Setting("summary_hours", AFTERWARDS, "Hours until a summary stands", "hour", 72, 12, 336),
    Setting("action_days", AFTERWARDS, "Days an action may take at most", "day", 14, 3, 60),
    Setting("check_in_hour", CHECK_INS, "Hour a round opens", "o'clock", 10, 8, 16),
    Setting("check_in_days", CHECK_INS, "Days a round stays open", "day", 7, 3, 14),
    Setting(
        "check_in_reminder_hours", CHECK_INS, "Hours until the one reminder", "hour", 48, 24, 120
    ),
    Setting("late_pair_days", CHECK_INS, "Days a round must last for a new pair", "day", 3, 1, 7),
    Setting("choice_hours", CHECK_INS, "Hours to choose who should know", "hour", 24, 1, 24),
    Setting("thanks_first", THANKS, "Week of the first prompt", _OF_TWELVE, 3, 1, 10, _SCALED),
    Setting("thanks_second", THANKS, "Week of the second prompt", _OF_TWELVE, 7, 2, 11, _SCALED),
    Setting("thanks_last", THANKS, "Week of the last prompt", _OF_TWELVE, 12, 3, 12, _SCALED),
    Setting("thanks_gap_days", THANKS, "Days between two prompts at least", "day", 14, 7, 60),
    Setting("thanks_stop_after", THANKS, 'Stop after so many "Not now"', "time", 2, 1, 5),
    Setting("letters_per_day", LETTERS, "Unsolicited letters a day at most", "letter", 1, 1, 3),
    Setting("letters_per_week", LETTERS, "Unsolicited letters a week at most", "letter", 3, 1, 10),
    Setting("pause_days", LETTERS, "Days a pause lasts", "day", 7, 1, 28),
    Setting("leave_days", LETTERS, "Days of leave at most", "day", 28, 7, 28),
    Setting(
        "first_meeting_amber", CONCERNS, "Days without a first meeting: amber", "day", 7, 3, 30
    ),
    Setting("first_meeting_red", CONCERNS, "Days without a first meeting: red", "day", 10, 4, 40),
    Setting("gap_amber", CONCERNS, "Days since the last meeting: amber", "day", 14, 7, 42),
    Setting(
        "gap_red", CONCERNS, "Days since the last meeting: red", "day", 21, 8, 60, "programmes"
    ),
    Setting(
        "interval_amber", RHYTHM, "Days past the usual interval: amber", "day", 4, 1, 28, _RARELY
    ),
    Setting("interval_red", RHYTHM, "Days past the usual interval: red", "day", 10, 2, 42, _RARELY),
    Setting(
        "unanswered_meeting_days",
        RHYTHM,
        'Working days I wait for "Did you meet?"',
        "day",
        *(2, 0, 10),
    ),
    Setting("unanswered", RHYTHM, "Check-ins unanswered in a row: grey", "check-in", 2, 1, 5),
    Setting("mean_amber", MEANS, "Check-in mean: amber", "point", 3.0, 1, 5, decimals=True),
    Setting("mean_red", MEANS, "Check-in mean: red", "point", 2.3, 1, 5, decimals=True),
    Setting("drop_amber", MEANS, "Drop of the mean: amber", "point", 1.0, 0.5, 4, decimals=True),
    Setting("drop_red", MEANS, "Drop of the mean: red", "point", 1.5, 0.5, 4, decimals=True),
    Setting("clear_mean", MEANS, "Mean that clears a concern", "point", 3.5, 1, 5, decimals=True),
    Setting("together_days", STEPS, "Two ambers at most so many days apart: red", "day", 14, 1, 42),
    Setting("second_nudge_days", STEPS, "Working days until a second nudge", "day", 3, 1, 10),
    Setting("amber_told_days", STEPS, "Working days until you hear of amber", "day", 5, 1, 20),
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
