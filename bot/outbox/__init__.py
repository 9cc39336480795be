"""Letters: every message the bot starts is a row first.

A feature posts a letter (`post`) in the transaction that causes it; the sender renders and
delivers it when it is due, within the reader's hours and budget. Nothing is rendered early:
a row holds a kind and ids, never text.
"""

from bot.outbox.model import (
    Budget,
    Cancelled,
    Conversation,
    HomeView,
    Kind,
    Letter,
    LetterState,
    Priority,
    Surface,
)
from bot.outbox.post import (
    EDIT,
    HOME,
    cancel,
    latest,
    look_again,
    post,
    post_all,
    post_anew,
    refresh,
    refresh_home,
    send_again,
    tidy,
)

__all__ = [
    "EDIT",
    "HOME",
    "Budget",
    "Cancelled",
    "Conversation",
    "HomeView",
    "Kind",
    "Letter",
    "LetterState",
    "Priority",
    "Surface",
    "cancel",
    "latest",
    "look_again",
    "post",
    "post_all",
    "post_anew",
    "refresh",
    "refresh_home",
    "send_again",
    "tidy",
]
