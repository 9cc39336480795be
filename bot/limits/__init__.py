"""What Slack accepts: lengths, counts, surfaces and unique ids of messages and views.

Pure: `check_message` and `check_view` take the JSON that would be sent and return every
`Problem` Slack would refuse it for, each with a JSON pointer, as Slack's own errors carry one.
"""

from bot.limits.report import Problem
from bot.limits.surfaces import TEXT_LENGTH, VIEW_BYTES, check_message, check_view, view_bytes

__all__ = [
    "TEXT_LENGTH",
    "VIEW_BYTES",
    "Problem",
    "check_message",
    "check_view",
    "view_bytes",
]
