"""Looking around and talking: who you are, where you look, commands, messages, live updates."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Showroom

Look = Callable[..., Page]


def run_command(page: Page, text: str) -> None:
    page.fill("#composer-text", text)
    page.keyboard.press("Enter")


def test_the_switcher_names_everybody_with_role_and_local_time(look: Look) -> None:
    page = look("U0ANA")
    page.get_by_role("button", name="You are Ana Silva").click()
    rows = page.get_by_role("dialog", name="Choose who you are").get_by_role("listitem")
    assert [" ".join(text.split()) for text in rows.all_inner_texts()] == [
        "AS Ana Silva Intern 09:00 in Berlin Berlin",
        "BI Ben Ito Mentor 08:00 in Lisbon Lisbon",
        "PR Priya Rao Coordinator 12:30 in Kolkata Kolkata",
    ]


def test_who_you_are_and_where_you_look_stay_in_the_address(look: Look) -> None:
    page = look("U0ANA")
    page.get_by_role("button", name="You are Ana Silva").click()
    page.keyboard.type("coord")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="You are Priya Rao")).to_be_focused()
    page.get_by_role("button", name="coordinators").click()
    expect(page.get_by_role("heading", name="coordinators")).to_be_visible()
    expect(page).to_have_url(re.compile(r"as=U0PRIYA&in=C"))
    page.reload()
    expect(page.get_by_role("heading", name="coordinators")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="cohort-bot")).to_be_visible()


def test_unread_marks_show_who_has_news_and_go_when_it_is_looked_at(
    look: Look, showroom: Showroom
) -> None:
    page = look("U0ANA")
    showroom.ws.seat("U0BEN").write("Good morning", showroom.ws.seat("U0BEN").groups[0])
    place = page.get_by_role("button", name=re.compile("Ben Ito, cohort-bot 1 unread"))
    expect(place).to_be_visible()
    page.locator("#you").click()
    expect(page.locator(".person.here .badge")).to_have_count(0)  # it stands beside the place
    page.keyboard.press("Escape")
    place.click()
    expect(page.get_by_text("Good morning", exact=True).first).to_be_visible()
    expect(page.locator(".divider-row.new")).to_be_visible()
    expect(page.get_by_role("button", name="Ben Ito, cohort-bot", exact=True)).to_be_visible()


def test_a_slash_offers_the_commands_and_the_keyboard_chooses(look: Look) -> None:
    page = look("U0ANA")
    page.locator("#composer-text").press_sequentially("/s")
    options = page.get_by_role("listbox", name="Commands").get_by_role("option")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.fill("#composer-text", "/wh")
    page.keyboard.press("Tab")
    expect(page.locator("#composer-text")).to_have_value("/whisper ")
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".message.ephemeral")).to_contain_text("You said hello.")
    expect(page.locator(".message.ephemeral")).to_contain_text("Only visible to you")


def test_what_failed_is_said_once_and_the_words_stay(look: Look) -> None:
    page = look("U0ANA")
    run_command(page, "/fail now")
    expect(page.get_by_role("alert")).to_contain_text("/fail failed")
    assert page.locator(".notice").count() == 1
    expect(page.locator("#composer-text")).to_have_value("/fail now")
    run_command(page, "/nothing")
    expect(page.get_by_role("alert")).to_contain_text("/nothing is not a valid command")


def test_a_written_message_and_its_answer_arrive_without_reload(look: Look) -> None:
    page = look("U0ANA")
    run_command(page, "Is <b>anybody</b> here?")
    expect(page.get_by_text("I heard: Is <b>anybody</b> here?")).to_be_visible()
    expect(page.locator("#news")).to_contain_text("cohort-bot: I heard:")


def test_an_edited_text_says_so(look: Look, showroom: Showroom) -> None:
    client = showroom.ws.client()
    sent = client.chat_postMessage(channel="U0ANA", text="On Tusday")
    page = look("U0ANA")
    client.chat_update(channel=sent["channel"], ts=sent["ts"], text="On Tuesday")
    expect(page.locator(".message .text")).to_have_text("On Tuesday (edited)")


def test_a_draft_and_the_scroll_position_survive_news(look: Look, showroom: Showroom) -> None:
    seat = showroom.ws.seat("U0ANA")
    seat.command("/show")
    page = look("U0ANA")
    page.locator("#composer-text").press_sequentially("Half a sen")
    page.evaluate("document.getElementById('messages').scrollTop = 40")
    seat.command("/whisper", "psst")
    expect(page.locator(".message.ephemeral")).to_have_count(1)
    assert page.evaluate("document.getElementById('messages').scrollTop") == 40
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("tence")
    expect(page.locator("#composer-text")).to_have_value("Half a sentence")


def test_a_reply_stands_under_its_parent_and_a_broadcast_in_the_channel_too(
    look: Look, showroom: Showroom
) -> None:
    client = showroom.ws.client()
    general = next(c for c in showroom.ws.conversations.values() if c.name == "general")
    parent = client.chat_postMessage(channel=general.id, text="Amber: Ana and Ben")
    client.chat_postMessage(channel=general.id, text="Unrelated")
    client.chat_postMessage(
        channel=general.id, text="Now red", thread_ts=parent["ts"], reply_broadcast=True
    )
    page = look("U0ANA", general.id)
    expect(page.locator(".message")).to_have_count(4)
    texts = page.locator(".message .text").all_inner_texts()
    assert [text.strip() for text in texts] == [
        "Amber: Ana and Ben",
        "Now red",
        "Unrelated",
        "Now red",
    ]
    expect(page.locator(".message.reply")).to_have_count(1)
    expect(page.locator(".broadcast")).to_have_text("replied to a thread: Amber: Ana and Ben")


def test_markup_becomes_nodes_and_never_html(look: Look, showroom: Showroom) -> None:
    client = showroom.ws.client()
    client.chat_postMessage(
        channel="U0ANA",
        text="*b* _i_ ~s~ `c` 3*4*5 <@U0BEN> <https://example.com|site> <javascript:alert(1)|no> "
        "<!date^1780297200^{date_num} {time}|then> :tada: &lt;img src=x&gt;\n&gt; quoted",
    )
    text = look("U0ANA").locator(".message .text")
    for tag, words in (("strong", "b"), ("em", "i"), ("s", "s"), ("code", "c")):
        assert text.locator(tag).all_inner_texts() == [words]
    expect(text.locator(".mention")).to_have_text("@Ben Ito")
    expect(text.locator("a")).to_have_attribute("href", "https://example.com")
    expect(text.locator("time.moment")).to_have_text("2026-06-01 09:00")
    expect(text.locator("blockquote")).to_have_text("quoted")
    expect(text).to_contain_text("3*4*5")
    expect(text).to_contain_text("<img src=x>")
    expect(text.locator("img")).to_have_count(0)


def test_shortcuts_run_from_the_composer_and_from_a_message(look: Look, showroom: Showroom) -> None:
    showroom.ws.client().chat_postMessage(channel="U0ANA", text="Remember me")
    page = look("U0ANA")
    page.locator(".message").hover()
    page.get_by_role("button", name="More actions for this message").click()
    page.get_by_role("menuitem", name="Keep this message").click()
    expect(page.locator(".message.ephemeral")).to_contain_text("Kept: Remember me")
    page.get_by_role("button", name="Shortcuts").press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Your profile, 1 of 3")).to_be_visible()


def test_the_home_tab_is_published_when_it_is_opened(look: Look) -> None:
    page = look("U0ANA")
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("heading", name="Tomorrow, 15:00: you and Ben")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    expect(page).to_have_url(re.compile("in=home"))
    page.get_by_role("tab", name="Home").press("ArrowRight")
    expect(page.locator("#composer")).to_be_visible()
