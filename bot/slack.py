"""The client that talks to Slack: patient for ten seconds, and never repeating itself."""

from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError
from slack_sdk.webhook import WebhookClient

TIMEOUT = 10  # seconds for one call


class SlackClient(WebClient):
    """A WebClient without the SDK's retries (they post twice when a connection drops after
    Slack stored the message), and with the one way to answer by response_url."""

    def respond(self, response_url: str, **body: Any) -> None:
        """Answer a click where it happened. Raises OSError or SlackClientError, also for an
        address that is used up, which the SDK takes for an answer like any other."""
        answer = WebhookClient(response_url, timeout=3, retry_handlers=[]).send_dict(body)
        if answer.status_code != 200:
            raise SlackRequestError(f"response_url: {answer.status_code}")


def slack_client(token: str, api_url: str) -> SlackClient:
    """The client for one workspace's token."""
    return SlackClient(
        token=token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[], logger=None
    )
