"""What a person gets to see after doing something."""

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.conversations import Message
from bot.sandbox.delivery import Answer

Result = Literal["", "closed", "updated", "pushed", "cleared", "errors", "failed"]


@dataclass(frozen=True)
class Outcome:
    """`ok`, or `error` with the sentence Slack shows in `says`.

    `message` is the private answer to a command. `result` and `errors` (block id -> text) are a
    submission's. `options` or `option_groups` answer a suggestion. `answer` is the app's own.
    """

    ok: bool
    error: str = ""
    says: str = ""
    message: Message | None = None
    result: Result = ""
    errors: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, Any]] = field(default_factory=list)
    option_groups: list[dict[str, Any]] = field(default_factory=list)
    answer: Answer | None = None
