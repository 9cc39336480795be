"""Modals on the page: inputs, errors, update, push, close, focus."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Showroom

Look = Callable[..., Page]


@pytest.fixture
def form(look: Look) -> Locator:
    """The form with every input, opened by Ana."""
    page = look("U0ANA")
    page.fill("#composer-text", "/show-form")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Your profile, 1 of 3")
    expect(dialog).to_be_visible()
    return dialog


def submit(form: Locator) -> None:
    form.get_by_role("button", name="Next").click()


def choose(form: Locator, name: str, typed: str) -> None:
    box = form.get_by_role("combobox", name=name, exact=True)
    box.focus()
    box.press_sequentially(typed)
    expect(form.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    box.press("Escape") if form.get_by_role("listbox").count() else None


def test_the_first_field_has_the_focus_and_tab_stays_inside(form: Locator) -> None:
    expect(form.get_by_label("Goal")).to_be_focused()
    page = form.page
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || "
            "document.getElementById('modal').contains(document.activeElement)"
        )
        assert inside


def test_every_input_kind_arrives_at_the_app_as_it_was_filled(
    form: Locator, showroom: Showroom
) -> None:
    form.get_by_label("Goal").fill("Better SQL")
    choose(form, "Skill", "alm")
    choose(form, "Skills", "app")
    choose(form, "Zone", "berl")
    choose(form, "Zones", "new")
    choose(form, "To", "priya")
    choose(form, "Interns", "ana")
    choose(form, "Place", "gen")
    choose(form, "Places", "gen")
    choose(form, "Channel", "gen")
    choose(form, "Channels", "gen")
    form.get_by_label("Day").fill("2026-06-16")
    form.get_by_label("Time").fill("15:00")
    form.get_by_label("Moment").fill("2026-06-16T15:00")
    form.get_by_role("radio", name="Banana").check()
    form.get_by_role("checkbox", name="Cherry").check()
    form.get_by_label("Minutes").fill("30")
    form.get_by_label("Email").fill("ana@example.com")
    form.get_by_label("Link").fill("https://example.com")
    form.get_by_label("Note").fill("One line")
    submit(form)
    expect(form.page.get_by_role("dialog", name="Your profile, 2 of 3")).to_be_visible()
    sent = next(e for e in reversed(list(showroom.ws.log)) if "view_submission" in e.what)
    state = sent.request["view"]["state"]["values"]
    arrived = {block: _value(next(iter(entry.values()))) for block, entry in state.items()}
    general = next(c.id for c in showroom.ws.conversations.values() if c.name == "general")
    assert arrived == {
        "goal": "Better SQL",
        "skill": "almond",
        "skills": ["apple"],
        "zone": "Europe/Berlin",
        "zones": ["America/New_York"],
        "to": "U0PRIYA",
        "interns": ["U0ANA"],
        "place": general,
        "places": [general],
        "channel": general,
        "channels": [general],
        "day": "2026-06-16",
        "time": "15:00",
        "moment": 1781614800,
        "how": "banana",
        "which": ["cherry"],
        "minutes": "30",
        "email": "ana@example.com",
        "link": "https://example.com",
        "note": "One line",
    }


def _value(entry: dict) -> object:
    """What a state entry holds, options as their values."""
    for key, value in entry.items():
        if key in ("type", "timezone"):
            continue
        if key == "rich_text_value":
            return value["elements"][0]["elements"][0]["text"]
        if isinstance(value, dict):
            return value["value"]
        if isinstance(value, list):
            return [one["value"] if isinstance(one, dict) else one for one in value]
        return value
    return None


def test_what_is_missing_or_malformed_is_said_beside_its_field(form: Locator) -> None:
    form.get_by_label("Email").fill("not an address")
    form.get_by_label("Minutes").fill("7")
    submit(form)
    goal = form.get_by_label("Goal")
    expect(goal).to_have_attribute("aria-invalid", "true")
    expect(goal).to_be_focused()
    expect(goal).to_have_accessible_description(
        "Please complete this required field. One goal is enough."
    )
    expect(form.get_by_text("Please enter a valid email address.")).to_be_visible()
    expect(form.get_by_text("Please enter 15 or more.")).to_be_visible()
    goal.press_sequentially("S")
    expect(form.get_by_text("Please complete this required field.")).to_have_count(0)
    expect(goal).to_be_focused()
    expect(goal).to_have_value("S")


def test_the_apps_own_errors_stand_beside_their_field(form: Locator) -> None:
    form.get_by_label("Goal").fill("refuse")
    form.get_by_label("Note").fill("kept")
    submit(form)
    expect(form.locator("[data-block=goal] .field-error")).to_have_text(
        "Write one goal, for example: SQL."
    )
    expect(form.get_by_label("Goal")).to_have_value("refuse")
    expect(form.get_by_label("Note")).to_have_value("kept")


def test_a_submission_that_fails_says_so_and_keeps_the_text(form: Locator) -> None:
    form.get_by_label("Goal").fill("boom")
    submit(form)
    # The page adds Slack's code when the workspace has told it, which may be a moment later.
    expect(form.get_by_role("alert").last).to_contain_text(
        "We had some trouble connecting. Try again?"
    )
    expect(form.get_by_label("Goal")).to_have_value("boom")


def test_a_text_over_its_limit_is_counted_and_not_sent(form: Locator) -> None:
    form.get_by_label("Goal").fill("x" * 153)
    expect(form.locator(".counter")).to_have_text("-3")
    submit(form)
    expect(form.get_by_text("This is 3 characters too long.")).to_be_visible()


def test_an_update_keeps_what_is_typed_and_adds_the_new_field(form: Locator) -> None:
    form.get_by_label("Goal").fill("Present without notes")
    choose(form, "Skill", "haz")
    form.get_by_role("button", name="Add a goal").click()
    expect(form.get_by_label("Second goal")).to_be_visible()
    assert form.evaluate("form => form.contains(document.activeElement)"), "the focus stays inside"
    expect(form.get_by_label("Goal", exact=True)).to_have_value("Present without notes")
    expect(form.get_by_role("combobox", name="Skill", exact=True)).to_have_value("Hazel")


def test_a_pushed_view_comes_back_to_what_was_typed(form: Locator) -> None:
    page = form.page
    form.get_by_label("Goal").fill("Half done")
    form.get_by_role("button", name="Look closer").click()
    side = page.get_by_role("dialog", name="First-meeting kit")
    expect(side).to_contain_text("30 minutes:")
    side.get_by_role("button", name="Back").click()
    expect(form.get_by_label("Goal")).to_have_value("Half done")


def test_the_second_page_replaces_the_first_and_saving_closes(form: Locator) -> None:
    page = form.page
    form.get_by_label("Goal").fill("Better SQL")
    page.set_viewport_size({"width": 780, "height": 340})
    form.get_by_label("Goal").evaluate("field => field.closest('.modal-body').scrollTo(0, 9999)")
    submit(form)
    second = page.get_by_role("dialog", name="Your profile, 2 of 3")
    expect(second).to_contain_text("Saved: Better SQL")
    assert second.locator(".modal-body").evaluate("body => body.scrollTop") == 0
    second.get_by_role("button", name="Save").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_text("Your profile is saved.").first).to_be_visible()
    expect(page.locator("#composer-text")).to_be_focused()


def test_escape_closes_the_list_first_and_then_the_modal(form: Locator, showroom: Showroom) -> None:
    form.get_by_role("combobox", name="Skill", exact=True).click()
    expect(form.get_by_role("listbox")).to_be_visible()
    form.page.keyboard.press("Escape")
    expect(form.get_by_role("listbox")).to_have_count(0)
    expect(form).to_be_visible()
    form.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert any("view_closed" in entry.what for entry in showroom.ws.log)
