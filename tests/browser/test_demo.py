"""The real demo in a real browser: Ana asks for a mentor, and Ben says yes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo import Demo
from bot.demo import people as who
from bot.demo.world import World
from tests.browser.conftest import PATIENCE_MS


@pytest.fixture(scope="module")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("demo") / "demo.sqlite3", 0, reset=lambda: None)
    yield made
    made.close()


def sit_down(
    browser: Browser, world: World, person: str, place: str = "", width: int = 1280
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, locale="en-GB", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{world.url}/?as={person}" + (f"&in={place}" if place else ""))
    page.wait_for_selector("body.ready")
    return page


def test_ana_asks_for_a_mentor_and_ben_says_yes(browser: Browser, world: World) -> None:
    ana = sit_down(browser, world, "U0ANA")
    ana.fill("#composer-text", "/mentor-request")
    ana.keyboard.press("Enter")
    dialog = ana.get_by_role("dialog")
    expect(dialog).to_contain_text("What should a mentor help you with?")
    dialog.get_by_role("button", name="See suggestions").click()
    expect(dialog).to_contain_text("Choose one to three, in the order you want to ask.")
    dialog.get_by_role("button", name="Choose Ben Ito as 1st").click()
    expect(dialog).to_contain_text("1st choice: Ben Ito")
    dialog.get_by_role("button", name="Send request").click()
    expect(dialog).to_contain_text("I am asking Ben first.")

    world.advance("hour")
    ben = sit_down(browser, world, "U0BEN")
    ben.get_by_role("button", name="Accept Ana").click()
    expect(ben.get_by_text("You are Ana Silva's mentor").first).to_be_visible()
    world.advance("hour")
    assert len([c for c in world.slack.conversations.values() if c.kind == "mpim"]) == 4


def test_a_command_typed_in_full_runs_though_a_longer_one_begins_with_it(
    browser: Browser, world: World
) -> None:
    page = sit_down(browser, world, "U0EMMA")
    page.locator("#composer-text").press_sequentially("/mentor")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only visible to you").last).to_be_visible()
    expect(page.get_by_text("You and Lea").last).to_be_visible()


@pytest.mark.parametrize("person", ["U0ANA", "U0EMMA", "U0TOM", "U0PRIYA", "U0KEN"])
def test_nobody_sees_a_placeholder_and_nothing_runs_off_a_narrow_screen(
    browser: Browser, world: World, person: str
) -> None:
    for place in ("", "home"):
        page = sit_down(browser, world, person, place, width=360)
        expect(page.locator(".placeholder")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.context.close()


@pytest.mark.parametrize("person", ["U0PRIYA", "U0GRACE"])
def test_the_button_that_says_who_you_are_cuts_nobody_off(
    browser: Browser, world: World, person: str
) -> None:
    page = sit_down(browser, world, person)
    cut = "(nodes) => nodes.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    assert page.locator("#you .person-name, #you .person-title").evaluate_all(cut) == 0
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_who_comes_for_the_first_time_is_asked_who_they_are(
    browser: Browser, world: World, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(world.url)
    chooser = page.get_by_role("dialog", name="Choose who you are")
    expect(chooser).to_be_visible()
    chooser.get_by_role("button", name="Cho Park").click()
    expect(page.get_by_text("Tell me what you want to learn")).to_be_visible()
    expect(chooser).to_be_hidden()
    page.close()


def test_what_somebody_has_open_waits_until_it_is_said_who_looks(
    browser: Browser, world: World
) -> None:
    priya = sit_down(browser, world, "U0PRIYA")
    priya.fill("#composer-text", "/cohort")
    priya.keyboard.press("Enter")
    expect(priya.locator("dialog[open]")).to_contain_text("Summer interns")
    priya.goto(world.url)
    chooser = priya.get_by_role("dialog", name="Choose who you are")
    expect(chooser).to_be_visible()
    expect(priya.locator("dialog[open]")).to_have_count(0)
    chooser.get_by_role("button", name="Priya Nair").click()
    expect(chooser).to_be_hidden()
    expect(priya.locator("dialog[open]")).to_contain_text("Summer interns")


WATCH = """
() => {
  window.seen = new Set();
  const look = () => {
    window.seen.add(document.querySelector('.clock-time').textContent.trim());
    const others = document.querySelector('.others');
    if (!others.hidden) window.seen.add(others.textContent);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}
"""


def test_a_reset_shows_the_new_programme_once_it_is_made_with_nothing_unread(
    browser: Browser, tmp_path: Path
) -> None:
    demo = Demo(tmp_path / "demo.sqlite3", 0)
    demo.start()
    try:
        first = demo._world
        assert first is not None
        demo._port = int(first.url.rsplit(":", 1)[1])
        channels = first.slack.conversations.values()
        channel = next(one.id for one in channels if one.name == who.CHANNEL)
        page = sit_down(browser, first, "U0PRIYA", channel)
        page.evaluate(WATCH)
        page.get_by_role("button", name="Reset").click()
        page.get_by_role("button", name="Start over").click()
        expect(page.get_by_role("status").filter(has_text="A new programme")).to_be_visible()
        expect(page.locator("#offline")).to_be_hidden(timeout=30_000)
        expect(page.locator(".clock-time")).to_have_text("Mon 22 June, 09:05 Berlin")
        expect(page.get_by_text("week 3 of 12").first).to_be_visible()
        assert page.evaluate("[...window.seen]") == ["Mon 22 June, 09:05 Berlin"]
        expect(page.locator(".badge, .divider-row.new")).to_have_count(0)
        page.context.close()
    finally:
        demo.stop(5)
