"""The demo's world: what it shows at once, how time moves, and how it starts over."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.cohort.model import Person
from bot.demo import Demo
from bot.demo import people as who
from bot.demo.sights import news, sights
from bot.demo.world import World, make_way
from bot.outbox.model import Budget, Letter, LetterState
from bot.process import CannotStart
from bot.sandbox.serving import PortTaken

BERLIN = ZoneInfo(who.ZONE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for the tests that only look, and those that let time pass after them."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    made = World(path, 0, reset=lambda: None)
    yield made
    made.close()


def channel_of(world: World) -> str:
    return next(c.id for c in world.slack.conversations.values() if c.name == who.CHANNEL)


def digests(world: World) -> list[datetime]:
    seat = world.slack.seat(who.PRIYA.id)
    found = [
        m for m in seat.messages(channel_of(world)) if m.text.startswith(f"{who.COHORT}, week")
    ]
    return [m.at.astimezone(BERLIN) for m in found]


def test_the_world_has_seven_interns_six_mentors_a_coordinator_and_three_zones(
    world: World,
) -> None:
    everybody = (who.PRIYA, *who.INTERNS, *who.MENTORS)
    assert (len(who.INTERNS), len(who.MENTORS)) == (7, 6)
    assert len({one.zone for one in everybody}) >= 3
    assert world.slack.conversations[channel_of(world)].private


def test_it_opens_on_a_monday_just_after_the_digest(world: World) -> None:
    now = world.clock().astimezone(BERLIN)
    assert (now.weekday(), now.hour) == (0, 9)
    assert digests(world)[-1].date() == now.date()


def test_it_shows_pairs_an_open_offer_and_one_pair_that_needs_care(world: World) -> None:
    pair_groups = [c for c in world.slack.conversations.values() if c.kind == "mpim"]
    channel = world.slack.seat(who.PRIYA.id).messages(channel_of(world))
    assert len(pair_groups) == 3
    assert any("Hugo Costa would like you" in m.text for m in world.slack.seat(who.TOM.id).dm)
    assert any(m.text.startswith("Red: Grace Mensah and Ravi Shah") for m in channel)


def test_nobody_was_refused_by_slack_and_nothing_failed(world: World) -> None:
    refused = [
        (entry.what, entry.answer)
        for entry in world.slack.log
        if entry.direction == "from_bot" and not (entry.answer or {}).get("ok", True)
    ]
    assert refused == []
    with sqlite3.connect(world._databases[0].url.database or "") as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM letter GROUP BY state"))
    assert set(states) <= {"sent", "pending", "cancelled"}


def test_next_event_goes_on_until_somebody_sees_something_and_says_who(world: World) -> None:
    for _press in range(5):
        before, seen = world.clock(), sights(world.slack)
        world.advance("next")
        assert world.clock() > before
        assert sights(world.slack) != seen
        assert world._progress["label"].startswith("New for ")


def test_where_nothing_changed_nobody_saw_anything(world: World) -> None:
    assert news(world.slack, sights(world.slack)) == "Nobody saw anything new"


def test_one_day_moves_the_time(world: World) -> None:
    before = world.clock()
    world.advance("day")
    assert world.clock() >= before + timedelta(days=1)


def test_after_an_outage_coordinators_read_how_long_it_was_and_can_decide(world: World) -> None:
    before = world.clock()
    world.advance("asleep")
    assert world.clock() - before >= timedelta(days=2)
    [line] = [one for one in world.slack.ledger.after(0) if one.text.startswith("I was away")]
    assert line.to == channel_of(world)
    assert "You can: send them, skip them." in line.text


def test_to_the_end_everything_arrives_in_order_stamped_with_its_own_time(world: World) -> None:
    seen: list[float] = []
    stop = world.slack.on_change(lambda: seen.append(float(world._progress["progress"])))
    world.advance("end")
    stop()
    for conversation in world.slack.conversations.values():
        stamps = [message.at for message in conversation.messages]
        assert stamps == sorted(stamps)
    mondays = digests(world)
    assert [(at.weekday(), at.hour, at.minute) for at in mondays] == [(0, 9, 0)] * len(mondays)
    assert len(mondays) == who.WEEKS
    assert seen == sorted(seen)
    assert len(set(seen)) > 10
    for one in (who.PRIYA, *who.INTERNS, *who.MENTORS):
        closing = [m for m in world.slack.seat(one.id).dm if "has ended. All the best" in m.text]
        assert len(closing) == 1, one.name


def test_at_the_end_too_nobody_had_more_than_the_budget(world: World) -> None:
    with world._databases[0].read() as session:
        sent = session.execute(
            sa.select(Person.zone, Person.id, sa.func.min(Letter.sent_at))
            .join(Letter, Letter.person_id == Person.id)
            .where(Letter.budget == Budget.COUNTED, Letter.state == LetterState.SENT)
            .group_by(Person.id, Letter.marker)
        ).all()
    days = Counter((person, at.astimezone(ZoneInfo(zone)).date()) for zone, person, at in sent)
    for person, day in days:
        week = [days[person, day - timedelta(days=back)] for back in range(7)]
        assert (week[0], sum(week) <= 3) == (1, True), (person, day)


def test_a_reset_is_a_new_world_at_the_same_address(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo.sqlite3", 0)
    demo.start()
    try:
        first = demo._world
        assert first is not None
        demo._port = int(first.url.rsplit(":", 1)[1])
        first.advance("day")
        demo.reset()
        second = demo._world
        assert second is not None
        assert second.url == first.url
        assert second.clock() < first.clock()
        assert second.slack.version > first.slack.version
    finally:
        demo.stop(5)


def test_a_taken_port_is_said_before_a_world_is_made(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = int(world.url.rsplit(":", 1)[1])
    with pytest.raises(CannotStart, match=f"port {port} is taken.*--port {port + 1}|Port {port}"):
        Demo(tmp_path / "other.sqlite3", port).start()
    assert not (tmp_path / "other.sqlite3").exists()  # nothing was made in vain
    assert "Making a world" not in capsys.readouterr().out
    with pytest.raises(PortTaken):
        World(tmp_path / "third.sqlite3", port, reset=lambda: None)


def test_a_file_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.sqlite3"
    mine.write_text("my own notes", encoding="utf-8")
    with pytest.raises(CannotStart, match="not the file of an earlier demo"):
        make_way(mine)
    assert mine.read_text(encoding="utf-8") == "my own notes"


def test_a_file_on_which_another_demo_is_at_work_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "demo.sqlite3"
    theirs.touch()
    (tmp_path / "demo.sqlite3-at-work").touch()
    with pytest.raises(CannotStart, match="at work"):
        make_way(theirs)
    assert theirs.exists()
