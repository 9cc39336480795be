"""Block Kit on the page: everything in drawn.json is drawn, and every control works."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.server import PAGE
from tests.browser import gallery
from tests.browser.conftest import Showroom

Look = Callable[..., Page]

DRAWN = json.loads((PAGE / "drawn.json").read_text())


def last_message(page: Page) -> str:
    return str(page.locator(".message .text").last.inner_text()).strip()


def test_the_gallery_holds_everything_the_page_says_it_draws() -> None:
    kinds = gallery.types_in([gallery.shows(), gallery.letter(), gallery.controls()])
    kinds |= gallery.types_in([gallery.form(), gallery.home()])
    assert {*DRAWN["blocks"], *DRAWN["elements"]} <= kinds


def test_nothing_in_the_gallery_is_left_as_a_placeholder(look: Look, showroom: Showroom) -> None:
    seat = showroom.ws.seat("U0ANA")
    assert seat.command("/show").ok
    assert seat.command("/show", "controls").ok
    page = look("U0ANA")
    expect(page.locator(".message")).to_have_count(6)
    expect(page.locator(".chart")).to_have_count(4)
    page.fill("#composer-text", "/show-form")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .input")).to_have_count(20)
    expect(page.locator(".placeholder")).to_have_count(0)


def test_what_the_page_does_not_draw_is_shown_as_a_placeholder(
    look: Look, showroom: Showroom
) -> None:
    task = {"type": "task_card", "task_id": "1", "title": "Look", "status": "complete"}
    showroom.ws.client().chat_postMessage(channel="U0ANA", text="A task", blocks=[task])
    placeholder = look("U0ANA").locator(".placeholder")
    expect(placeholder).to_have_attribute("data-type", "task_card")


def test_a_chart_carries_its_numbers_as_a_table(look: Look, showroom: Showroom) -> None:
    showroom.ws.client().chat_postMessage(channel="U0ANA", text="x", blocks=[gallery.chart("bar")])
    page = look("U0ANA")
    summary = "bar chart, Pairs by week at Wk 7: On track 17, Need care 4, Quiet 1"
    expect(page.get_by_role("img", name=summary)).to_be_visible()
    row = page.get_by_role("row", name="Wk 4 18 1 1")
    expect(row).to_have_count(1)
    expect(page.get_by_role("list", name="Legend of Pairs by week")).to_contain_text("Need care")
    expect(page.get_by_text("Pairs by week")).to_have_count(2)  # above the chart, and the table's


def test_a_click_changes_the_message_for_everybody_who_looks(
    look: Look, showroom: Showroom
) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page, other = look("U0ANA"), look("U0ANA")
    page.get_by_role("button", name="Accept Ana").click()
    for seen in (page, other):
        expect(seen.get_by_text("You are Ana Silva's mentor")).to_be_visible()
        expect(seen.get_by_role("button", name="Accept Ana")).to_have_count(0)


def test_a_confirm_dialog_asks_before_anything_is_sent(look: Look, showroom: Showroom) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    count = len(showroom.ws.log)
    page.get_by_role("button", name="Withdraw…").click()
    dialog = page.get_by_role("alertdialog", name="Withdraw your request?")
    expect(dialog).to_contain_text("Ben hears that it is not needed any more.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Withdraw…")).to_be_focused()
    assert len(showroom.ws.log) == count
    page.get_by_role("button", name="Withdraw…").click()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".message .text").last).to_contain_text("withdraw: 31")


def test_an_overflow_menu_opens_and_chooses_by_keyboard(look: Look, showroom: Showroom) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    button = page.locator(".blocks").get_by_role("button", name="More actions").first
    button.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Pause letters for a week")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    button.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.locator(".message .text").last).to_contain_text("menu: why")


@pytest.mark.parametrize(
    ("name", "typed", "answer"),
    [
        ("Snooze", "ban", "static_select: banana"),
        ("a person", "ben", "users_select: U0BEN"),
        ("a zone", "lis", "external_select: Europe/Lisbon"),
    ],
)
def test_a_select_is_searched_and_chosen_by_keyboard(
    look: Look, showroom: Showroom, name: str, typed: str, answer: str
) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    box = page.get_by_role("combobox", name=name)
    box.focus()
    page.keyboard.type(typed)
    expect(page.get_by_role("listbox", name=name).get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".message .text").last).to_contain_text(answer)
    expect(box).to_have_attribute("aria-expanded", "false")


def test_a_multi_select_tells_the_app_when_its_list_closes(look: Look, showroom: Showroom) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    box = page.get_by_role("combobox", name="fruit and nuts")
    box.click()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".message .text").last).to_contain_text(
        "multi_static_select: apple, almond"
    )
    page.get_by_role("button", name="Remove Apple from fruit and nuts").click()
    expect(page.locator(".message .text").last).to_have_text(
        re.compile("multi_static_select: almond")
    )


def test_choosing_radio_and_boxes_reaches_the_app(look: Look, showroom: Showroom) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    page.get_by_role("radio", name="Cherry").check()
    expect(page.locator(".message .text").last).to_contain_text("radio_buttons: cherry")
    page.get_by_role("checkbox", name="Apple").check()
    page.get_by_role("checkbox", name="Cherry").check()
    expect(page.locator(".message .text").last).to_contain_text("checkboxes: apple, cherry")


def test_a_date_with_time_is_meant_in_the_zone_of_who_looks(look: Look, showroom: Showroom) -> None:
    showroom.ws.seat("U0ANA").command("/show", "controls")
    page = look("U0ANA")
    picker = page.locator("input[type=datetime-local]")
    expect(picker).to_have_value("2026-06-16T15:00")
    picker.fill("2026-06-17T10:30")
    picker.blur()
    expect(page.locator(".message .text").last).to_contain_text("datetimepicker: 1781685000")


def test_a_choice_that_is_not_confirmed_is_taken_back(look: Look, showroom: Showroom) -> None:
    select = {
        "type": "static_select",
        "action_id": "level",
        "placeholder": gallery.plain("Level"),
        "options": gallery.FRUIT,
        "initial_option": gallery.FRUIT[0],
        "confirm": gallery.SURE,
    }
    row = {"type": "actions", "block_id": "row", "elements": [select]}
    showroom.ws.client().chat_postMessage(channel="U0ANA", text="Level", blocks=[row])
    page = look("U0ANA")
    box = page.get_by_role("combobox", name="Level")
    expect(box).to_have_value("Apple")
    for word, shown in (("Keep waiting", "Apple"), ("Withdraw", "Cherry")):
        box.focus()
        page.keyboard.type("cher")
        expect(page.get_by_role("option", name="Cherry")).to_be_visible()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=word).click()
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        expect(box).to_have_value(shown)
    expect(page.locator(".message .text").last).to_contain_text("level: cherry")


def test_an_input_in_a_message_tells_the_app_at_enter_where_it_asks_to(
    look: Look, showroom: Showroom
) -> None:
    block = gallery.field("word", {"type": "plain_text_input"}, dispatch_action=True)
    showroom.ws.client().chat_postMessage(channel="U0ANA", text="Word", blocks=[block])
    page = look("U0ANA")
    page.get_by_label("Word").fill("hello")
    assert not any("block_actions" in entry.what for entry in showroom.ws.log)
    page.get_by_label("Word").press("Enter")
    expect(page.locator(".message .text").last).to_contain_text("it: hello")
