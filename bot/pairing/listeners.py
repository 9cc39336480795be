"""Everything people press, type and submit in this room."""

from typing import Any

from bot.pairing import listeners_pairing, listeners_profile, listeners_request
from bot.pairing.listeners_profile import open_profile
from bot.pairing.listeners_request import open_request

__all__ = ["open_profile", "open_request", "register"]


def register(app: Any) -> None:
    """Who hears what."""
    listeners_profile.register(app)
    listeners_request.register(app)
    listeners_pairing.register(app)
