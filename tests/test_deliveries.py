"""Requests that Slack delivers more than once, on both databases: what makes them the same, what
the first time leaves behind, and what the second one is answered."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import AWAY, build_app
from bot.database import Database
from bot.deliveries import BROKEN_KEPT, KEPT, BrokenDelivery, Delivery, key_of
from bot.gratitude.model import Thanks
from bot.recent import Recent
from bot.sandbox import payloads
from bot.sandbox.delivery import Answer, request_of, to_bolt_app
from bot.switchboard import Switchboard
from tests.support import people
from tests.support.databases import nothing_kept
from tests.support.town import Town

Json = dict[str, Any]
CLICK: Json = {
    "type": "block_actions",
    "user": {"id": "U0ANA"},
    "team": {"id": "T0"},
    "trigger_id": "1.2.abc",
}


# ---- what makes two requests the same


def an_event(event_id: str, **event: Any) -> Json:
    return {"type": "event_callback", "team_id": "T0", "event_id": event_id, "event": event}


def test_a_delivery_is_known_by_its_trigger_and_an_event_by_its_id() -> None:
    assert key_of(CLICK) == key_of(CLICK | {"token": "another"})
    assert key_of(CLICK) != key_of(CLICK | {"trigger_id": "1.2.abd"})
    assert key_of(CLICK) != key_of(CLICK | {"type": "view_submission"})
    assert key_of(an_event("Ev1", type="user_change")) == key_of(
        an_event("Ev1", type="user_change", event_ts="2.0")
    )
    assert key_of(an_event("Ev1", type="user_change")) != key_of(
        an_event("Ev2", type="user_change")
    )


def test_one_message_told_in_two_events_is_one() -> None:
    first = an_event("Ev1", type="message", client_msg_id="c1", ts="1.0")
    second = an_event("Ev2", type="message", client_msg_id="c1", ts="1.1")
    other = an_event("Ev3", type="message", client_msg_id="c2", ts="1.2")
    assert key_of(first) == key_of(second) != key_of(other)


@pytest.mark.parametrize(
    "body",
    [
        {},
        CLICK | {"trigger_id": None},
        CLICK | {"trigger_id": ["a"]},
        CLICK | {"type": "block_suggestion"},
        CLICK | {"type": "view_closed"},
        an_event("", type="user_change"),
        {"event": "nothing", "event_id": 7},
    ],
)
def test_what_cannot_be_told_apart_or_changes_nothing_has_no_key(body: Json) -> None:
    assert key_of(body) is None


def test_no_ticket_stands_in_a_key_whatever_is_in_it() -> None:
    key = key_of(CLICK | {"trigger_id": "\ud800" * 300})
    assert key is not None
    assert len(key) < 60
    assert "1.2.abc" not in str(key_of(CLICK))


# ---- in one process


def test_the_same_request_waits_for_the_first_and_hears_its_answer() -> None:
    recent: Recent[str] = Recent(patience=30)
    begun, go = threading.Event(), threading.Event()
    asked: list[int] = []

    def first() -> tuple[str, bool]:
        asked.append(1)
        begun.set()
        go.wait(30)
        return "done", True

    with ThreadPoolExecutor(4) as threads:
        one = threads.submit(recent.answer, "key", first)
        begun.wait(30)
        others = [threads.submit(recent.answer, "key", first) for _ in range(3)]
        go.set()
        assert [one.result(), *(other.result() for other in others)] == ["done"] * 4
    assert asked == [1]


def test_who_waits_longer_than_anybody_would_is_answered_all_the_same() -> None:
    recent: Recent[str] = Recent(patience=0)
    seen: list[Any] = []

    def first() -> tuple[str, bool]:
        with ThreadPoolExecutor(1) as threads:
            seen.append(threads.submit(recent.answer, "key", lambda: ("x", True)).result())
        return "done", True

    assert recent.answer("key", first) == "done"
    assert seen == [None]


def test_an_answer_that_does_not_hold_is_not_given_again() -> None:
    recent: Recent[str] = Recent()
    assert recent.answer("key", lambda: ("try again", False)) == "try again"
    with pytest.raises(ZeroDivisionError):
        recent.answer("key", lambda: (str(1 / 0), True))
    assert recent.answer("key", lambda: ("done", True)) == "done"
    assert recent.answer("key", lambda: ("twice", True)) == "done"


def test_only_the_newest_answers_of_the_last_minutes_are_remembered() -> None:
    at = [0.0]
    recent: Recent[str] = Recent(lambda: at[0], most=2)
    for key in ("one", "two", "three"):
        recent.answer(key, lambda: ("first", True))
    assert recent.answer("three", lambda: ("second", True)) == "first"
    assert recent.answer("one", lambda: ("second", True)) == "second"
    at[0] = 601.0
    assert recent.answer("three", lambda: ("third", True)) == "third"


# ---- in the database


class Served:
    """A pair, and as many processes as a test starts."""

    def __init__(self, town: Town, url: str) -> None:
        self.town, self._url = town, url
        self._databases: list[Database] = []
        with town.db.begin() as session:
            cohort = people.a_cohort(session)
            intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
            people.a_pairing(session, intern, mentor)
        self.ana = town.seat("U0ANA")

    def start(self) -> Switchboard:
        database = Database(self._url, role="web")
        self._databases.append(database)
        town = self.town
        return build_app(town.settings, database, town.clock, town.client)  # type: ignore[arg-type]

    def stop(self) -> None:
        for database in self._databases:
            database.close()

    def form(self) -> Json:
        """Thanks, filled in and not sent."""
        self.ana.command("/mentor", "thanks")
        self.ana.fill({"to": "U0BEN", "words": "For your time."})
        return payloads.view_submission(self.town.slack, self.ana.person, self.ana.modal)

    def send(self, app: Switchboard, payload: Json) -> Answer:
        self.town.slack.connect(to_bolt_app(app))
        return self.town.slack.send("interactive", "thanks.form", payload)

    def count(self, model: Any) -> int:
        with self.town.db.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def served(town: Town, database_url: str) -> Iterator[Served]:
    found = Served(town, database_url)
    yield found
    found.stop()


def test_a_form_sent_four_times_at_once_to_two_processes_thanks_once(served: Served) -> None:
    payload = served.form()
    before = served.count(Delivery)
    apps = [served.start(), served.start()]
    for app in apps:
        app.settle()
    sent = request_of(
        "interactive", "thanks.form", payload, secret=served.town.slack.signing_secret
    )

    def deliver(app: Switchboard) -> tuple[int, str]:
        answer = to_bolt_app(app)(sent)
        app.settle()
        return answer.status, answer.body

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(deliver, apps * 2))
    assert len(answers) == 1
    assert served.count(Thanks) == 1
    assert served.count(Delivery) == before + 1


def test_a_process_started_later_gives_the_answer_of_the_first(served: Served) -> None:
    payload = served.form()
    first = served.start()
    said = served.send(first, payload)
    first.settle()
    again = served.send(served.start(), payload)
    assert (again.status, again.json()) == (200, said.json())
    assert said.json() is not None
    assert served.count(Thanks) == 1


def test_without_the_first_answer_the_second_is_the_mildest(served: Served) -> None:
    payload = served.form()
    served.send(served.start(), payload)  # and ended before it stored its answer
    again = served.send(served.start(), payload)
    assert (again.status, again.body) == (200, "")
    assert served.count(Thanks) == 1


def test_what_could_not_be_saved_leaves_no_trace_and_can_be_delivered_again(
    served: Served,
) -> None:
    payload = served.form()
    app = served.start()
    with nothing_kept(served._databases[-1], "the connection was cut"):
        assert AWAY in served.send(app, payload).body
    assert served.count(Thanks) == 0
    assert AWAY not in served.send(app, payload).body
    assert served.count(Thanks) == 1


def test_a_command_delivered_four_times_opens_one_form(served: Served) -> None:
    town, ana = served.town, served.ana
    payload = payloads.command(town.slack, ana.person, "/mentor", "thanks", town.slack.im("U0ANA"))
    town.slack.connect(to_bolt_app(served.start()))
    answers = [town.slack.send("slash_commands", "/mentor", payload) for _ in range(3)]
    town.slack.connect(to_bolt_app(served.start()))
    answers.append(town.slack.send("slash_commands", "/mentor", payload))
    assert {(answer.status, answer.body) for answer in answers} == {(200, "")}
    assert len(ana.modals) == 1


def test_what_is_old_is_forgotten(served: Served) -> None:
    town, app = served.town, served.start()
    served.send(app, served.form())
    with town.db.begin() as session:
        workspace_id = session.scalars(sa.select(Delivery.workspace_id)).first()
        session.add(
            BrokenDelivery(
                workspace_id=workspace_id,
                reference="K7F2Q9",
                kind="form",
                payload={},
                error="KeyError",
                at=town.clock(),
            )
        )
    town.clock.move(seconds=KEPT.total_seconds())
    served.start().settle()
    assert served.count(Delivery) > 0
    town.clock.move(seconds=1)
    served.start().settle()
    assert (served.count(Delivery), served.count(BrokenDelivery)) == (0, 1)
    town.clock.set(town.clock() + BROKEN_KEPT - KEPT + timedelta(seconds=1))
    served.start().settle()
    assert served.count(BrokenDelivery) == 0
