"""What a check-in says and asks, and that it says who sees it."""

from typing import Any

import pytest

from bot import blocks
from bot.checkin import messages
from bot.checkin.messages import Answers, Asked
from bot.checkin.model import Audience, Knows
from bot.forms import Form
from bot.refusal import Invalid, NotYours

ASKED = Asked(id=7, number=2, partner="Ben", partner_title="Ben", until="Fri 3 July")


def submitted(**chosen: str) -> Form:
    values: dict[str, Any] = {
        name: {name: {"selected_option": {"value": value}}}
        for name, value in chosen.items()
        if name != "wish"
    }
    values["wish"] = {"wish": {"value": chosen.get("wish")}}
    return Form({"state": {"values": values}})


def labels(view: dict[str, Any]) -> list[str]:
    return [b["label"]["text"] for b in view["blocks"] if b["type"] == "input"]


def test_the_letter_asks_in_one_sentence_and_says_how_long_it_is_open() -> None:
    letter = messages.question(ASKED, 57)
    assert letter.text == (
        "How is it going with Ben? Three taps, under a minute. You can: answer. "
        "Open until Fri 3 July. One reminder, then silence. Your answers stay with me."
    )
    assert letter.footer.endswith("Your answers stay with me. The menu pauses letters.")


def test_halfway_and_the_reminder_say_so() -> None:
    halfway = Asked(7, 3, "Ben", "Ben", "Fri 3 July", halfway=True)
    assert messages.question(halfway, 57).text.startswith("Halfway: how is it going with Ben?")
    again = messages.question(ASKED, 57, again=True)
    assert again.text.startswith("A reminder: how is it going with Ben?")
    assert "One reminder" not in again.footer
    assert messages.question(halfway, 57, again=True).text.startswith("A reminder: how is it")


def test_the_form_says_who_sees_the_answers_before_the_first_question() -> None:
    view = messages.form(ASKED)
    assert view["title"]["text"] == "Check-in 2"
    assert view["blocks"][0]["elements"][0]["text"] == messages.KEPT
    assert labels(view) == [
        "I can be open with Ben, also about what is not going well.",
        "We agree on what we are working on together.",
        "Our last meetings moved me forward.",
        "What would make the next two weeks better?",
        "Who may read that sentence?",
    ]


def test_a_mentor_is_asked_whether_they_can_be_useful() -> None:
    mentor = Asked(7, 2, "Ana", "Ana", "Fri 3 July", mentor_asked=True)
    assert "I can be useful to Ana." in labels(messages.form(mentor))


def test_what_was_answered_is_filled_in() -> None:
    view = messages.form(ASKED, Answers(4, 5, 0, "Shorter talks", Audience.PAIR))
    chosen = [b["element"].get("initial_option", {}).get("value") for b in view["blocks"][1:4]]
    assert chosen == ["4", "5", "0"]
    assert view["blocks"][4]["element"]["initial_value"] == "Shorter talks"


def test_coordinators_are_no_readers_where_none_is_outside_the_pair() -> None:
    view = messages.form(ASKED, coordinators_read=False)
    options = [o["text"]["text"] for o in view["blocks"][-1]["element"]["options"]]
    assert options == ["Nobody", "Ben"]


def test_answers_are_read_back() -> None:
    form = submitted(open_with="2", agree="3", moved_forward="0", wish=" More ", wish_for="pair")
    assert messages.read_answers(form) == Answers(2, 3, 0, "More", Audience.PAIR)


def test_without_words_there_are_no_readers() -> None:
    form = submitted(open_with="2", agree="3", moved_forward="1", wish_for="coordinator")
    assert messages.read_answers(form).wish_for is Audience.NOBODY


@pytest.mark.parametrize("value", ["", "0", "6", "x"])
def test_a_missing_or_forged_score_is_refused_beside_its_question(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        messages.read_answers(submitted(open_with=value, agree="3", moved_forward="1"))
    assert refused.value.field == "open_with"


def test_a_forged_reader_is_refused() -> None:
    form = submitted(open_with="2", agree="3", moved_forward="1", wish="x", wish_for="everybody")
    with pytest.raises(NotYours):
        messages.read_answers(form)


def test_nobody_yet_is_the_preset_and_nothing_is_promised_beyond_it() -> None:
    view = messages.who_should_know(7)
    assert view["blocks"][2]["element"]["initial_option"]["text"]["text"] == "Nobody yet"
    assert "Nothing is passed on before you choose" in str(view)
    assert "not what you answered" in str(messages.choice_saved(Knows.COORDINATOR_ME))


def test_where_to_turn_names_the_cohorts_contacts_and_stores_nothing() -> None:
    view = messages.where_to_turn("Ombuds: <x@y>", "@Priya")
    assert view["blocks"][1]["text"]["text"] == blocks.escape("Ombuds: <x@y>")
    assert "Nothing is stored" in str(view)
    assert "@Priya can name somebody" in str(messages.where_to_turn("", "@Priya"))


def test_a_shared_sentence_cannot_call_the_channel() -> None:
    letter = messages.shared_with_coordinators("Ana Silva", "Ben Ito", "<!channel> help")
    assert "<!channel>" not in str(letter.blocks) + letter.text


@pytest.mark.parametrize("wish", ["x" * 501, "שלום " * 101])
def test_a_sentence_that_is_too_long_is_refused_beside_it(wish: str) -> None:
    with pytest.raises(Invalid) as refused:
        messages.read_answers(submitted(open_with="2", agree="3", moved_forward="1", wish=wish))
    assert refused.value.field == "wish"
    assert "500" in refused.value.words
