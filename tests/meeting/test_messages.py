"""What people read about meetings: the news, the choices, and who sees it."""

from datetime import UTC, date, datetime, time

import pytest

from bot.cohort.calendar import Phase
from bot.forms import Form
from bot.limits import check_message, check_view
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting import messages_rhythm as words
from bot.meeting.model import Answer, Smaller
from bot.meeting.sides import Side
from bot.refusal import Invalid

ANA = Side(1, "U0ANA", "Ana", "Europe/Berlin")
BEN = Side(2, "U0BEN", "Ben", "Europe/Lisbon")
AT = datetime(2026, 6, 16, 13, 0, tzinfo=UTC)  # 15:00 in Berlin
NOW = datetime(2026, 6, 15, 13, 0, tzinfo=UTC)
DRAFT = m.Draft(date(2026, 6, 16), time(15), 30)
MENU = {"type": "overflow", "action_id": "letter.menu", "options": []}


def appointment(place: str = "room 2.14", moved: bool = False) -> m.Appointment:
    return m.Appointment(7, AT, 30, place, ANA, BEN, ANA, moved=moved)


def labels(blocks: list) -> list[str]:
    return [
        e["text"]["text"]
        for b in blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["type"] == "button"
    ]


def shown(blocks: list) -> str:
    return "\n".join(b["text"]["text"] for b in blocks if b["type"] in ("section", "alert"))


def test_the_form_says_how_the_two_clocks_stand() -> None:
    view = m.plan_form(ANA, BEN, DRAFT, pairing_id=3)
    assert shown(view["blocks"]) == (
        "*When do you meet Ben?* Your zone: Berlin. Ben: Lisbon, one hour earlier."
    )
    assert view["submit"]["text"] == "Plan meeting"


def test_a_warning_is_about_one_moment_only() -> None:
    view = m.plan_form(ANA, BEN, DRAFT, pairing_id=3, warning="Hm.", warned_at=AT)
    assert view["submit"]["text"] == "Plan anyway"
    form = Form(view)
    assert m.anyway(form, AT)
    assert not m.anyway(form, NOW)


def test_the_group_message_names_both_zones_in_its_text() -> None:
    message = m.meeting_planned(appointment(), agenda_comes=True)
    assert message.text == (
        "Meeting planned: Tue 16 June, 15:00 Berlin, 14:00 Lisbon, room 2.14. "
        "You can: move it, cancel it."
    )
    assert shown(message.blocks).startswith(f"*You meet on <!date^{int(AT.timestamp())}^")
    assert labels(message.blocks) == ["Move it", "Cancel it…"]
    assert message.footer == "Ana planned this. The agenda comes the day before."


def test_a_place_can_be_a_link_but_never_a_mention() -> None:
    assert m.place_shown("https://meet.example/a?b=1&c=2") == (
        "<https://meet.example/a?b=1&amp;c=2>"
    )
    assert m.place_shown("<!channel> <@U0BEN>") == "&lt;!channel&gt; &lt;@U0BEN&gt;"
    assert m.place_shown("https://x|<!channel>") == "https://x|&lt;!channel&gt;"


def test_days_that_differ_between_the_two_are_both_named() -> None:
    tokyo = Side(3, "U0KEN", "Ken", "Asia/Tokyo")
    late = datetime(2026, 6, 16, 20, 0, tzinfo=UTC)
    assert m.both_read(late, ANA, tokyo) == "Tue 16 June, 22:00 Berlin, Wed 17 June, 05:00 Tokyo"


def test_the_agenda_opens_with_open_actions_in_the_readers_words() -> None:
    todos = [m.Todo("send Ben the draft", ANA.id, date(2026, 6, 15))]
    letter = m.agenda(appointment(), ANA, BEN, todos, "where am I stuck?", now=NOW, menu=MENU)
    assert shown(letter.blocks).splitlines() == [
        "*Tomorrow, 15:00 (Berlin): you and Ben*",
        "30 minutes, room 2.14",
        "○ Open action: send Ben the draft (you, by today)",
        "To think about: where am I stuck?",
    ]
    assert "Only you and Ben see this." in letter.footer


def test_every_phase_has_prompts() -> None:
    assert all(len(m.PROMPTS[phase]) >= 3 for phase in Phase)


def test_did_you_meet_is_one_tap_without_a_favourite() -> None:
    letter = after.did_you_meet(after.Record(7, AT), ANA, BEN, now=AT, menu=MENU, again=False)
    assert shown(letter.blocks) == "*Did you and Ben meet today at 15:00?*"
    assert labels(letter.blocks) == ["Yes, we met", "It moved", "It did not happen"]
    assert "primary" not in str(letter.blocks)
    assert "Coordinators see that you met, never what you wrote." in letter.footer


@pytest.mark.parametrize(
    ("mine", "theirs", "headline", "footer", "button"),
    [
        (Answer.YES, None, "You met Ben on Tue 16 June", "● You said so.", "Add summary"),
        (None, Answer.YES, "You met Ben on Tue 16 June", "● Ben said so.", "We did not meet"),
        (Answer.NO, None, "You did not meet Ben on Tue 16 June", "○ You said so.", "We did meet"),
        (
            Answer.MOVED,
            None,
            "Your meeting with Ben on Tue 16 June moved",
            "○ You said so.",
            "Choose the new time",
        ),
        (
            None,
            None,
            "I do not know whether you met Ben on Tue 16 June",
            "○ That is fine. Nothing to do.",
            "We did meet",
        ),
    ],
)
def test_an_answer_stands_on_both_copies_with_one_way_on(
    mine: Answer | None, theirs: Answer | None, headline: str, footer: str, button: str
) -> None:
    letter = after.answered(after.Record(7, AT, mine, theirs), ANA, BEN)
    assert shown(letter.blocks) == f"*{headline}*"
    assert (letter.footer, labels(letter.blocks)) == (footer, [button])


def test_two_answers_that_differ_are_shown_to_nobody() -> None:
    yes = after.answered(after.Record(7, AT, Answer.YES, Answer.NO), ANA, BEN)
    no = after.answered(after.Record(7, AT, Answer.NO, Answer.YES), BEN, ANA)
    assert "You met Ben" in yes.text
    assert "Ben said" not in yes.text
    assert "You did not meet Ana" in no.text
    assert "Ana said" not in no.text


def test_the_summary_says_who_sees_it_before_it_is_written() -> None:
    entry = after.Entry("", ANA.id, date(2026, 6, 23))
    view = after.summary_form(7, ANA, BEN, insight="", actions=(), entry=entry)
    assert view["blocks"][1]["elements"][0]["text"] == (
        "Only you and Ben see this. Coordinators see that you met."
    )


def test_three_actions_leave_no_room_for_a_fourth() -> None:
    kept = [after.Kept(n, f"Action {n}", ANA.id, date(2026, 6, 23)) for n in (1, 2, 3)]
    entry = after.Entry("", ANA.id, date(2026, 6, 23))
    view = after.summary_form(7, ANA, BEN, insight="", actions=kept, entry=entry)
    ids = [block.get("block_id") for block in view["blocks"]]
    assert "what~0" not in ids
    assert ids.count("action.3") == 1
    editing = after.summary_form(7, ANA, BEN, insight="", actions=kept, entry=entry, editing=3)
    assert "what~0" in [block.get("block_id") for block in editing["blocks"]]


def submitted(**values: dict) -> Form:
    state = {block: {"x": value} for block, value in values.items()}
    return Form({"state": {"values": state}, "private_metadata": '{"copy": 0}'})


@pytest.mark.parametrize("day", ["2026-06-14", "2026-06-30", "nonsense", None])
def test_an_action_is_due_in_the_next_two_weeks(day: str | None) -> None:
    form = submitted(
        **{
            "what~0": {"value": "Draft"},
            "who~0": {"selected_option": {"value": "1"}},
            "by~0": {"selected_date": day},
        }
    )
    with pytest.raises(Invalid, match="Choose a day in the next two weeks") as refusal:
        after.read_entry(form, ANA, BEN, date(2026, 6, 15), 14)
    assert refusal.value.field == "by~0"


def test_an_action_belongs_to_one_of_the_two() -> None:
    form = submitted(
        **{"what~0": {"value": "Draft"}, "who~0": {"selected_option": {"value": "99"}}}
    )
    with pytest.raises(Invalid, match="Choose Ana or Ben"):
        after.read_entry(form, ANA, BEN, date(2026, 6, 15), 14)


def test_no_action_is_no_mistake() -> None:
    assert after.read_entry(submitted(), ANA, BEN, date(2026, 6, 15), 14) is None


def test_somebody_whose_name_is_not_known_yet_is_mentioned() -> None:
    nameless = Side(9, "U0NEW", "", "Europe/Berlin")
    letter = m.first_meeting(nameless, 3, skip=words.SKIP, menu=MENU)
    assert "You and <@U0NEW> have no first meeting yet" in shown(letter.blocks)


LONG = "<!channel> *x* :wave: \u202etxet " + "w" * 400
NAMED = Side(1, "U0LONG", "N" * 80, "America/Argentina/ComodRivadavia", "en-US")


def test_the_longest_words_still_fit_slack() -> None:
    at = appointment(LONG[:300])
    kept = [after.Kept(n, LONG[:200], 1, date(2026, 6, 23)) for n in (1, 2, 3)]
    record = after.Record(7, AT, Answer.YES, None, LONG[:300], 1, kept, saved=True)
    menu = {**MENU, "options": [{"text": {"type": "plain_text", "text": "Why"}, "value": "why.1"}]}
    todos = [m.Todo(LONG[:200], 1, date(2026, 6, 15))] * 9
    for message in (
        m.meeting_planned(at, agenda_comes=False),
        m.meeting_cancelled(at, by="Ana", pairing_id=3, news=True),
        m.agenda(at, NAMED, BEN, todos, "why?", now=NOW, menu=menu),
        m.first_meeting(NAMED, 3, skip=words.SKIP, menu=menu),
        after.did_you_meet(record, BEN, NAMED, now=AT, menu=menu, again=True),
        after.answered(record, NAMED, BEN),
        after.summary_letter(record, NAMED, BEN, AT),
        after.action_due(7, LONG[:200], date(2026, 6, 23), NAMED, BEN, now=NOW, menu=menu),
        words.week(NAMED, Smaller.WRITTEN, m.PROMPTS[Phase.INITIATION], 3),
    ):
        assert check_message({"text": message.text, "blocks": message.all_blocks()}) == []
        assert "<!channel>" not in str(message)
        assert len(message.text) <= 500
    for view in (
        m.plan_form(BEN, NAMED, DRAFT, pairing_id=3, pairs=[(3, "N" * 80), (4, "Ana")]),
        after.summary_form(
            7,
            BEN,
            NAMED,
            insight=LONG[:300],
            actions=kept[:2],
            entry=after.Entry(LONG[:200], 1, date(2026, 6, 23)),
        ),
        after.no_form(7, NAMED),
        after.later_form(7, LONG[:200], date(2026, 6, 23), NAMED),
    ):
        assert check_view(view) == []
