"""The smallest Bolt app, for P1: `python -m benchmarks.smallest`, with the bot's own settings.

It loads nothing of the bot, so that only Bolt, Starlette and uvicorn are in its memory; with the
word `orm`, SQLAlchemy's ORM too.
"""

import os
import re
import sys
from collections.abc import Callable

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    """Serve until it is told to stop."""
    if "orm" in sys.argv:
        import sqlalchemy.orm  # noqa: F401  (to be loaded is all it is for)

    client = WebClient(os.environ.pop("SLACK_BOT_TOKEN"), base_url=os.environ["SLACK_API_URL"])
    app = App(signing_secret=os.environ["SLACK_SIGNING_SECRET"], client=client)

    @app.command(re.compile(""))
    def acknowledge(ack: Callable[[], None]) -> None:
        ack()

    handler = SlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    web = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    uvicorn.run(web, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")


if __name__ == "__main__":
    main()
