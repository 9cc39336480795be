"""A week that is too full: what a pair does instead, as both see it. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot import blocks
from bot.blocks import Message
from bot.meeting.messages import PLAN
from bot.meeting.model import Smaller
from bot.meeting.sides import Side
from bot.outbox.model import Kind

SHORT, WRITTEN, SKIP = "rhythm.short", "rhythm.written", "rhythm.skip"

WEEK = Kind("meeting.week", max_age=timedelta(days=3))

SHORT_MINUTES = 15


def smaller_buttons(pairing_id: int) -> tuple[blocks.Element, ...]:
    """The three honest answers to "what fits best this week?"; none is green."""
    return (
        blocks.button("15 minutes", SHORT, pairing_id),
        blocks.button("Three written questions", WRITTEN, pairing_id),
        blocks.button("Skip this week", SKIP, pairing_id),
    )


def week(by: Side, choice: Smaller, prompts: Sequence[str], pairing_id: int | None) -> Message:
    """The group message about a choice. `pairing_id` None: the choice is past, no button."""
    buttons = () if pairing_id is None else (blocks.button("Plan a meeting", PLAN, pairing_id),)
    footer = f"{by.called} chose this. You both see this."
    if choice is Smaller.WRITTEN:
        return blocks.letter(
            "Three written questions this week",
            f"{by.called} would like to write instead of meeting. Answer here when it suits you.",
            *(f"• {_sentence(prompt)}" for prompt in prompts[:3]),
            buttons=buttons,
            footer=footer,
        )
    return blocks.letter(
        "No meeting this week, on purpose",
        f"{by.called} would like to skip this week. You go on next week.",
        buttons=buttons,
        footer=footer,
    )


def week_changed() -> Message:
    """An older choice for the same week."""
    return blocks.letter("Your week has another plan now", footer="○ Nothing to do.")


def chosen_view(other: Side) -> dict[str, Any]:
    """What the form turns into after a choice for this week."""
    return blocks.modal(
        "week.chosen",
        "Saved",
        [blocks.section(f"*Saved.* {other.called} reads it in your group message.")],
    )


def chosen(choice: Smaller) -> str:
    """The headline of a nudge that was answered by this choice."""
    return {
        Smaller.SHORT: "You chose 15 minutes this week",
        Smaller.WRITTEN: "You chose three written questions this week",
        Smaller.SKIP: "You skip this week, on purpose",
    }[choice]


def _sentence(prompt: str) -> str:
    return prompt[0].upper() + prompt[1:]
