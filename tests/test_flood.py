"""How many requests one person may make, and what becomes of the rest."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt import BoltRequest

from bot.app import build_app
from bot.flood import A_MINUTE, WORDS, Allowance
from bot.gratitude.model import Thanks
from bot.sandbox import payloads
from bot.sandbox.delivery import to_bolt_app
from tests.support import people
from tests.support.counted import counting
from tests.support.town import Town


class Watch:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_as_many_at_once_as_in_a_minute_and_then_one_every_two_seconds() -> None:
    watch = Watch()
    allowance = Allowance(watch)
    assert [allowance.spend("U0ANA") for _ in range(A_MINUTE + 1)] == [True] * A_MINUTE + [False]
    watch.at += 60 / A_MINUTE
    assert [allowance.spend("U0ANA"), allowance.spend("U0ANA")] == [True, False]
    watch.at += 3600
    assert sum(allowance.spend("U0ANA") for _ in range(100)) == A_MINUTE


def test_nobody_pays_for_somebody_else() -> None:
    allowance = Allowance(Watch())
    assert not all(allowance.spend("U0ANA") for _ in range(100))
    assert allowance.spend("U0BEN")


def test_only_so_many_people_are_remembered() -> None:
    allowance = Allowance(Watch(), a_minute=1, people=10)
    assert allowance.spend("U0ANA")
    assert not allowance.spend("U0ANA")
    for number in range(10):
        assert allowance.spend(f"U{number}")
    assert allowance.spend("U0ANA")


def test_somebody_is_told_once_in_ten_seconds() -> None:
    watch = Watch()
    allowance = Allowance(watch)
    allowance.spend("U0ANA")
    assert [allowance.tell("U0ANA"), allowance.tell("U0ANA")] == [True, False]
    watch.at += 10
    assert allowance.tell("U0ANA")


class Crowd:
    """A town whose bot counts, and whatever got as far as Bolt."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.watch = Watch()
        self.app = build_app(
            town.settings,
            town.db,
            town.clock,
            town.client,  # type: ignore[arg-type]
            allowance=Allowance(self.watch),
        )
        self.passed: list[BoltRequest] = []

        @self.app.use
        def note(req: Any, next: Any) -> Any:
            self.passed.append(req)
            return next()

        town.slack.connect(to_bolt_app(self.app))


@pytest.fixture
def crowd(small_town: Town) -> Crowd:
    with small_town.db.begin() as session:
        cohort = people.a_cohort(session)
        intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, intern, mentor)
    return Crowd(small_town)


def spend_all(crowd: Crowd, slack_id: str) -> None:
    for _ in range(A_MINUTE):
        crowd.town.seat(slack_id).command("/mentor", "help")
    crowd.passed.clear()


def test_a_thousand_commands_of_one_person_reach_neither_bolt_nor_the_database(
    crowd: Crowd,
) -> None:
    town = crowd.town
    ana, ben = town.seat("U0ANA"), town.seat("U0BEN")
    spend_all(crowd, "U0ANA")
    crowd.watch.at += 1.9  # of the ten seconds
    with counting(town.db) as asked:
        said = {ana.command("/mentor", "help").message.text for _ in range(1000)}
    assert said == {WORDS}
    assert (asked, crowd.passed) == ([], [])
    assert WORDS not in ben.command("/mentor", "help").message.text
    assert len(crowd.passed) == 1
    crowd.watch.at += 60
    assert WORDS not in ana.command("/mentor", "help").message.text


def test_a_form_keeps_what_was_typed_and_can_be_sent_after_a_minute(crowd: Crowd) -> None:
    ana = crowd.town.seat("U0ANA")
    ana.command("/mentor", "thanks")
    spend_all(crowd, "U0ANA")
    with counting(crowd.town.db) as asked:
        ana.submit({"to": "U0BEN", "words": "For asking."})
    assert WORDS in ana.read_aloud(ana.modal)
    assert (asked, crowd.passed) == ([], [])
    crowd.watch.at += 60
    ana.submit()
    with crowd.town.db.read() as session:
        assert session.scalars(sa.select(Thanks)).one().words == "For asking."


def test_clicks_are_told_so_once_and_call_slack_no_more(crowd: Crowd) -> None:
    town = crowd.town
    ana = town.seat("U0ANA")
    spend_all(crowd, "U0ANA")
    ana.open_home()
    home = town.slack.views.homes["U0ANA"]
    place = payloads.in_view(home)
    before = len(town.slack.views.stacks.get("U0ANA", []))
    calls: list[str] = []
    answer = town.slack.answer

    def note(method: str, args: Any, token: str | None) -> Any:
        calls.append(method)
        return answer(method, args, token)

    town.slack.answer = note  # type: ignore[method-assign]
    crowd.passed.clear()
    for number in range(50):
        action = {"type": "button", "action_id": "x", "block_id": "b", "action_ts": f"1.{number}"}
        payload = payloads.block_actions(town.slack, ana.person, place, action)
        assert town.slack.send("interactive", "x", payload).status == 200
    assert calls == ["views.open"]
    assert len(town.slack.views.stacks["U0ANA"]) == before + 1
    assert WORDS in json.dumps(ana.modal)
    assert crowd.passed == []


def test_what_slack_tells_is_nobodys_request(crowd: Crowd) -> None:
    ana = crowd.town.seat("U0ANA")
    spend_all(crowd, "U0ANA")
    for _ in range(50):
        ana.open_home()
    assert len(crowd.passed) == 50
