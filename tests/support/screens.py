"""Reading screens as a person does."""

from typing import Any

from bot.sandbox.conversations import words


def texts(view: Any) -> str:
    """All the words of a modal or Home tab, one piece per line."""
    return "\n".join(words(view["blocks"])) if view else ""
