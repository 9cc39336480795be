"""The showroom behind a real server, and a browser that looks at it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.clock import MovableClock
from bot.sandbox.server import Stage, build_server, serve
from bot.sandbox.workspace import Workspace
from tests.browser.showroom import a_workspace

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 10_000


@dataclass
class Showroom:
    """The showroom's workspace, its clock and its address. While `gate` is closed a move of the
    clock does not end."""

    ws: Workspace
    clock: MovableClock
    url: str = ""
    moved: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    moving: bool = False
    starts: int = 0

    def advance(self, to: str) -> None:
        self.moved.append(to)
        self.moving = True
        self.ws.touch()
        self.gate.wait(PATIENCE_MS / 1000)
        self.clock.move(**{"hour": {"hours": 1}, "day": {"days": 1}}.get(to, {"days": 7}))
        self.moving = False
        self.ws.touch()

    def next_event(self) -> datetime:
        return self.clock() + timedelta(days=1)

    def reset(self) -> None:
        self.starts += 1

    def progress(self) -> dict[str, Any]:
        return {"moving": self.moving, "label": "to Mon 8 June", "progress": 0.4}


@pytest.fixture
def showroom() -> Iterator[Showroom]:
    """A fresh workspace behind HTTP, its clock ready to move."""
    room = Showroom(*a_workspace())
    room.gate.set()
    stage = Stage(room.advance, room.next_event, room.reset, room.progress)
    server = serve(build_server(room.ws, stage=stage))
    room.url = server.url
    yield room
    room.gate.set()
    server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """This machine's Chromium; without one these tests are skipped.

    For one file at a time: while Playwright is open its event loop runs in this thread, and a
    test of another folder that came next could start none of its own.
    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no Chromium on this machine: none of {', '.join(NAMES)} is on the path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        opened.close()


Look = Callable[..., Page]


@pytest.fixture
def look(browser: Browser, showroom: Showroom) -> Iterator[Look]:
    """Open the page as somebody: `look("U0ANA", "home", width=360)`. An error in the page's own
    code, or a question to a foreign host, fails the test."""
    contexts, troubles = [], []

    def opened(person: str = "U0ANA", place: str = "", **size: int) -> Page:
        viewport = {"width": size.get("width", 1280), "height": size.get("height", 800)}
        context = browser.new_context(viewport=viewport, reduced_motion="reduce")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((showroom.url, "data:"))
                else troubles.append(f"asked {request.url}")
            ),
        )
        page.goto(f"{showroom.url}/?as={person}" + (f"&in={place}" if place else ""))
        page.wait_for_selector("body.ready")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []
