"""Slack's API without a network: every call has succeeded before it began."""

from collections import Counter
from itertools import count
from typing import Any

from slack_sdk.web import SlackResponse

from bot.slack import SlackClient

TEAM, BOT = "T0BENCHMARK", "U0BOT"
TOKEN = "xoxb-benchmark"  # noqa: S105 (of the benchmarks alone)


class Instant(SlackClient):
    """Answers at once and counts what it was asked, by method and by whom it went to."""

    def __init__(self) -> None:
        super().__init__(TOKEN)
        self.calls: Counter[str] = Counter()
        self.reached: Counter[str] = Counter()
        self._stamps = count(1)

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        self.calls[api_method] += 1
        asked = arguments.get("json") or arguments.get("params") or {}
        if api_method == "chat.postMessage":
            self.reached[asked["channel"]] += 1
        answer = answer_to(api_method, asked)
        if "ts" in answer:
            answer["ts"] = f"{1_700_000_000 + next(self._stamps)}.000100"
        return response(self, api_method, answer)


def response(
    client: SlackClient, method: str, answer: dict[str, Any], status: int = 200, **headers: str
) -> SlackResponse:
    """An answer as the SDK hands it on."""
    return SlackResponse(
        client=client,
        http_verb="POST",
        api_url=method,
        req_args={},
        data=answer,
        headers=headers,
        status_code=status,
    )


def answer_to(method: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What Slack says when all is well, as far as the bot reads it."""
    if method in ("chat.postMessage", "chat.update"):
        return {"ok": True, "channel": f"D{asked.get('channel', '')}", "ts": ""}
    if method == "conversations.open":
        return {"ok": True, "channel": {"id": f"G{abs(hash(asked.get('users', '')))}"}}
    return {
        "ok": True,
        "team_id": TEAM,
        "team": "Benchmark",
        "user_id": BOT,
        "bot_id": "B0BOT",
        "view": {"id": "V0"},
        "members": [],
        "messages": [],
    }
