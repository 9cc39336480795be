"""The installation: whose token this is, written down before anything is sent or answered.

Slack or the database may be away when a process starts; it keeps asking, and only an answer
that no waiting can change ends the process.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.logs import get_logger
from bot.refusal import Refusal

TOKEN_ADVICE = {
    "invalid_auth": "Slack does not know SLACK_BOT_TOKEN. Copy it again, or reinstall the app.",
    "not_authed": "SLACK_BOT_TOKEN is empty.",
    "account_inactive": "The app was removed from the workspace. Install it again.",
    "token_revoked": "SLACK_BOT_TOKEN was revoked. Install the app again and copy the new one.",
    "token_expired": "SLACK_BOT_TOKEN has expired. Switch off token rotation and install again.",
}
"""What to do when auth.test answers one of these; trying again changes none of them."""

log = get_logger(__name__)


class Installation:
    """Finds out which workspace the token is for and hands it on once. A part of a process."""

    name = "installation"

    def __init__(self, slack: WebClient, note: Callable[[Mapping[str, Any]], object]) -> None:
        """`note` is given auth.test's answer; a Refusal it raises ends the process."""
        self._slack = slack
        self._note = note
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._ask, name="installation", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        self._stopping.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def trouble(self) -> str | None:
        return self._trouble

    def _ask(self) -> None:
        wait = 1.0
        while not self._stopping.is_set() and not self._noted():
            self._stopping.wait(wait)
            wait = min(wait * 2, 30.0)

    def _noted(self) -> bool:
        """Whether there is nothing left to ask."""
        try:
            answer = self._slack.auth_test()
            self._note({name: answer.get(name) for name in ("team_id", "team", "user_id")})
        except Refusal as refusal:
            self._trouble = refusal.words
            return True
        except SlackApiError as error:
            code = str(error.response.get("error"))
            self._trouble = TOKEN_ADVICE.get(code)
            log.warning("slack_refused_the_token", code=code)
            return self._trouble is not None
        except Exception as error:
            # Slack or the database is away; both come back.
            log.warning("workspace_not_known_yet", exc_info=error)
            return False
        log.info("installed", team=answer.get("team_id"))
        return True
