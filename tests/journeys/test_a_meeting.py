"""A pair's first two weeks: nudged, planned, prepared, held, followed up, and prepared again."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.outbox.model import LetterState
from tests.support import people

WRITTEN_BY_CLOCK = (
    "meeting.first",
    "meeting.agenda",
    "meeting.ask",
    "meeting.ask_again",
    "meeting.summary",
    "action.due",
)


def june(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in June, in UTC: two hours before Berlin, one before Lisbon."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def find(seat: Any, words: str) -> Any:
    """The newest message to this person with these words."""
    found = [message for message in seat.dm if words in message.text]
    assert found, (words, [message.text for message in seat.dm])
    return found[-1]


def test_a_pair_meets_and_what_came_of_it_opens_the_next_agenda(town: Any) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id, now=town.clock())
        people.a_coordinator(session, cohort)
        intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, intern, mentor, now=june(8, 8), nudge_at=june(11, 8))
    ana, ben = town.seat("U0ANA"), town.seat("U0BEN")

    # Three working days without a plan: both are nudged, and Ana plans from the nudge.
    town.clock.set(june(11, 8))
    town.settle()
    ana.click(find(ana, "no first meeting yet"), "meeting.plan")
    ana.submit({"date": "2026-06-16", "time": "15:00", "minutes": "30", "place": "Room 2.14"})
    ana.close()
    town.settle()
    assert find(ben, "You and Ana have a meeting")
    (group,) = ana.groups
    planned = ana.messages(group)[-1]
    assert "Tue 16 June, 15:00 Berlin, 14:00 Lisbon, Room 2.14" in planned.text

    # The day before, each reads the agenda in their own time.
    town.live(june(15, 13, 5))
    assert "Tomorrow, 15:00 (Berlin): you and Ben" in find(ana, "To think about").text
    assert "Tomorrow, 14:00 (Lisbon): you and Ana" in find(ben, "To think about").text

    # Half an hour after the end both are asked; one yes is enough, the other reads it.
    town.live(june(16, 14, 5))
    ana.click(find(ana, "Did you and Ben meet today at 15:00?"), "meeting.yes")
    ana.submit({"insight": "Ask early", "what~0": "Send Ben the draft", "by~0": "2026-06-23"})
    ana.close()
    town.settle()
    assert "You met Ana on Tue 16 June" in find(ben, "Ana said so.").text
    town.live(june(17, 9))
    assert "Ana wrote: Ask early" in find(ben, "Stands from Fri 19 June").text

    # The open action opens the next agenda, and its owner alone is reminded.
    ben.command("/mentor", "meet")
    ben.submit({"date": "2026-06-22", "time": "14:00"})
    ben.close()
    town.live(june(22, 8))
    opened = find(ana, "To think about").text
    assert "Open action: Send Ben the draft (you, by Tue 23 June)" in opened
    ana.click(find(ana, "Due tomorrow: Send Ben the draft"), "action.done")
    town.settle()
    assert find(ana, "Done: Send Ben the draft")
    assert not [message for message in ben.dm if "Due tomorrow" in message.text]

    # Nobody answers about the second meeting: one reminder each, then silence.
    town.live(june(30, 12))
    asked = [x for x in town.letters("meeting.ask") if x.state is LetterState.SENT]
    again = [x for x in town.letters("meeting.ask_again") if x.state is LetterState.SENT]
    assert (len(asked), len(again)) == (4, 2)
    assert find(ben, "I do not know whether you met Ana on Mon 22 June")
    assert_in_hours_and_nothing_twice(town)


def assert_in_hours_and_nothing_twice(town: Any) -> None:
    zones = {town.person(i).id: town.person(i).zone for i in ("U0ANA", "U0BEN")}
    seen = set()
    for letter in town.letters():
        if letter.kind not in WRITTEN_BY_CLOCK or letter.state is not LetterState.SENT:
            continue
        local = letter.sent_at.astimezone(ZoneInfo(zones[letter.person_id]))
        assert local.weekday() < 5, (letter.kind, local)
        assert 9 <= local.hour < 17, (letter.kind, local)
        occasion = (letter.kind, letter.subject, letter.person_id, letter.data.get("version"))
        assert occasion not in seen, occasion
        seen.add(occasion)
