"""Everything the bot says, in an ordinary world and in the worst one, held against Slack's limits,
the page that draws it, and the house's own rules for what people read."""

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from bot import blocks, limits, program
from bot.clock import MovableClock
from bot.outbox.model import Budget, LetterState
from bot.sandbox.conversations import elements
from tests.conftest import START
from tests.support.databases import a_database
from tests.support.longest import DANGEROUS, LONGEST, ORDINARY, World
from tests.support.outgoing import Surface, surfaces
from tests.support.tour import Tour
from tests.support.town import Town

DRAWN = json.loads(resources.files("bot.sandbox").joinpath("page", "drawn.json").read_text())

# What people never see drawn in the tour, each with the reason.
NEVER_DRAWN = {
    "pairing.end": "the menu beside a pair's line opens the same question",
    "pairing.undo": "the menu beside a pair's line opens the same question",
    "backlog.send": "only after an outage or on a copied database: tests/digest/test_backlog.py",
    "backlog.skip": "only after an outage or on a copied database: tests/digest/test_backlog.py",
}


class Shown:
    """What a tour through one world has shown."""

    def __init__(self, world: World, tour: Tour) -> None:
        self.world, self.tour = world, tour
        self.all = list(surfaces(tour.town))
        self.messages = [s for s in self.all if s.kind == "message"]
        self.letters = tour.town.letters()

    @property
    def with_text(self) -> list[Surface]:
        """Messages whose `text` is read aloud beside blocks; a digest may be longer."""
        return [s for s in self.messages if s.shown.get("blocks") and not is_digest(s)]


@pytest.fixture(scope="module", params=[ORDINARY, LONGEST], ids=lambda world: world.name)
def shown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """One tour through each world."""
    with a_database(request, "sqlite", tmp_path_factory.mktemp("tour")) as db:
        tour = Tour(Town(db, MovableClock(START)), request.param)
        tour.take()
        yield Shown(request.param, tour)


def is_digest(surface: Surface) -> bool:
    return any(block["type"] == "header" for block in surface.shown.get("blocks") or [])


def texts_of(value: Any, kind: str) -> Iterator[str]:
    """All texts of a kind ("mrkdwn", "plain_text") inside blocks, dialogs included."""
    if isinstance(value, list):
        for item in value:
            yield from texts_of(item, kind)
    elif isinstance(value, dict):
        if value.get("type") == kind and isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from texts_of(inner, kind)


def test_slack_takes_everything_as_it_is(shown: Shown) -> None:
    assert len(shown.all) > 500
    for surface in shown.all:
        if surface.kind == "message":
            problems = limits.check_message(surface.shown)
        else:
            problems = limits.check_view(surface.shown)
        assert problems == [], (surface.method, surface.shown)


def test_the_page_draws_everything_the_bot_sends(shown: Shown) -> None:
    for surface in shown.all:
        blocks = surface.shown.get("blocks") or []
        assert {block["type"] for block in blocks} <= set(DRAWN["blocks"])
        assert {e["type"] for e in surface.elements} <= set(DRAWN["elements"])


def test_nobody_can_call_people_or_place_links_through_the_bot(shown: Shown) -> None:
    for surface in shown.all:
        written = [*texts_of(surface.shown, "mrkdwn"), str(surface.shown.get("text") or "")]
        for text in written:
            assert not [d for d in DANGEROUS if d in text], text
            for mark in re.findall(r"<[^>]*>", text):
                assert re.match(r"<(@U0[A-Z]+>|#C\d+>|!date\^\d+\^)", mark), text


def test_what_is_read_aloud_is_short_and_free_of_signs(shown: Shown) -> None:
    for surface in shown.with_text:
        text = surface.shown.get("text")
        assert text, surface.shown
        assert len(text) <= 500, text
        assert not re.search("[●▲■○]", text), text
        if not shown.world.worst:
            assert not re.search(r":[a-z_]+:|\*\S|`|<!|\|", text), text


def test_every_counted_letter_ends_with_why_it_came_and_the_menu(shown: Shown) -> None:
    budgets = {kind.name: kind.budget for kind, _render in program.LETTERS}
    posted = {s.ts: s for s in shown.messages if s.ts}
    checked = 0
    for letter in shown.letters:
        if budgets.get(letter.kind) is not Budget.COUNTED or letter.state is not LetterState.SENT:
            continue
        blocks = posted[str(letter.sent_ts)].shown["blocks"]
        assert blocks[-1]["type"] == "context", letter.kind
        [footer] = blocks[-1]["elements"]
        if letter.kind == "closing" and "This is the last letter" in footer["text"]:
            continue  # nothing is left to pause: tests/cohort/test_dates.py
        assert footer["text"].endswith("The menu pauses letters."), letter.kind
        menus = [e for _b, e in elements(blocks) if e["type"] == "overflow"]
        values = [o["value"] for menu in menus for o in menu["options"]]
        assert f"pause.{letter.id}" in values, letter.kind
        assert f"why.{letter.id}" in values, letter.kind
        checked += 1
    assert checked > 30


def test_there_is_one_green_button_at_most(shown: Shown) -> None:
    for surface in shown.all:
        green = [e for e in surface.elements if e.get("style") == "primary"]
        assert len(green) <= 1, [e["text"]["text"] for e in green]
        assert not [e for e in surface.elements if e.get("style") == "danger"]


def test_buttons_are_short_verbs_that_carry_one_row_and_nothing_else(shown: Shown) -> None:
    for surface in shown.all:
        for element in surface.elements:
            if element["type"] == "button":
                label = element["text"]["text"]
                assert len(label) <= 24, label
                assert re.fullmatch(r"\d*", element.get("value", "")), element
            elif element["type"] == "overflow":
                for option in element["options"]:
                    assert re.fullmatch(r"[a-z]+(\.\d+)?", option["value"]), option


def test_ids_carry_no_names_and_no_state(shown: Shown) -> None:
    form = re.compile(r"[a-z_]+(\.\d+|(~\d+)+|_\d)?")
    for surface in shown.all:
        for block in surface.shown.get("blocks") or []:
            assert form.fullmatch(block.get("block_id", "x")), block["block_id"]
        for element in surface.elements:
            if "action_id" in element:
                assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", element["action_id"])
        if surface.kind == "modal":
            carried = json.loads(surface.shown.get("private_metadata") or "{}")
            assert all(isinstance(value, int) for value in carried.values()), carried


def test_every_kind_of_letter_was_sent(shown: Shown) -> None:
    sent = {x.kind for x in shown.letters if x.state is LetterState.SENT}
    assert {kind.name for kind, _render in program.LETTERS} - sent == set()


class Ear:
    """Listens to what the features register, as Bolt would."""

    def __init__(self) -> None:
        self.actions: set[str] = set()
        self.views: set[str] = set()

    def action(self, name: str) -> Any:
        self.actions.add(name)
        return lambda listener: listener

    def view(self, name: str) -> Any:
        self.views.add(name)
        return lambda listener: listener

    def __getattr__(self, _other: str) -> Any:
        return lambda _name: lambda listener: listener


def test_everything_that_is_heard_is_drawn_and_everything_drawn_is_heard(shown: Shown) -> None:
    ear = Ear()
    for listeners in program.LISTENERS:
        listeners.register(ear)
    pressed = set()
    for surface in shown.all:
        for block, element in elements(surface.shown.get("blocks") or []):
            if block["type"] != "input" or block.get("dispatch_action"):
                pressed.add(element["action_id"])
    assert ear.actions - pressed - set(NEVER_DRAWN) == set()
    assert pressed - ear.actions == set()
    assert not pressed & set(NEVER_DRAWN)
    forms = {s.shown["callback_id"] for s in shown.all if s.shown.get("submit")}
    assert ear.views - forms - set(NEVER_DRAWN) == set()
    assert forms - ear.views == set()


def test_no_bug_was_met_on_the_way(shown: Shown) -> None:
    assert not [s.shown for s in shown.all if "not your doing" in json.dumps(s.shown)]
    log = list(shown.tour.town.slack.log)
    # The tour itself lets some letters and one question fail.
    refused = {e.answer.get("error") for e in log if e.direction == "from_bot"}
    assert refused == {None, "restricted_action", "internal_error"}
    assert {e.status for e in log if e.direction == "to_bot"} == {200}


def test_what_is_read_aloud_keeps_names_and_myself_in_capitals() -> None:
    said = [blocks.spoken_label(words) for words in ("Ask Tom", "I will contact them", "Decline…")]
    assert said == ["ask Tom", "I will contact them", "decline"]


def test_letters_in_one_message_share_a_footer_that_says_nothing_twice() -> None:
    one, other = (
        blocks.letter("News", footer=f"{why} Only you see this. The menu pauses letters.")
        for why in ("You asked.", "You met.")
    )
    assert blocks.merged([one, other]).footer == (
        "You asked. Only you see this. You met. The menu pauses letters."
    )
