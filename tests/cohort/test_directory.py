"""What Slack tells about people: names, zones, who is gone, and an app that was removed."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.cohort import desk, directory, people
from bot.cohort.model import Membership, MembershipState, Person, Role, Workspace
from bot.database import Database
from bot.outbox.limiter import LIMITS, Buckets
from bot.outbox.model import Bucket
from tests.support.people import (
    START,
    TEAM,
    a_cohort,
    a_coordinator,
    a_mentor,
    a_workspace,
    an_intern,
)


def rows(town: Any) -> dict[str, Person]:
    with town.db.read() as session:
        return {person.slack_id: person for person in session.scalars(sa.select(Person))}


def test_everybody_is_read_at_the_start_with_zone_title_and_rights(town: Any) -> None:
    found = rows(town)
    ana, priya = found["U0ANA"], found["U0PRIYA"]
    assert (ana.name, ana.title, ana.zone) == ("Ana Silva", "Intern, Data", "Europe/Berlin")
    assert (ana.is_admin, priya.is_admin) == (False, True)
    assert found["U0BOT"].is_bot
    assert found["USLACKBOT"].is_bot


def test_a_long_list_is_read_page_by_page_and_then_once_a_day(
    small_town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PAGE", 5)
    for number in range(12):
        small_town.slack.add_person(f"U1{number:03}", name=f"p{number}", real_name=f"P {number}")
    small_town.live(days=1, minutes=2)
    found = rows(small_town)
    assert len([i for i in found if i.startswith("U1")]) == 12
    with small_town.db.read() as session:
        workspace = session.scalars(sa.select(Workspace)).one()
    assert workspace.sync_cursor is None
    assert workspace.sync_at > small_town.clock()


def test_a_cursor_slack_has_forgotten_starts_from_the_beginning(small_town: Any) -> None:
    with small_town.db.begin() as session:
        workspace = session.scalars(sa.select(Workspace)).one()
        workspace.sync_cursor, workspace.sync_at = "not-a-cursor", small_town.clock()
    small_town.slack.people["U0ANA"].real_name = "Ana Maria Silva"
    small_town.settle()
    assert rows(small_town)["U0ANA"].name == "Ana Maria Silva"


def test_a_moved_zone_is_known_at_once(small_town: Any) -> None:
    small_town.slack.change_zone("U0ANA", "Asia/Tokyo")
    assert rows(small_town)["U0ANA"].zone == "Asia/Tokyo"


def test_somebody_new_is_looked_up_after_their_first_click(small_town: Any) -> None:
    small_town.slack.add_person("U0NEW", name="new", real_name="Nia Newman", tz="Asia/Tokyo")
    small_town.seat("U0NEW").write("hello")
    assert rows(small_town)["U0NEW"].name == ""
    small_town.settle()
    found = rows(small_town)["U0NEW"]
    assert (found.name, found.zone, found.look_up_at) == ("Nia Newman", "Asia/Tokyo", None)


def looked_up(town: Any) -> int:
    return sum(entry.what == "users.info" for entry in town.slack.log)


def strangers(town: Any, number: int) -> None:
    """So many people the bot has just met."""
    with town.db.begin() as session:
        workspace = a_workspace(session)
        for n in range(number):
            slack_id = f"U1{n:03}"
            town.slack.add_person(slack_id, name=f"p{n}", real_name=f"P {n}")
            session.add(
                Person(
                    workspace_id=workspace.id, slack_id=slack_id, name="", look_up_at=town.clock()
                )
            )


def test_no_more_people_are_looked_up_at_once_than_slack_allows(small_town: Any) -> None:
    strangers(small_town, 45)
    small_town.settle()
    assert looked_up(small_town) == LIMITS["users.info"].burst
    small_town.live(seconds=5)
    small_town.settle()
    assert looked_up(small_town) == 45
    assert rows(small_town)["U1044"].name == "P 44"


def test_when_slack_asks_to_wait_nobody_is_looked_up_until_then(small_town: Any) -> None:
    strangers(small_town, 3)
    small_town.slack.faults.rate_limit("users.info", retry_after=30)
    small_town.settle()
    small_town.live(seconds=29)
    assert looked_up(small_town) == 1
    small_town.live(seconds=2)
    assert looked_up(small_town) == 2, "one finds out"
    small_town.live(seconds=5)
    assert rows(small_town)["U1002"].name == "P 2"


def met(town: Any, *names: str) -> int:
    """Somebody names people the bot has not met; how many of them Slack was asked about."""
    for name in names:
        town.slack.add_person(name, name=name.lower(), real_name=name.title())
    before = looked_up(town)
    desk.meet(town.client, town.db, {"team": {"id": TEAM}}, names, town.clock)
    return looked_up(town) - before


def left(town: Any) -> float:
    with town.db.read() as session:
        found = sa.select(Bucket.tokens).where(Bucket.method == "users.info")
        return float(session.scalars(found).one())


def test_who_is_asked_about_while_somebody_waits_counts_for_the_worker_too(town: Any) -> None:
    assert met(town, "U1AAA", "U1BBB") == 2
    assert left(town) == LIMITS["users.info"].burst - 2
    assert met(town, "U1CCC") == 1
    assert left(town) == LIMITS["users.info"].burst - 3


def test_a_form_asks_about_no_more_people_than_slack_allows_and_does_not_fail(town: Any) -> None:
    with town.db.begin() as session:
        buckets, workspace = Buckets(session, town.clock()), a_workspace(session).id
        while buckets.take(workspace, "users.info", leaving=1):
            pass
    assert met(town, "U1AAA", "U1BBB") == 1
    assert met(town, "U1CCC") == 0
    town.clock.move(seconds=1)
    assert met(town, "U1DDD") == 1


def test_what_slack_refuses_a_form_is_heard_by_the_worker_and_the_next_form(town: Any) -> None:
    assert met(town, "U1AAA") == 1
    town.slack.faults.rate_limit("users.info", retry_after=30)
    assert met(town, "U1BBB", "U1CCC") == 1
    assert left(town) == 1, "when it opens again, one call finds out"
    town.clock.move(seconds=29)
    assert met(town, "U1DDD") == 0
    town.clock.move(seconds=2)
    assert met(town, "U1DDD") == 1


def test_a_form_does_not_wait_for_a_bucket_that_a_worker_holds(town: Any) -> None:
    assert met(town, "U1AAA") == 1
    if town.db.sqlite:
        pytest.skip("there one transaction writes at a time, whatever it is about")
    with town.db.begin() as session:
        Buckets(session, town.clock())
        assert met(town, "U1BBB") == 1
    assert rows(town)["U1BBB"].name == "U1Bbb"


def test_somebody_slack_does_not_know_counts_as_gone(db: Database) -> None:
    with db.begin() as session:
        workspace = a_workspace(session)
        person = Person(workspace_id=workspace.id, slack_id="U0NOBODY", name="", look_up_at=START)
        session.add(person)
        session.flush()
        directory.write_person(session, person.id, START, None)
        assert (person.left_slack_at, person.look_up_at) == (START, None)


def test_a_switched_off_account_stops_letters_and_the_channel_hears_it_once(town: Any) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = a_cohort(session, channel=town.channel.id)
        a_coordinator(session, cohort)
        an_intern(session, cohort)
        a_mentor(session, cohort)
    town.slack.deactivate("U0BEN")
    assert rows(town)["U0BEN"].left_slack_at == town.clock()
    for _ in range(3):
        town.slack.change_person("U0BEN", title="Gone")
        town.live(minutes=10)
    told = [m.text for m in town.channel_messages() if "Ben Ito" in m.text]
    assert told == ["Ben Ito, mentor, is no longer in this workspace."]
    town.slack.reactivate("U0BEN")
    assert rows(town)["U0BEN"].left_slack_at is None
    town.live(days=1)
    town.slack.deactivate("U0BEN")
    town.live(minutes=10)
    assert len([m for m in town.channel_messages() if "Ben Ito" in m.text]) == 2


def from_bot(town: Any) -> list[Any]:
    return [entry for entry in town.slack.log if entry.direction == "from_bot"]


@pytest.mark.parametrize("how", ["uninstall", "revoke_token"])
def test_a_removed_app_keeps_everything_and_calls_nobody(small_town: Any, how: str) -> None:
    getattr(small_town.slack, how)()
    with small_town.db.read() as session:
        workspace = session.scalars(sa.select(Workspace)).one()
    assert workspace.stopped_reason
    calls = len(from_bot(small_town))
    small_town.live(days=2)
    assert len(from_bot(small_town)) == calls
    assert rows(small_town)["U0ANA"].name == "Ana Silva"


def test_only_the_bots_own_token_matters(small_town: Any) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U0ANA"], "bot": []}}
    payload = {
        "type": "event_callback",
        "team_id": small_town.slack.team_id,
        "event_id": "E1",
        "event": event,
    }
    small_town.slack.send("events_api", "tokens_revoked", payload)
    with small_town.db.read() as session:
        assert session.scalars(sa.select(Workspace)).one().stopped_reason is None


@pytest.mark.parametrize(
    "user",
    [
        {"id": "U0X"},
        {"id": "U0X", "profile": None, "tz": None, "real_name": None},
        {
            "id": "U0X",
            "profile": {"real_name": "A\x00na\ud800"},
            "tz": "Mars/Base",
            "locale": "x" * 99,
        },
        {"id": "U0X", "real_name": "x" * 5000, "deleted": True},
        {"no": "id"},
    ],
)
def test_any_user_object_can_be_written_down(db: Database, user: dict[str, Any]) -> None:
    with db.begin() as session:
        workspace = a_workspace(session)
        directory.write(session, workspace.id, [user], START)


@pytest.mark.parametrize(
    ("who", "why"), [("a bot", "is a bot"), ("gone", "is no longer in this workspace")]
)
def test_somebody_added_unseen_who_cannot_take_part_leaves_and_the_channel_hears_it(
    town: Any, who: str, why: str
) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    town.slack.add_person("U0ZED", name="zed", real_name="Zed Zoe", is_bot=who == "a bot")
    if who == "gone":
        town.slack.deactivate("U0ZED")
    with town.db.begin() as session:
        session.execute(sa.delete(Person).where(Person.slack_id == "U0ZED"))
        cohort = a_cohort(session, channel=town.channel.id)
        priya = a_coordinator(session, cohort).person
        people.enrol(session, cohort, ["U0ZED"], Role.MENTOR, by=priya, now=town.clock())

    town.settle()

    with town.db.read() as session:
        place = session.scalars(sa.select(Membership).where(Membership.role == Role.MENTOR)).one()
    assert place.state is MembershipState.LEFT
    told = [m.text for m in town.channel_messages() if "Zed" in m.text]
    assert told == [f"Zed Zoe {why}: not added to Summer interns."]
    assert [one.state.value for one in town.letters("welcome.mentor")] == ["cancelled"]
