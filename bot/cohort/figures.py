"""Changing a cohort's figures: what coordinators may set, and which figures must fit together."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort import dates, planning
from bot.cohort.model import Cohort
from bot.cohort.settings import CHECK_INS, MATCHING, SETTINGS, THANKS, Setting, setting
from bot.refusal import FormChanged, Invalid

# (the smaller one, the larger one): equal figures would switch one of the two off.
_BELOW = (
    ("offer_reminder_days", "offer_days"),
    ("ask_again_hours", "ask_stop_hours"),
    ("thanks_first", "thanks_second"),
    ("thanks_second", "thanks_last"),
    ("first_meeting_amber", "first_meeting_red"),
    ("gap_amber", "gap_red"),
    ("interval_amber", "interval_red"),
    ("mean_red", "mean_amber"),
    ("mean_amber", "clear_mean"),
    ("drop_amber", "drop_red"),
)
_WEIGHTS = ("weight_goals", "weight_values", "weight_style", "weight_logistics")


def lock(session: Session, cohort_id: int, version: int) -> Cohort:
    """The cohort, for one coordinator at a time. Raises FormChanged when somebody else has
    changed it since the form was opened."""
    cohort = session.scalars(
        sa.select(Cohort)
        .where(Cohort.id == cohort_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if cohort.version != version:
        raise FormChanged(what="somebody else saved these settings")
    return cohort


def save(session: Session, cohort: Cohort, given: Mapping[str, float], *, now: datetime) -> None:
    """Keep these figures. Raises Invalid beside the one that is outside its limits or does not
    fit another; nothing is kept then.

    What the calendar is made of (rounds, prompts) is planned anew when its figures change; who
    waits is looked at again when the figures of matching do.
    """
    for name, value in given.items():
        _check_limits(SETTINGS[name], value)
    future = {name: given.get(name, setting(cohort, name)) for name in SETTINGS}
    _check_together(future, given)
    changed = {name for name, value in given.items() if value != setting(cohort, name)}
    if not changed:
        return
    kept = dict(cohort.settings) | dict(given)
    cohort.settings = {
        name: value for name, value in kept.items() if value != SETTINGS[name].default
    }
    cohort.version += 1
    if any(SETTINGS[name].topic in (CHECK_INS, THANKS) for name in changed):
        dates.plan_again(cohort, now=now)
    if any(SETTINGS[name].topic == MATCHING for name in changed):
        planning.plan_anew(session, [cohort.id], planning.ROOM)


def _check_limits(known: Setting, value: float) -> None:
    whole = known.decimals or value == int(value)
    if not known.least <= value <= known.most or not whole:
        limits = f"Between {known.least:g} and {known.measured(known.most)}."
        raise Invalid(field=known.name, words=limits)


def _check_together(future: Mapping[str, float], given: Mapping[str, float]) -> None:
    for small, large in _BELOW:
        if (small in given or large in given) and future[small] >= future[large]:
            field, other, word = (
                (small, large, "below") if small in given else (large, small, "above")
            )
            raise Invalid(
                field=field,
                words=f'Choose a figure {word} {future[other]:g} ("{SETTINGS[other].label}").',
            )
    if "letters_per_week" in given and future["letters_per_day"] > future["letters_per_week"]:
        raise Invalid(
            field="letters_per_week", words="A week cannot allow less than one of its days."
        )
    if any(name in given for name in _WEIGHTS) and not any(future[name] for name in _WEIGHTS):
        raise Invalid(field="weight_goals", words="At least one weight must be above 0.")
