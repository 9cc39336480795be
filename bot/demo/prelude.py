"""What has happened before the demo is opened: people used the bot, and time passed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.world import World


def play(world: "World") -> None:
    """Set the cohort up, as its people would."""
