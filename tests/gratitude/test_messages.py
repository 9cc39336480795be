"""The words of thanks, and that Slack takes them."""

from bot import limits
from bot.cohort.model import Person
from bot.gratitude import messages
from tests.support.people import START

BEN = Person(slack_id="U0BEN", name="Ben Ito")


def test_the_question_says_why_it_came_and_how_to_stop_it() -> None:
    asked = messages.prompt(3, 7, times=3, weeks=12, stop_after=2)
    assert asked.blocks[0]["text"]["text"] == (
        "*Has somebody helped you lately?*\n"
        "Two sentences: what they did, and what it changed for you."
    )
    assert asked.footer == (
        'I ask three times in 12 weeks and stop after two "Not now". Only you see this. '
        "The menu pauses letters."
    )
    assert asked.text == (
        "Has somebody helped you lately? Two sentences: what they did, and what it changed for "
        "you. You can: write thanks, not now. I ask three times in 12 weeks and stop after two "
        '"Not now". Only you see this.'
    )
    assert limits.check_message({"text": asked.text, "blocks": asked.all_blocks()}) == []


def test_the_form_says_who_reads_it_before_anything_is_written() -> None:
    view = messages.form(BEN, prompt_id=3)
    assert view["blocks"][0]["elements"][0]["text"] == (
        "It goes to this person alone. Nobody else reads or counts it."
    )
    assert view["blocks"][1]["element"]["initial_user"] == "U0BEN"
    assert limits.check_view(view) == []
    assert "initial_user" not in messages.form(None)["blocks"][1]["element"]


def test_the_longest_and_strangest_words_still_fit() -> None:
    for words in ("&" * 600, "\n" * 600, "שלום 🎉 <!channel> <@U0ANA> " * 20):
        told = messages.received(1, 2, BEN, words[:600], told=None, zone="Europe/Berlin")
        assert limits.check_message({"text": told.text, "blocks": told.all_blocks()}) == []
        assert "<!channel>" not in told.blocks[1]["text"]["text"]
        assert "<@U0ANA>" not in told.blocks[1]["text"]["text"]


def test_thanks_once_sent_lose_the_menu_and_keep_the_button() -> None:
    told = messages.received(1, 2, BEN, "You helped.", told=START, zone="Europe/Berlin")
    assert [e["action_id"] for e in told.blocks[2]["elements"]] == [messages.BACK]
    assert told.footer == "Only you and Ben see this. Sent on Mon 1 June."
