"""Meetings as people meet them: through the real app, with every click and every refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.meeting import meetings
from bot.meeting.model import Action, Meeting, MeetingState
from bot.pairing.model import Pairing, PairingState
from tests.support import people
from tests.support.counted import counting

MONDAY = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)


def texts(view: Any) -> str:
    parts = []
    for block in view["blocks"]:
        parts.append((block.get("text") or {}).get("text", ""))
        parts += [e.get("text", "") for e in block.get("elements", []) if e["type"] == "mrkdwn"]
    return "\n".join(part for part in parts if isinstance(part, str))


def labels(message: Any) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


def the_meeting(pair: Any, number: int = 1) -> Meeting:
    with pair.db.read() as session:
        return session.get_one(Meeting, number)


def at_monday(pair: Any) -> Any:
    pair.clock.set(MONDAY)
    return pair


def after_the_meeting(pair: Any) -> Any:
    """Ana planned Tuesday 15:00 of week 1; both have been asked."""
    at_monday(pair)
    pair.plan(pair.ana, "2026-06-09", "15:00")
    pair.ana.close()
    pair.clock.set(datetime(2026, 6, 9, 14, 0, tzinfo=UTC))
    pair.town.settle()
    return pair


def ask_of(seat: Any) -> Any:
    return next(x for x in seat.dm if x.ts >= "1781013600")  # from the asking on


# ---- planning


def test_the_word_opens_the_form_and_both_hear_in_their_group(pair: Any) -> None:
    at_monday(pair)
    outcome = pair.plan(pair.ana, "2026-06-16", "15:00", place="room <!channel>")
    assert outcome.result == "updated"
    assert "You meet Ben on Tue 16 June, 15:00 (Berlin)." in texts(pair.ana.modal)
    message = pair.group[-1]
    assert "Tue 16 June, 15:00 Berlin, 14:00 Lisbon" in message.text
    assert "room &lt;!channel&gt;" in str(message.blocks)
    assert labels(message) == ["Move it", "Cancel it…"]


def test_the_past_is_refused_beside_the_time_and_what_was_typed_stays(small_pair: Any) -> None:
    at_monday(small_pair)
    outcome = small_pair.plan(small_pair.ana, "2026-06-08", "08:00", place="room 2")
    assert outcome.errors == {"time": "That is in the past. Choose a later time."}
    outcome = small_pair.ana.submit({"time": "15:00"})
    assert outcome.result == "updated"
    assert the_meeting(small_pair).place == "room 2"


def test_outside_the_others_hours_it_asks_once_and_then_plans(small_pair: Any) -> None:
    at_monday(small_pair)
    seat = small_pair.ana
    small_pair.plan(seat, "2026-06-16", "08:00")
    assert "That is 07:00 for Ben, outside Ben's hours." in texts(seat.modal)
    assert seat.modal["submit"]["text"] == "Plan anyway"
    seat.submit({"time": "07:30"})  # another moment is asked about anew
    assert "That is 06:30 for Ben" in texts(seat.modal)
    seat.submit()
    assert seat.modal["title"]["text"] == "Meeting planned"
    assert the_meeting(small_pair).starts_at == datetime(2026, 6, 16, 5, 30, tzinfo=UTC)


def test_a_second_meeting_is_planned_knowing_of_the_first(small_pair: Any) -> None:
    at_monday(small_pair)
    small_pair.plan(small_pair.ana, "2026-06-16", "15:00")
    small_pair.ana.close()
    small_pair.ben.command("/mentor", "meet")
    said = texts(small_pair.ben.modal)
    assert "You already meet on Tue 16 June, 14:00 (Lisbon); this is one more." in said


def test_with_two_interns_the_form_asks_with_whom(small_pair: Any) -> None:
    at_monday(small_pair)
    with small_pair.db.begin() as session:
        pairing = small_pair.pairing(session)
        cho = people.an_intern(session, pairing.cohort, "Cho Park", zone="America/New_York")
        second = people.a_pairing(session, cho, pairing.mentor).id
    small_pair.ben.command("/mentor", "meet")
    seat = small_pair.ben
    assert "When do you meet Ana?" in texts(seat.modal)
    seat.fill({"place": "Room 9"})
    seat.click(seat.modal, "meeting.with", str(second))
    assert "When do you meet Cho?* Your zone: Lisbon. Cho: New York" in texts(seat.modal)
    seat.submit({"date": "2026-06-16", "time": "15:00"})
    meeting = the_meeting(small_pair)
    assert (meeting.pairing_id, meeting.place) == (second, "Room 9")


def test_people_without_a_pair_read_what_to_do_next(small_pair: Any) -> None:
    at_monday(small_pair)
    with small_pair.db.begin() as session:
        cohort = small_pair.pairing(session).cohort
        people.an_intern(session, cohort, "Cho Park")
        people.a_mentor(session, cohort, "Mia Chen")
    said = {
        seat: small_pair.town.seat(seat).command("/mentor", "meet").message.text
        for seat in ("U0CHO", "U0MIA", "U0KEN", "U0PRIYA")
    }
    assert "To find one: `/mentor-request`" in said["U0CHO"]
    assert "You have no intern yet" in said["U0MIA"]
    assert "You are not in a mentorship cohort yet" in said["U0KEN"]
    assert "You have no intern yet" in said["U0PRIYA"]


def test_moving_tells_both_anew_and_the_old_message_says_so(pair: Any) -> None:
    at_monday(pair)
    pair.plan(pair.ana, "2026-06-16", "15:00")
    first = pair.group[-1]
    pair.ben.click(first, "meeting.move")
    assert pair.ben.modal["title"]["text"] == "Move the meeting"
    pair.ben.submit({"date": "2026-06-17"})
    pair.town.settle()
    assert "Meeting moved: Wed 17 June, 15:00 Berlin, 14:00 Lisbon" in pair.group[-1].text
    old = next(x for x in pair.group if x.ts == first.ts)
    assert "This meeting moved to Wed 17 June" in old.text
    assert labels(old) == []


def test_a_stale_form_is_drawn_anew_and_can_be_sent_after_a_look(small_pair: Any) -> None:
    at_monday(small_pair)
    small_pair.plan(small_pair.ana, "2026-06-16", "15:00")
    small_pair.ana.click(small_pair.group[-1], "meeting.move")
    small_pair.ben.click(small_pair.group[-1], "meeting.move")
    small_pair.ben.submit({"date": "2026-06-17"})
    small_pair.ana.submit({"date": "2026-06-18"})
    assert "This changed meanwhile: Ben moved it to Wed 17 June" in texts(small_pair.ana.modal)
    small_pair.ana.submit()
    assert small_pair.ana.modal["title"]["text"] == "Meeting moved"
    assert the_meeting(small_pair).starts_at.day == 18


def test_cancelling_tells_both_and_a_second_click_changes_nothing(small_pair: Any) -> None:
    at_monday(small_pair)
    small_pair.plan(small_pair.ana, "2026-06-16", "15:00")
    message = small_pair.group[-1]
    small_pair.ben.click(message, "meeting.cancel")
    small_pair.town.settle()
    news = small_pair.group[-1]
    assert news.text.startswith("Cancelled: your meeting on Tue 16 June")
    assert labels(news) == ["Plan another meeting"]
    small_pair.ana.forge(message, "meeting.cancel", "1")
    small_pair.town.settle()
    assert small_pair.group[-1].ts == news.ts
    assert the_meeting(small_pair).state is MeetingState.CANCELLED


def test_forged_and_foreign_ids_are_refused_on_every_button(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    with small_pair.db.begin() as session:
        cohort = small_pair.pairing(session).cohort
        cho = people.an_intern(session, cohort, "Cho Park")
        people.a_pairing(session, cho, people.a_mentor(session, cohort, "Mia Chen"))
    cho_seat = small_pair.town.seat("U0CHO")
    surface = cho_seat.write("hello")
    for action in (
        "meeting.plan",
        "meeting.move",
        "meeting.cancel",
        "meeting.yes",
        "meeting.moved",
        "meeting.no",
        "meeting.summary",
        "action.done",
        "action.drop",
        "action.undo",
        "action.later",
        "rhythm.short",
        "rhythm.written",
        "rhythm.skip",
    ):
        for value in ("1", "99999", "'; drop", "9" * 30):
            cho_seat.forge(surface, action, value)
            assert "This button is not for you" in cho_seat.ephemerals[-1].text, action
    assert cho_seat.modal is None
    assert the_meeting(small_pair).state is MeetingState.PLANNED


# ---- did you meet?


def test_a_yes_is_kept_at_once_and_both_copies_show_it(pair: Any) -> None:
    after_the_meeting(pair)
    pair.ben.click(ask_of(pair.ben), "meeting.yes")
    assert pair.ben.modal["title"]["text"] == "After the meeting"
    pair.ben.close()
    pair.town.settle()
    assert the_meeting(pair).state is MeetingState.HELD
    assert "You met Ana on Tue 9 June. You can: add summary. You said so." in ask_of(pair.ben).text
    assert "You met Ben on Tue 9 June. You can: we did not meet." in ask_of(pair.ana).text


def test_two_different_answers_count_as_held_and_nobody_reads_the_others(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    small_pair.ben.click(ask_of(small_pair.ben), "meeting.yes")
    small_pair.town.settle()
    small_pair.ana.click(ask_of(small_pair.ana), "meeting.no")
    small_pair.town.settle()
    assert small_pair.ana.modal is None
    assert the_meeting(small_pair).state is MeetingState.HELD
    assert "You did not meet Ben" in ask_of(small_pair.ana).text
    assert "You met Ana" in ask_of(small_pair.ben).text


def test_it_moved_asks_for_the_new_time(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    small_pair.ana.click(ask_of(small_pair.ana), "meeting.moved")
    assert small_pair.ana.modal["title"]["text"] == "Move the meeting"
    small_pair.ana.submit({"date": "2026-06-11", "time": "15:00"})
    small_pair.town.settle()
    meeting = the_meeting(small_pair)
    assert (meeting.state, meeting.starts_at.day) == (MeetingState.PLANNED, 11)
    assert "moved to Thu 11 June, 14:00 (Lisbon)" in ask_of(small_pair.ben).text
    assert "Meeting moved: Thu 11 June" in small_pair.group[-1].text


def test_it_did_not_happen_offers_four_ways_on_and_the_other_sees_the_choice(
    small_pair: Any,
) -> None:
    after_the_meeting(small_pair)
    small_pair.ana.click(ask_of(small_pair.ana), "meeting.no")
    assert "Ben sees the choice. No reason is asked." in texts(small_pair.ana.modal)
    small_pair.ana.submit({"now": "written"})
    small_pair.town.settle()
    message = small_pair.group[-1]
    assert message.text.startswith("Three written questions this week. Ana would like to write")
    assert labels(message) == ["Plan a meeting"]
    small_pair.ben.click(message, "meeting.plan")
    assert small_pair.ben.modal["title"]["text"] == "Plan a meeting"


def test_fifteen_minutes_instead_opens_a_short_meeting(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    small_pair.ana.click(ask_of(small_pair.ana), "meeting.no")
    small_pair.ana.submit({"now": "short"})
    small_pair.ana.submit({"date": "2026-06-11", "time": "15:00"})
    assert the_meeting(small_pair, 2).minutes == 15
    assert the_meeting(small_pair).state is MeetingState.NOT_HELD


# ---- the summary and its actions


def test_the_summary_grows_keeps_what_was_typed_and_reaches_the_other_side(pair: Any) -> None:
    after_the_meeting(pair)
    seat = pair.ana
    seat.click(ask_of(seat), "meeting.yes")
    seat.fill({"insight": "Ask early", "what~0": "Send Ben the draft", "by~0": "2026-06-12"})
    seat.click(seat.modal, "summary.add")
    assert "○ Send Ben the draft, Ana, by Fri 12 June" in texts(seat.modal)
    seat.fill({"what~1": "Find a room", "who~1": str(pair.town.person("U0BEN").id)})
    seat.click(seat.modal, "summary.edit", "1")
    assert "Find a room, Ben" in texts(seat.modal)
    seat.submit({"what~2": "Send Ben the new draft"})
    assert seat.modal["title"]["text"] == "Summary saved"
    pair.clock.set(datetime(2026, 6, 10, 9, 0, tzinfo=UTC))
    pair.town.settle()
    with pair.db.read() as session:
        kept = [(a.text, a.state.value) for a in session.get_one(Meeting, 1).actions]
    assert kept == [("Send Ben the new draft", "open"), ("Find a room", "open")]
    letter = next(x for x in reversed(pair.ben.dm) if "Ana wrote" in x.text)
    assert "Ana wrote: Ask early" in letter.text
    assert "Find a room, you, by Tue 16 June" in letter.text
    assert labels(letter) == ["Edit summary"]
    pair.ben.click(letter, "meeting.summary")
    pair.ben.submit({"insight": "Ask early, ask often"})
    pair.town.settle()
    assert "Ben wrote: Ask early, ask often" in ask_of(pair.ana).text


def test_a_date_that_does_not_fit_is_said_where_the_person_looks(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    seat = small_pair.ana
    seat.click(ask_of(seat), "meeting.yes")
    seat.fill({"what~0": "Draft", "by~0": "2026-08-01"})
    seat.click(seat.modal, "summary.add")
    assert "Choose a day in the next two weeks." in texts(seat.modal)
    outcome = seat.submit()
    assert outcome.errors == {"by~0": "Choose a day in the next two weeks."}


def test_an_action_is_reminded_the_day_before_and_done_can_be_undone(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    seat = small_pair.ana
    seat.click(ask_of(seat), "meeting.yes")
    seat.submit({"what~0": "Send Ben the draft", "by~0": "2026-06-12"})
    small_pair.town.live(datetime(2026, 6, 11, 7, 30, tzinfo=UTC))

    def reminder() -> Any:
        return next(x for x in seat.dm if "Send Ben the draft" in x.text and x.ts > "1781100000")

    assert "Due tomorrow: Send Ben the draft" in reminder().text
    assert not [x for x in small_pair.ben.dm if "Due tomorrow" in x.text]
    seat.click(reminder(), "action.done")
    small_pair.town.settle()
    assert "Done: Send Ben the draft" in reminder().text
    assert labels(reminder()) == ["Undo"]
    seat.click(reminder(), "action.undo")
    small_pair.town.settle()
    seat.click(reminder(), "action.later")
    seat.submit({"by": "2026-06-19"})
    small_pair.town.settle()
    assert "New date: Send Ben the draft. By Fri 19 June." in reminder().text
    with small_pair.db.read() as session:
        assert session.get_one(Action, 1).due_on.day == 19


def test_done_is_pressed_most_and_asks_the_database_little(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    seat = small_pair.ana
    seat.click(ask_of(seat), "meeting.yes")
    seat.submit({"what~0": "Send Ben the draft", "by~0": "2026-06-12"})
    small_pair.town.live(datetime(2026, 6, 11, 7, 30, tzinfo=UTC))
    reminder = next(x for x in seat.dm if "Send Ben the draft" in x.text and x.ts > "1781100000")
    with counting(small_pair.db) as sent:
        seat.click(reminder, "action.done")
    # The copies that change (reminder, summary), two Home tabs, and nothing read twice.
    assert len(sent) <= 19, sent


def test_after_the_end_of_a_pairing_old_buttons_say_so(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    ask = ask_of(small_pair.ana)
    with small_pair.db.begin() as session:
        pairing = session.get_one(Pairing, small_pair.pairing_id)
        pairing.state, pairing.ended_at = PairingState.ENDED, small_pair.clock()
    small_pair.ana.click(ask, "meeting.yes")
    assert "You two are no longer a pair" in small_pair.ana.ephemerals[-1].text
    small_pair.town.settle()
    assert labels(ask_of(small_pair.ana)) == []
    assert the_meeting(small_pair).state is MeetingState.UNKNOWN


# ---- the first meeting


def test_a_pair_without_a_meeting_gets_one_nudge_that_follows_what_happens(pair: Any) -> None:
    at_monday(pair)
    pair.clock.move(days=3)
    with pair.db.begin() as session:
        pair.pairing(session).nudge_at = pair.clock()
    pair.town.settle()

    def nudge(seat: Any) -> Any:
        return next(
            x
            for x in seat.dm
            if "first meeting" in x.text or "have a meeting" in x.text or "on purpose" in x.text
        )

    assert "You and Ben have no first meeting yet" in nudge(pair.ana).text
    assert labels(nudge(pair.ana)) == ["Plan our first meeting", "Not this week"]
    pair.ben.click(nudge(pair.ben), "rhythm.skip")
    pair.town.settle()
    assert "No meeting this week, on purpose. Ben would like to skip" in pair.group[-1].text
    assert "You skip this week, on purpose" in nudge(pair.ana).text
    pair.plan(pair.ana, "2026-06-16", "15:00")
    assert "You and Ben have a meeting" in nudge(pair.ana).text


def test_a_person_who_left_slack_is_not_written_to(small_pair: Any) -> None:
    after_the_meeting(small_pair)
    with small_pair.db.begin() as session:
        ben = small_pair.person(session, "Ben Ito")
        ben.left_slack_at = small_pair.clock()
        pairing = small_pair.pairing(session)
        later = small_pair.clock() + timedelta(hours=20)
        ana = small_pair.person(session, "Ana Silva")
        meetings.plan(session, pairing, by=ana, starts_at=later, minutes=30, now=small_pair.clock())
    small_pair.live(hours=30)
    planned = small_pair.town.letters("meeting.planned")[-1]
    assert (planned.state.value, planned.reason) == ("cancelled", "the pairing has ended")
    assert the_meeting(small_pair, 2).state is MeetingState.CANCELLED
