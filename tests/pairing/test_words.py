"""What people read about requests, offers and pairings: news first, who sees it, and it fits."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import limits
from bot.cohort.model import Membership, Person, Role
from bot.pairing import messages as m
from bot.pairing import messages_pairing as pair_words
from bot.pairing import messages_profile as profile
from bot.pairing import messages_request as asks
from bot.pairing import phrases
from bot.pairing.matching import Lack, Reason, ReasonKind
from bot.pairing.model import EndReason, OfferState

FRIDAY = datetime(2026, 6, 12, 15, 0, tzinfo=UTC)
NASTY = "<!channel> <@U0EVE> *bold* & שלום 🎉 "

CARD = m.OfferCard(
    offer_id=31,
    intern="Ana",
    intern_full="Ana Silva",
    button="Ana",
    goals=("Present my work without notes", "Write better SQL"),
    why="you can help with both, you both value craft, 6 hours a week in common",
    line="I liked your talk on testing.",
    until=FRIDAY,
    zone="Europe/Lisbon",
)
PAIR = pair_words.Pair(7, "Ana", "Ben", "Ana Silva", "Ben Ito")
REASONS = (
    Reason(ReasonKind.SKILLS, ("presenting", "sql"), goals=(1, 2)),
    Reason(ReasonKind.VALUES, ("craft",)),
    Reason(ReasonKind.STYLE, ("written",)),
    Reason(ReasonKind.HOURS, count=6),
    Reason(ReasonKind.ROOM, count=1),
)


def person(**columns: object) -> Person:
    plain = {
        "slack_id": "U0ANA",
        "name": "Ana Silva",
        "skills": [],
        "style": [],
        "values": [],
        "languages": [],
        "work_days": [],
        "capacity": 0,
        "how_i_work": "",
        "locale": "en-GB",
    }
    return Person(**plain | columns)


def sound(message: object) -> None:
    """Slack takes it, and what is read aloud is not empty."""
    assert isinstance(message, m.b.Message)
    assert limits.check_message({"text": message.text, "blocks": message.all_blocks()}) == []
    assert message.text
    assert len(message.text) <= 500


def test_an_offer_says_who_why_until_when_and_who_sees_it() -> None:
    letter = m.offer(CARD, 57)
    assert letter.text == (
        "Ana Silva would like you as a mentor. Goals: 1. Present my work without notes 2. Write "
        "better SQL. Why you: you can help with both, you both value craft, 6 hours a week in "
        "common. I liked your talk on testing. Until Fri 12 June, 16:00 (Lisbon). You can: "
        "accept, decline."
    )
    assert letter.blocks[0]["text"]["text"] == (
        "*Ana Silva would like you as a mentor*\n"
        "Goals: 1. Present my work without notes 2. Write better SQL\n"
        "Why you: you can help with both, you both value craft, 6 hours a week in common\n"
        "> I liked your talk on testing."
    )
    assert letter.footer == (
        "Until Fri 12 June, 16:00 (Lisbon), then I ask somebody else. A no is fine. "
        "Only you see this. The menu pauses letters."
    )
    sound(letter)


def test_the_reminder_differs_only_in_its_first_words() -> None:
    reminder = m.offer(CARD, 57, reminder=True)
    assert reminder.text.startswith("A reminder: Ana Silva would like you as a mentor. Goals:")
    assert reminder.blocks[1:] == m.offer(CARD, 57).blocks[1:]


@pytest.mark.parametrize(
    ("state", "headline", "footer"),
    [
        (
            OfferState.ACCEPTED,
            "*You are Ana Silva's mentor*",
            "● Accepted on Fri 12 June. Next, I introduce you both.",
        ),
        (OfferState.DECLINED, "*You declined this request*", "○ Thank you for answering."),
        (OfferState.LAPSED, "*This request has moved on*", "○ Nothing to do."),
        (OfferState.FILLED, "*This request has moved on*", "○ Nothing to do."),
        (
            OfferState.WITHDRAWN,
            "*Ana does not need this any more*",
            "○ Withdrawn on Fri 12 June. Nothing to do.",
        ),
    ],
)
def test_after_the_answer_the_letter_says_what_is_still_true(
    state: OfferState, headline: str, footer: str
) -> None:
    letter = m.offer_settled(state, "Ana", "Ana Silva", FRIDAY, "Europe/Lisbon")
    assert letter.blocks[0]["text"]["text"] == headline
    assert letter.footer == footer
    assert "offer." not in str(letter.blocks)
    sound(letter)


def test_what_people_wrote_can_call_nobody_and_always_fits() -> None:
    wild = replace(CARD, goals=(NASTY * 5,) * 3, line=NASTY * 12, why=NASTY * 8)
    letter = m.offer(wild, 57)
    shown = str(letter.blocks).replace(wild.why, "")
    assert "<!channel>" not in shown
    assert "<@U0EVE>" not in shown
    sound(letter)
    assert limits.check_view(m.offer_view(wild)) == []
    assert letter.text.endswith("You can: accept, decline.")


def test_a_no_says_that_nobody_reads_the_reason() -> None:
    sound(m.no_room(2, 2))
    form = m.decline_form(31, "Ana")
    assert form["blocks"][0]["text"]["text"] == (
        "*Ana hears that you are not available this time, nothing more.*"
    )
    assert form["blocks"][1]["elements"][0]["text"] == (
        "I keep this; nobody reads it. Coordinators never see who declined."
    )
    assert limits.check_view(form) == []


def test_reasons_for_an_intern_are_words_and_compare_nobody() -> None:
    assert phrases.for_intern(REASONS) == [
        "Can help with presenting and SQL, your goals 1 and 2",
        "You both value craft and like written notes",
        "6 hours a week in common, room for 1 intern",
    ]


def test_reasons_for_a_mentor_say_why_they_are_asked() -> None:
    assert phrases.for_mentor(REASONS, goals=2) == (
        "you can help with both, you both value craft and like written notes, "
        "6 hours a week in common"
    )
    assert phrases.for_mentor(REASONS, goals=3).startswith("you can help with presenting and SQL, ")
    assert phrases.for_mentor((), goals=1) == ""


@pytest.mark.parametrize(
    ("lack", "words"),
    [
        (Lack("full", "sql"), "Everyone who can help with SQL is full."),
        (Lack("full"), "Everyone is full."),
        (Lack("hours", "sql"), "Everyone who can help with SQL shares no hours with you."),
        (Lack("language", "sql"), "Everyone who can help with SQL speaks none of your languages."),
        (Lack("skill", "sql"), "Nobody here can help with SQL yet."),
        (Lack("nobody"), "Nobody with room fits all of it."),
    ],
)
def test_an_empty_list_gives_the_one_fact_that_explains_it(lack: Lack, words: str) -> None:
    assert phrases.why_nobody(lack) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(ReasonKind.SKILLS, ("presenting",)), "care about presenting"),
        (Reason(ReasonKind.VALUES, ("clarity",)), "value clarity and stability"),
        (Reason(ReasonKind.STYLE, ("think_first",)), "like thinking before speaking"),
        (Reason(ReasonKind.LANGUAGES, ("de", "en")), "speak German and English"),
        (Reason(ReasonKind.VALUES, ("team",)), "value teamwork"),
        (Reason(ReasonKind.HOURS, count=1), "share 1 working hour a week"),
        (Reason(ReasonKind.HOURS, count=40), "share 40 working hours a week"),
    ],
)
def test_a_commonality_follows_you_both(reason: Reason, words: str) -> None:
    assert phrases.in_common(reason) == words


def test_commonalities_of_one_kind_share_a_line_and_keep_their_turn() -> None:
    reasons = (
        Reason(ReasonKind.SKILLS, ("presenting",)),
        Reason(ReasonKind.VALUES, ("helping",)),
        Reason(ReasonKind.STYLE, ("gentle",)),
        Reason(ReasonKind.HOURS, count=40),
        Reason(ReasonKind.VALUES, ("team",)),
    )
    assert phrases.all_in_common(reasons) == [
        "care about presenting",
        "value helping others and teamwork",
        "like feedback put gently",
        "share 40 working hours a week",
    ]


def test_two_lists_in_one_reason_are_told_apart() -> None:
    reasons = (
        Reason(ReasonKind.VALUES, ("craft", "learning")),
        Reason(ReasonKind.STYLE, ("direct", "written", "think_first")),
    )
    assert phrases.for_intern(reasons) == [
        "You both value craft and learning, and like feedback said straight, written notes and "
        "thinking before speaking"
    ]


def rows(*ranks: int | None) -> list[asks.Row]:
    return [
        asks.Row(30 + n, f"Mentor {n}", ", Design, Lisbon", f"Mentor {n}", ("Room",), rank)
        for n, rank in enumerate(ranks)
    ]


def labels(view: dict[str, object]) -> list[str]:
    blocks: list[dict[str, dict[str, dict[str, str]]]] = view["blocks"]  # type: ignore[assignment]
    return [b["accessory"]["text"]["text"] for b in blocks if "accessory" in b]


def test_taps_count_up_and_five_are_enough() -> None:
    form = asks.choices_form(4, rows(None, 1, None), "")
    assert labels(form) == ["Choose as 2nd", "Remove", "Choose as 2nd"]
    assert form["blocks"][3]["accessory"]["accessibility_label"] == "Choose Mentor 0 as 2nd"
    assert form["blocks"][5]["text"]["text"].startswith("*1st choice: Mentor 1*, Design, Lisbon")
    assert "Nobody sees your order." in form["blocks"][1]["elements"][0]["text"]
    full = asks.choices_form(4, rows(1, 2, 3, 4, 5, None), "")
    assert labels(full) == ["Remove"] * 5
    assert limits.check_view(full) == []


@pytest.mark.parametrize(
    ("offered", "words"),
    [
        (1, "One mentor fits. Choose them, and I ask."),
        (2, "Choose one or two, in the order you want to ask."),
        (3, "Choose one to three, in the order you want to ask."),
        (6, "Choose one to five, in the order you want to ask."),
    ],
)
def test_nobody_is_asked_to_choose_more_mentors_than_there_are(offered: int, words: str) -> None:
    form = asks.choices_form(4, rows(*[None] * offered), "")
    assert form["blocks"][0]["text"]["text"] == f"*{words}*"


def test_waiting_names_who_is_asked_and_who_is_next() -> None:
    where = asks.Standing(4, "Ben", 1, "Fri 12 June, 17:00 (Berlin)", "Mia")
    sent = asks.sent_view(where)["blocks"][0]["text"]["text"]
    assert sent.startswith(
        "*I am asking Ben first.* You hear by Fri 12 June, 17:00 (Berlin), or I ask Mia.\n"
    )
    assert asks.asking_view(where)["blocks"][0]["text"]["text"] == (
        "*Waiting for Ben, your 1st choice,* until Fri 12 June, 17:00 (Berlin). Then: Mia."
    )
    alone = replace(where, then="", unavailable="Tom", asked="Mia", rank=2)
    assert asks.asking_view(alone)["blocks"][0]["text"]["text"] == (
        "*Tom is not available this time.* Waiting for Mia, your 2nd choice, until "
        "Fri 12 June, 17:00 (Berlin)."
    )
    assert "or you go on the waitlist" in asks.sent_view(alone)["blocks"][0]["text"]["text"]


def test_every_view_and_letter_about_a_request_fits_slack() -> None:
    where = asks.Standing(4, places=((9, "Mia Chen", "Mia"), (10, "Tom Okafor", "Tom")))
    for view in (
        asks.cohorts_form([(1, "Summer interns"), (2, NASTY * 3)]),
        asks.goals_form(3, profile.Goals(("x",) * 3, (("sql",), (), ()))),
        asks.waiting_view(where),
        asks.nobody_fits(4, "Everyone is full.", "Priya"),
        asks.withdrawn_view(),
        asks.helped_view("Priya"),
        asks.choices_form(4, rows(1, None), NASTY, [asks.no_room_alert(["Ben", "Mia"])]),
    ):
        assert limits.check_view(view) == []
    for message in (
        asks.waitlist(4, "Priya", FRIDAY, "Europe/Berlin", 57),
        asks.waitlist_over("That wait is over."),
        asks.place(9, "Mia Chen", "Mia", "SQL", FRIDAY, "Europe/Berlin", "en-GB", 57),
        *(asks.place_settled(state, "Mia") for state in ("taken", "passed", "gone")),
        asks.waiting_line("Ana Silva", 1),
        asks.unpaired_line("Ana Silva", 5, 1),
        asks.help_line("Ana Silva"),
        asks.settled_line("Ana Silva does not wait any more."),
    ):
        sound(message)


def test_a_place_is_offered_with_what_it_is_good_for() -> None:
    letter = asks.place(9, "Mia Chen", "Mia", "presenting", FRIDAY, "Europe/Berlin", "en-GB", 57)
    assert letter.blocks[0]["text"]["text"] == (
        "*There is room again: Mia Chen can help with presenting*"
    )
    assert "The place is kept until Fri 12 June, 17:00 (Berlin)." in letter.footer


def test_the_introduction_tells_what_the_two_truly_share() -> None:
    ana, ben = person(), person(slack_id="U0BEN", name="Ben Ito")
    hello = pair_words.introduction(PAIR, ["like written notes", "value craft"], ana, ben)
    assert hello.blocks[0]["text"]["text"] == ":wave: Ana, meet Ben. Ben, meet Ana!"
    assert hello.blocks[1]["text"]["text"] == "You both\n• like written notes\n• value craft"
    assert hello.text == (
        "Ana, meet Ben. Ben, meet Ana! You both like written notes, value craft. First step: 30 "
        "minutes in the next seven days. You can: plan our first meeting, first-meeting kit. You "
        "both see this. Coordinators see that you are paired, never what you write here."
    )
    sound(hello)
    bare = pair_words.introduction(PAIR, [], person(name=""), person(name=NASTY))
    assert "You both\n" not in str(bare.blocks)
    assert "<!channel>" not in bare.text
    sound(bare)


def test_the_kit_puts_both_styles_side_by_side_and_leaves_out_what_was_not_told() -> None:
    ana, ben = person(style=[2, None, 3, 4]), person(name="Ben Ito", style=[5, 1, None, 5])
    view = pair_words.kit(PAIR, ana, ben, 12)
    assert view["blocks"][3]["text"]["text"] == (
        "*How you like to work:*\n"
        "Feedback: Ana mostly straight, Ben gently\n"
        "Talking things over: Ana has not said, Ben in writing\n"
        "Meetings: Ana either way, Ben has not said\n"
        "Working out an idea: Ana mostly by thinking first, Ben by thinking first"
    )
    alike = pair_words.kit(PAIR, person(style=[2]), person(name="Ben Ito", style=[2]), 12)
    assert alike["blocks"][3]["text"]["text"].splitlines()[1:3] == [
        "Feedback: both of you mostly straight",
        "Talking things over: neither of you has said",
    ]
    assert limits.check_view(view) == []


def test_the_end_of_a_pairing_rates_nobody() -> None:
    intern = pair_words.ended_for_intern("Ben", "Summer interns", 57, left=False, find=True)
    assert intern.blocks[0]["text"]["text"] == (
        "*Your mentor changes for programme reasons*\n"
        "Your pairing with Ben has ended. This rates nobody.\n"
        "You can ask for another mentor at once."
    )
    gone = pair_words.ended_for_mentor("Ana", "Summer interns", 57, left=True)
    assert "Ana is not in Summer interns any more. This has nothing to do with you." in gone.text
    for message in (
        intern,
        gone,
        pair_words.ended_for_intern("Ben", NASTY, 57, left=True, find=False),
        pair_words.ended_for_mentor("Ana", NASTY, 57, left=False),
        pair_words.introduction_over(PAIR, FRIDAY, "Europe/Berlin"),
        pair_words.pair_line(PAIR, 5, 7),
        pair_words.pair_line_over(PAIR, EndReason.TIME, FRIDAY, "Europe/Berlin"),
        pair_words.pair_line_over(PAIR, None, FRIDAY, "Europe/Berlin"),
    ):
        sound(message)


def test_a_new_pair_is_one_line_for_coordinators() -> None:
    line = pair_words.pair_line(PAIR, 5, 7)
    assert line.blocks[0]["text"]["text"] == (
        "● New pair: Ana Silva and Ben Ito. 5 of 7 interns have a mentor."
    )
    assert line.text.startswith("New pair: Ana Silva and Ben Ito.")


def test_every_form_of_the_profile_fits_slack_and_says_who_sees_it() -> None:
    known = person(
        skills=["sql"], capacity=2, style=[1, 2, 3, 4], values=["craft"], profile_saved_at=FRIDAY
    )
    intern = Membership(id=3, role=Role.INTERN, person=known, goals=[], note=NASTY)
    views = {
        "The mentor you ask sees this; coordinators see only that you asked.": (
            profile.goals_form(3, profile.Goals(("a", "b", "c"), ((), (), ())))
        ),
        "Interns see this on your card. Coordinators see your capacity.": (
            profile.help_form(3, known)
        ),
        "Your mentor and you see this side by side. Coordinators never see it.": (
            profile.style_form(3, Role.INTERN, known)
        ),
        "Others see only the hours you share with them.": (
            profile.hours_form(intern, "Europe/Berlin")
        ),
    }
    for who, view in views.items():
        assert view["blocks"][1]["elements"][0]["text"] == who
        assert limits.check_view(view) == []
        assert sum(block["type"] == "input" for block in view["blocks"]) <= 6
    assert "Add a goal" not in str(next(iter(views.values())))
    assert limits.check_view(profile.saved_view(Role.INTERN, looking=True)) == []


def test_nobody_is_in_between_by_accident() -> None:
    fresh = profile.style_form(3, Role.MENTOR, person())
    assert "initial_option" not in str(fresh)
    assert "Your interns and you see this side by side." in str(fresh)


def test_forms_by_hand_say_who_hears_what() -> None:
    for view in (
        pair_words.by_hand_form(1, "Summer interns", "U0ANA"),
        pair_words.end_form(PAIR, [EndReason.TIME, EndReason.OTHER]),
        pair_words.undo_form(PAIR),
        pair_words.done_view("Done", "x"),
        m.offer_decided_view("x"),
    ):
        assert limits.check_view(view) == []
    assert "not why" in str(pair_words.end_form(PAIR, [EndReason.TIME]))
