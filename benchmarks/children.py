"""The four servers, each in a process of its own: `python -m benchmarks.children NAME …`.

All but the stub of Slack answer the same requests on the same path, behind the same uvicorn. A
child prints its address and lives until its standard input is closed, so none outlives the run.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from benchmarks.instant import TOKEN, Instant, answer_to
from benchmarks.payloads import NOTHING
from bot import logs
from bot.app import build_app
from bot.clock import monotonic, system_clock
from bot.database import Database
from bot.flood import Allowance
from bot.manifest import ENTRANCE
from bot.settings import Settings
from bot.slack import slack_client
from bot.web import Health, build_web, serve

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 (of the benchmark alone)
# The benchmark asks faster than any person; what counting costs is measured all the same.
_NO_LIMIT = 1_000_000
_ALL = re.compile("")


@contextmanager
def running(name: str, *arguments: str) -> Iterator[str]:
    """Start the child `name`; yields its address. Raises RuntimeError when it does not start."""
    child = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.children", name, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stdin, stdout = child.stdin, child.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("a child without pipes")
    try:
        url = stdout.readline().strip()
        if not url:
            raise RuntimeError(f"the server {name} did not start")
        yield url
    finally:
        stdin.close()
        stdout.close()
        child.wait(15)


# ---- inside a child


def bare() -> Starlette:
    """The least an app can do: check the signature, answer 200."""
    return Starlette(routes=[Route(ENTRANCE, _Bare(), methods=["POST"])])


class _Bare:
    def __init__(self) -> None:
        self._verifier = SignatureVerifier(SECRET)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = 200 if self._verifier.is_valid_request(body, headers) else 401
        length = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b""})


def default_bolt(slack_url: str) -> Starlette:
    """A Bolt app as its documentation begins one; its listeners only acknowledge."""
    app = App(signing_secret=SECRET, client=WebClient(TOKEN, base_url=slack_url))
    _only_acknowledge(app)
    return build_web(app, health=_well)


def _only_acknowledge(app: App) -> None:
    for name in ("command", "action", "view", "shortcut"):
        getattr(app, name)(_ALL)(_acknowledge)


def our_bot(slack_url: str, database_url: str, *, calls: bool) -> Starlette:
    """The bot as `python -m bot web` runs it, with every listener of the programme, and one
    button more that only acknowledges. Without `calls`, Slack's API answers at once."""
    settings = Settings(bot_token=TOKEN, signing_secret=SECRET, api_url=slack_url)
    slack = slack_client(TOKEN, slack_url) if calls else Instant()
    allowance = Allowance(monotonic, a_minute=_NO_LIMIT)
    database = Database(database_url, role="web")
    app = build_app(settings, database, system_clock, slack, allowance=allowance)
    app.action(NOTHING)(_acknowledge)
    return build_web(app, health=_well, signing_secret=SECRET)


def _acknowledge(ack: Any) -> None:
    ack()


def stub_slack() -> Starlette:
    """Slack's API, which takes every call for good."""

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse(answer_to(request.path_params["method"], {}))

    return Starlette(routes=[Route("/api/{method}", answer, methods=["POST"])])


def _well() -> Health:
    return Health(database=True)


def _main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("name", choices=("slack", "bare", "bolt", "bot", "bot-without-calls"))
    wanted.add_argument("--slack", default="")
    wanted.add_argument("--database", default="")
    given = wanted.parse_args()
    logs.configure("WARNING")
    if given.name == "slack":
        web = stub_slack()
    elif given.name == "bare":
        web = bare()
    elif given.name == "bolt":
        web = default_bolt(given.slack)
    else:
        web = our_bot(given.slack, given.database, calls=given.name == "bot")
    server = serve(web, "127.0.0.1", 0)
    print(server.url, flush=True)  # noqa: T201 (how the parent learns the address)
    sys.stdin.read()
    server.stop(5)


if __name__ == "__main__":
    _main()
