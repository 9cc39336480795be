"""The installation: whose token this is, written down before anything is sent or answered.

Slack or the database may be away when a process starts; it keeps asking, and only an answer
that no waiting can change ends the process. While the workspace is stopped, because Slack said
that the app is gone or may not call, it asks again every few minutes: installed again, the bot
goes on by itself.
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

AGAIN = 180.0  # seconds between two looks while the workspace is stopped
NEEDED = "chat:write"  # without it nothing can be sent, whatever auth.test says

log = get_logger(__name__)


class Installation:
    """Finds out which workspace the token is for, hands it on, and does so again whenever the
    workspace was stopped and Slack takes the token once more. A part of a process."""

    name = "installation"

    def __init__(
        self,
        slack: WebClient,
        note: Callable[[Mapping[str, Any]], object],
        stopped: Callable[[], bool],
        *,
        again: float = AGAIN,
    ) -> None:
        """`note` is given auth.test's answer; a Refusal it raises ends the process. `stopped`
        says whether the workspace is."""
        self._slack = slack
        self._note = note
        self._stopped = stopped
        self._again = again
        self._stopping = threading.Event()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._watch, name="installation", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        self._stopping.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def trouble(self) -> str | None:
        return self._trouble

    def look_again(self) -> None:
        """Ask once more if the workspace is stopped. Whatever comes of it, the process lives on:
        people still get their answers."""
        try:
            if not self._stopped():
                return
            answer = self._slack.auth_test()
            if _may_send(answer.headers):
                self._hand_on(answer)
        except Refusal as refusal:
            self._trouble = refusal.words
        except SlackApiError as error:
            log.info("still_stopped", code=str(error.response.get("error")))
        except Exception as error:
            log.warning("workspace_not_asked_again", exc_info=error)

    def _watch(self) -> None:
        wait = 1.0
        while not self._stopping.is_set() and not self._noted():
            self._stopping.wait(wait)
            wait = min(wait * 2, 30.0)
        while self._trouble is None and not self._stopping.wait(self._again):
            self.look_again()

    def _noted(self) -> bool:
        """Whether there is nothing left to ask."""
        try:
            answer = self._slack.auth_test()
            self._hand_on(answer)
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

    def _hand_on(self, answer: Any) -> None:
        self._note({name: answer.get(name) for name in ("team_id", "team", "user_id")})


def _may_send(headers: Mapping[str, Any]) -> bool:
    """Whether Slack's own list of permissions, where it sends one, has the one that matters."""
    given = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return given is None or NEEDED in {one.strip() for one in str(given).split(",")}
