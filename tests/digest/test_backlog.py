"""After an outage, or on a copied database: coordinators choose what happens to what waits."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import limits, program
from bot.clock import system_clock
from bot.outbox import instance
from bot.outbox.limiter import Buckets
from bot.outbox.model import Bucket, Letter, LetterState
from bot.program import build_runner
from tests.support import people
from tests.support.letters import a_letter, an_instance
from tests.support.screens import texts

COPIED = "this database is a copy, or was restored from a backup"


@pytest.fixture
def cohort(small_town: Any) -> Any:
    """Priya and Tom coordinate; Ana is an intern."""
    with small_town.db.begin() as session:
        made = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, made)
        people.a_coordinator(session, made, "Tom Okafor")
        people.an_intern(session, made)
    return made


def set_instance(town: Any, **columns: Any) -> None:
    """How this database stands, whether or not it has a row already."""
    with town.db.begin() as session:
        if not session.scalar(sa.select(sa.func.count(instance.Instance.id))):
            an_instance(session)
        session.execute(sa.update(instance.Instance).values(**columns))


def an_outage(town: Any, cohort: Any, letters: int) -> None:
    now = town.clock()
    set_instance(town, away_from=now - timedelta(days=2), away_until=now)
    with town.db.begin() as session:
        for number in range(letters):
            a_letter(session, f"waiting {number}", due_at=now - timedelta(days=1))


def a_copy(town: Any, letters: int) -> None:
    set_instance(town, paused_at=town.clock(), paused_reason=COPIED)
    with town.db.begin() as session:
        for number in range(letters):
            a_letter(session, f"waiting {number}", due_at=town.clock())


def states(town: Any) -> set[LetterState]:
    with town.db.read() as session:
        return set(session.scalars(sa.select(Letter.state).where(Letter.key.like("waiting%"))))


def actions(view: Any) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        for element in block.get("elements", ())
        if str(element.get("action_id")).startswith("backlog.")
    ]


def test_the_status_asks_nothing_while_all_is_well(small_town: Any, cohort: Any) -> None:
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert actions(priya.modal) == []


def test_after_an_outage_the_status_says_how_long_and_how_many(
    small_town: Any, cohort: Any
) -> None:
    an_outage(small_town, cohort, 3)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert limits.check_view(priya.modal) == []
    assert (
        "The bot was away from Sat 30 May, 09:00 until Mon 1 June, 09:00 (Berlin); "
        "3 letters from that time still wait."
    ) in texts(priya.modal)
    assert actions(priya.modal) == ["backlog.send", "backlog.skip"]


def test_skipping_cancels_them_and_notes_who_decided(small_town: Any, cohort: Any) -> None:
    an_outage(small_town, cohort, 3)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    priya.click(priya.modal, "backlog.skip")
    assert limits.check_view(priya.modal) == []
    assert "● 3 letters skipped." in texts(priya.modal)
    assert actions(priya.modal) == []
    assert states(small_town) == {LetterState.CANCELLED}
    with small_town.db.read() as session:
        made = instance.decision(session)
    assert made == instance.Decision(send=False, by="U0PRIYA", at=small_town.clock())


def test_the_second_of_two_coordinators_reads_who_chose_and_changes_nothing(
    small_town: Any, cohort: Any
) -> None:
    an_outage(small_town, cohort, 2)
    priya, tom = small_town.seat("U0PRIYA"), small_town.seat("U0TOM")
    tom.command("/cohort", "status")
    stale = tom.modal
    priya.command("/cohort", "status")
    priya.click(priya.modal, "backlog.send")
    assert "● 2 letters will go out." in texts(priya.modal)
    tom.click(stale, "backlog.skip")
    assert "○ Priya Nair chose to send them." in texts(tom.modal)
    priya.forge(priya.modal, "backlog.skip", str(cohort.id))
    assert LetterState.CANCELLED not in states(small_town)


def test_a_copied_database_says_that_nothing_is_sent(small_town: Any, cohort: Any) -> None:
    a_copy(small_town, 1)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert limits.check_view(priya.modal) == []
    assert (
        "This database is a copy, or was restored from a backup. "
        "Nothing is sent until you choose; 1 letter waits."
    ) in texts(priya.modal)
    priya.click(priya.modal, "backlog.send")
    assert "● 1 letter will go out." in texts(priya.modal)
    with small_town.db.read() as session:
        assert instance.standing(session, now=small_town.clock()) is None


def test_a_copy_without_letters_is_only_started(small_town: Any, cohort: Any) -> None:
    a_copy(small_town, 0)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert actions(priya.modal) == ["backlog.send"]
    priya.click(priya.modal, "backlog.send")
    assert "● Letters are sent again." in texts(priya.modal)


def test_the_longest_reason_fits(small_town: Any, cohort: Any) -> None:
    set_instance(small_town, paused_at=small_town.clock(), paused_reason="<&>" * 40)
    priya = small_town.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert limits.check_view(priya.modal) == []


@pytest.mark.parametrize("slack_id", ["U0ANA", "U0KEN", "U0BEN"])
@pytest.mark.parametrize("action", ["backlog.send", "backlog.skip"])
def test_only_coordinators_choose(small_town: Any, cohort: Any, slack_id: str, action: str) -> None:
    an_outage(small_town, cohort, 1)
    seat = small_town.seat(slack_id)
    seat.write("hello")
    for value in (str(cohort.id), "99999", "'; drop table"):
        seat.forge(seat.dm[0], action, value)
    assert states(small_town) == {LetterState.PENDING}
    with small_town.db.read() as session:
        assert instance.decision(session) is None


def told(town: Any) -> list[Any]:
    return [m for m in town.channel_messages() if "I was away" in m.texts()]


def back_from_an_outage(town: Any, letters: int, name: str = "waiting") -> None:
    """A worker starts after nobody was at work for two days."""
    now = town.clock()
    with town.db.begin() as session:
        for number in range(letters):
            due = now - timedelta(days=1)
            a_letter(session, f"{name} {number}", program.LETTERS[0][0].name, subject=0, due_at=due)
        session.execute(
            sa.update(instance.Instance).values(ticked_at=system_clock() - timedelta(days=2))
        )
    Path(f"{town.db.url.database}-at-work").unlink()
    build_runner(town.db, town.client, town.clock).tick()


@pytest.fixture
def watched(small_town: Any, cohort: Any) -> Any:
    """The bot is in the channel it reports to."""
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    return small_town


def test_after_an_outage_the_channel_hears_of_it_once_with_the_choice(watched: Any) -> None:
    back_from_an_outage(watched, 0)
    assert told(watched) == []
    hold(watched)
    back_from_an_outage(watched, 3)
    watched.settle()
    (message,) = told(watched)
    assert "until Mon 1 June, 09:00 (Berlin)" in message.texts()
    assert "3 letters waited when I was back." in message.texts()


def test_the_choice_in_the_channel_is_noted_there(watched: Any) -> None:
    hold(watched)
    back_from_an_outage(watched, 2)
    (message,) = told(watched)
    priya = watched.seat("U0PRIYA")
    priya.click(message, "outage.skip")
    watched.settle()
    (message,) = told(watched)
    assert "○ Priya Nair chose to skip them." in message.texts()
    assert not [b for b in message.blocks if b["type"] == "actions"]
    assert states(watched) == {LetterState.CANCELLED}


def hold(town: Any) -> None:
    """Slack takes one message now, and no other for long, so that what waits stays waiting."""
    with town.db.begin() as session:
        buckets = Buckets(session, town.clock())
        workspace = session.scalar(sa.select(instance.Instance.workspace_id))
        assert buckets.take(workspace, "chat.postMessage")
        session.execute(sa.update(Bucket).values(tokens=1.0, rate=0.01, filled_at=town.clock()))


def let_go(town: Any) -> None:
    """Slack takes messages again."""
    with town.db.begin() as session:
        session.execute(sa.update(Bucket).values(tokens=40.0, rate=240, filled_at=town.clock()))
    build_runner(town.db, town.client, town.clock).tick()


def test_when_all_has_gone_by_itself_the_line_says_so(watched: Any) -> None:
    hold(watched)
    back_from_an_outage(watched, 2)
    (message,) = told(watched)
    assert [b for b in message.blocks if b["type"] == "actions"]
    let_go(watched)
    assert not states(watched) & {LetterState.PENDING, LetterState.CLAIMED}
    build_runner(watched.db, watched.client, watched.clock).tick()
    watched.settle()
    (message,) = told(watched)
    assert "● What was due meanwhile has gone out, or came too late." in message.texts()
    assert not [b for b in message.blocks if b["type"] == "actions"]
    priya = watched.seat("U0PRIYA")
    priya.command("/cohort", "status")
    assert actions(priya.modal) == []


def test_a_button_pressed_when_all_has_gone_says_so_and_brings_the_line_up_to_date(
    watched: Any,
) -> None:
    hold(watched)
    back_from_an_outage(watched, 2)
    (message,) = told(watched)
    let_go(watched)
    priya = watched.seat("U0PRIYA")
    priya.click(message, "outage.skip")
    assert "○ That is over. Nothing was changed." in texts(priya.modal)
    watched.settle()
    (message,) = told(watched)
    assert not [b for b in message.blocks if b["type"] == "actions"]


def test_a_decision_about_a_later_outage_does_not_change_what_an_earlier_line_says(
    watched: Any,
) -> None:
    hold(watched)
    back_from_an_outage(watched, 2)
    watched.seat("U0PRIYA").click(told(watched)[0], "outage.skip")
    watched.settle()
    watched.clock.move(days=3)
    let_go(watched)
    with watched.db.begin() as session:
        session.execute(sa.delete(Bucket))
    hold(watched)
    back_from_an_outage(watched, 2, "again")
    watched.seat("U0TOM").click(told(watched)[1], "outage.send")
    watched.settle()
    first, second = told(watched)
    assert "○ Priya Nair chose to skip them." in first.texts()
    assert "○ Tom Okafor chose to send them." in second.texts()


def test_an_old_line_decides_nothing_about_a_newer_question(watched: Any) -> None:
    hold(watched)
    back_from_an_outage(watched, 2)
    (message,) = told(watched)
    set_instance(watched, paused_at=watched.clock(), paused_reason=COPIED)
    watched.seat("U0PRIYA").click(message, "outage.send")
    with watched.db.read() as session:
        stands = instance.standing(session, now=watched.clock())
    assert stands is not None
    assert stands.paused
