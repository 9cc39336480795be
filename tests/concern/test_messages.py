"""What coordinators read about a pair, and what the pair reads itself."""

from dataclasses import replace
from typing import Any

import pytest

from bot.concern import messages
from bot.concern.messages import PairLetter, Shown
from bot.concern.model import ConcernState, Ending
from bot.concern.signals import Level
from bot.forms import Form
from bot.meeting.messages_rhythm import smaller_buttons
from bot.refusal import Invalid

RED = Shown(
    id=57,
    level=Level.RED,
    state=ConcernState.OPEN,
    intern="Ana Silva",
    mentor="Ben Ito",
    codes=("B2",),
    waiting_days=22,
    waiting_since="Tue 23 June",
    has_met=True,
    open_days=5,
    opened="Wed 15 July",
    who="Priya",
    when="Wed 15 July",
    until="Mon 20 July",
)
AMBER = replace(RED, level=Level.AMBER)


def buttons(message: Any) -> list[tuple[str, str | None]]:
    row = next((b for b in message.blocks if b["type"] == "actions"), {"elements": []})
    return [
        ((e.get("text") or e.get("placeholder"))["text"], e.get("style")) for e in row["elements"]
    ]


def test_a_red_concern_reads_as_the_coordinators_need_it() -> None:
    message = messages.living(RED)
    assert message.blocks[0]["text"]["text"] == (
        "*■ Red: Ana Silva and Ben Ito*\n"
        "No meeting for 22 days (B2)\n"
        "Suggested: a short, neutral call with each, within two working days"
    )
    assert buttons(message) == [
        ("I will contact them", "primary"),
        ("Snooze", None),
        ("Clear…", None),
    ]
    assert message.footer == "Open since Wed 15 July. Answers and notes are never shown."
    assert message.text.startswith("Red: Ana Silva and Ben Ito. No meeting for 22 days (B2).")


def test_the_short_step_is_the_long_one_in_a_few_words() -> None:
    def step(**changes: Any) -> str:
        return messages.short_suggestion(replace(AMBER, **changes))

    assert step(level=Level.RED, codes=("B1",)) == "Call each."
    assert step(codes=("B1",)) == "Offer two dates."
    assert step(codes=("B2",)) == "Ask each what would help."
    assert step(codes=("B2", "S")) == "Call both."


def test_a_wish_for_a_talk_alone_is_never_followed_by_call_both() -> None:
    wish = "Ana Silva asks to talk with a coordinator, alone. Ben does not know."
    words = messages.digest_words(replace(RED, codes=("S",), wishes=(wish,)))
    assert words == f"A check-in suggests a talk (S), open 5 days. {wish} Answer this wish first."


def test_amber_has_no_primary_button() -> None:
    assert [style for _label, style in buttons(messages.living(AMBER))] == [None, None, None]


@pytest.mark.parametrize(
    ("state", "labels", "footer"),
    [
        (
            ConcernState.TAKEN,
            ["We have talked", "Hand it back"],
            "Priya is contacting them (since Wed 15 July).",
        ),
        (
            ConcernState.TALKED,
            ["Clear…"],
            "Priya talked with them on Wed 15 July. A held meeting can clear it.",
        ),
        (
            ConcernState.SNOOZED,
            ["Wake it now"],
            "Snoozed by Priya until Mon 20 July. A new reason wakes it.",
        ),
    ],
)
def test_each_state_shows_its_next_steps(
    state: ConcernState, labels: list[str], footer: str
) -> None:
    message = messages.living(replace(RED, state=state))
    assert [label for label, _style in buttons(message)] == labels
    assert message.footer == footer
    assert ("Suggested: " in message.text) is (state is not ConcernState.TALKED)


@pytest.mark.parametrize(
    ("ending", "headline", "footer"),
    [
        (Ending.MET, "*● Green: ", "● Cleared on Wed 15 July: they have met."),
        (Ending.PASSED, "*● Green: ", "● Cleared on Wed 15 July: the reason has passed."),
        (Ending.COORDINATOR, "*● Green: ", "● Cleared by Priya on Wed 15 July."),
        (Ending.ENDED, "*○ Closed: ", "○ Closed on Wed 15 July: the pairing has ended."),
    ],
)
def test_a_concern_that_is_over_says_how_it_ended(
    ending: Ending, headline: str, footer: str
) -> None:
    message = messages.living(replace(RED, state=ConcernState.CLEARED, ending=ending))
    assert message.blocks[0]["text"]["text"].startswith(headline)
    assert message.footer == footer
    assert buttons(message) == []


@pytest.mark.parametrize(
    ("codes", "words", "step"),
    [
        (("B1",), "No first meeting for 22 days (B1)", "offer two dates for a first meeting"),
        (("B5",), "Check-ins unanswered (B5)", "ask how the week is, not why"),
        (
            ("S",),
            "A check-in suggests a talk (S)",
            "a routine call with both, never saying which side",
        ),
        (
            ("B2", "S"),
            "No meeting for 22 days (B2). A check-in suggests a talk (S)",
            "a routine call with both, never saying which side",
        ),
    ],
)
def test_reasons_carry_their_code_and_a_step(codes: Any, words: str, step: str) -> None:
    shown = replace(AMBER, codes=codes)
    assert messages.reasons(shown) == words
    assert messages.suggestion(shown) == step


def test_a_wish_for_a_talk_comes_first() -> None:
    wish = "Ana Silva asks to talk with a coordinator, alone. Ben does not know."
    message = messages.living(replace(AMBER, codes=("S",), wishes=(wish,)))
    assert wish in message.text
    assert "answer the wish for a talk first" in message.text


def test_rows_for_digest_and_status_are_one_line() -> None:
    assert messages.digest_row(RED)["text"]["text"] == (
        "■ Red: Ana Silva and Ben Ito. No meeting for 22 days (B2), open 5 days. Call each."
    )
    assert messages.digest_row(RED)["accessory"]["action_id"] == messages.TAKE
    taken = replace(RED, state=ConcernState.TAKEN)
    assert "Priya is contacting them." in messages.digest_row(taken)["text"]["text"]
    assert "accessory" not in messages.digest_row(taken)


def test_a_note_from_a_coordinator_is_quoted_and_cannot_call_anybody() -> None:
    over = replace(
        RED, state=ConcernState.CLEARED, ending=Ending.COORDINATOR, note="<!channel> fine"
    )
    assert "> &lt;!channel&gt; fine" in messages.living(over).blocks[0]["text"]["text"]


def test_the_clear_form_says_who_reads_the_note() -> None:
    view = messages.clear_form(RED)
    assert view["title"]["text"] == "Clear this concern"
    assert "the pair never does" in str(view["blocks"][1])
    assert view["blocks"][2]["hint"]["text"] == "No health or private details."


def test_a_note_is_needed_to_clear() -> None:
    with pytest.raises(Invalid):
        messages.read_note(Form({"state": {"values": {"note": {"note": {"value": "  "}}}}}))


def test_the_nudge_offers_three_honest_answers_and_no_primary() -> None:
    about = PairLetter(9, "Ben", "Tue 16 June", second=False)
    message = messages.nudge(about, smaller_buttons(3))
    assert message.text.startswith("You and Ben last met on Tue 16 June. What fits best this week?")
    row = message.blocks[-1]["elements"]
    assert [e["text"]["text"] for e in row[:-1]] == [
        "15 minutes",
        "Three written questions",
        "Skip this week",
    ]
    assert not any("style" in e for e in row)
    assert row[-1]["type"] == "overflow"
    assert message.footer == (
        "Ben reads the same, and sees what you choose. The menu pauses letters."
    )


def test_the_second_nudge_asks_for_less() -> None:
    message = messages.nudge(PairLetter(9, "Ben", "", second=True), smaller_buttons(3))
    assert message.text.startswith("You and Ben have no first meeting yet. One message to Ben")
    assert len(message.blocks[-1]["elements"]) == 3


def test_the_note_after_a_low_answer_goes_to_its_author_with_two_ways_out() -> None:
    message = messages.note(PairLetter(9, "Ben", "", second=False), 31)
    actions = [e["action_id"] for e in message.blocks[-1]["elements"]]
    assert actions == ["check_in.who", "check_in.where", "letter.menu"]
    assert "Only you see this." in message.footer
