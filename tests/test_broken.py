"""A listener that breaks: the person reads a reference, and the request can be handled again."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import broken
from bot.app import build_app
from bot.database import Database
from bot.deliveries import BrokenDelivery
from bot.gratitude.model import Thanks
from bot.switchboard import Switchboard
from tests.support import people
from tests.support.town import Town
from tests.test_main import GOOD, cohort_bot, log_as_before, nothing_set

__all__ = ["log_as_before", "nothing_set"]
SECRETS = ("trigger_id", "response_url", "token")


class Broken:
    """A town whose thanks cannot be written, until it is mended."""

    def __init__(self, town: Town) -> None:
        self.town = town
        with town.db.begin() as session:
            cohort = people.a_cohort(session)
            intern, mentor = people.an_intern(session, cohort), people.a_mentor(session, cohort)
            people.a_pairing(session, intern, mentor)
        self.ana = town.seat("U0ANA")
        self.damage("thanks")

    def damage(self, table: str) -> None:
        """Nothing can be written to this table, for a reason nobody has thought of."""
        self._say(
            f"CREATE TRIGGER damage BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'damage'); END"
        )

    def mend(self) -> None:
        self._say("DROP TRIGGER damage")

    def _say(self, statement: str) -> None:
        with self.town.db.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def thank(self) -> str:
        """Say thanks; the reference that is read."""
        self.ana.command("/mentor", "thanks")
        self.ana.submit({"to": "U0BEN", "words": "For the saffron."})
        said = self.ana.read_aloud(self.ana.modal)
        [kept] = [one.reference for one in self.kept() if one.reference in said]
        return kept

    def kept(self) -> list[BrokenDelivery]:
        return list(broken.listed(self.town.db))

    def thanks(self) -> int:
        with self.town.db.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Thanks)) or 0

    def replay(self, reference: str) -> tuple[bool, str]:
        return broken.replay(self.town.db, self.town.clock(), reference, self.app().replay)

    def app(self) -> Switchboard:
        """The app in a process of its own."""
        town = self.town
        return build_app(town.settings, town.db, town.clock, town.client)  # type: ignore[arg-type]


@pytest.fixture
def bad(small_town: Town) -> Broken:
    return Broken(small_town)


def test_a_form_is_kept_under_the_reference_the_person_reads(bad: Broken) -> None:
    reference = bad.thank()
    [kept] = bad.kept()
    assert (kept.reference, kept.kind, kept.error) == (reference, "form", "IntegrityError")
    body = kept.payload["body"]
    assert body["user"]["id"] == "U0ANA"
    assert "For the saffron." in json.dumps(body)


def test_no_secret_is_kept(bad: Broken) -> None:
    bad.thank()
    payload = json.dumps(bad.kept()[0].payload)
    assert not [name for name in SECRETS if f'"{name}' in payload]
    found = broken.without_secrets({"a": [{"token": "x", "b": "1\x00\ud800"}], "response_urls": []})
    assert found == {"a": [{"b": "1?"}]}


def test_what_was_mended_is_done_once(bad: Broken) -> None:
    reference = bad.thank()
    bad.mend()
    assert bad.replay(reference.lower()) == (True, f"{reference} is done now.")
    assert bad.thanks() == 1
    with bad.town.db.read() as session:
        assert session.scalars(sa.select(Thanks)).one().words == "For the saffron."
    assert bad.replay(reference) == (False, f"{reference} was replayed already.")
    assert bad.thanks() == 1


def test_what_breaks_again_is_kept_again(bad: Broken) -> None:
    reference = bad.thank()
    well, said = bad.replay(reference)
    [_old, new] = bad.kept()
    assert (well, said) == (False, f"{reference} broke again, and is kept as {new.reference}.")
    bad.mend()
    assert bad.replay(new.reference)[0]
    assert bad.thanks() == 1


def test_what_was_done_meanwhile_is_not_done_again(bad: Broken) -> None:
    first = bad.thank()
    bad.replay(first)
    second = bad.kept()[-1].reference
    bad.mend()
    with bad.town.db.begin() as session:
        session.scalars(
            sa.select(BrokenDelivery).where(BrokenDelivery.reference == first)
        ).one().replayed_at = None
    assert bad.replay(first)[1].endswith("is done now.")
    assert bad.replay(second)[1].endswith("Nothing was done again.")
    assert bad.thanks() == 1


def test_what_is_refused_by_now_is_said_to_be(bad: Broken) -> None:
    reference = bad.thank()
    bad.mend()
    bad.town.slack.deactivate("U0ANA")
    well, said = bad.replay(reference)
    assert well
    assert said == f"{reference} was refused: things have moved on (AccountOff)."
    assert bad.thanks() == 0


def test_an_unknown_reference_is_said_to_be(bad: Broken) -> None:
    assert bad.replay("NOBODY") == (
        False,
        "Nothing is kept under NOBODY. `python -m bot replay` lists it.",
    )


def test_an_event_is_kept_each_time_and_done_once(bad: Broken) -> None:
    bad.mend()
    bad.damage("letter")
    before = len(bad.town.letters())
    bad.ana.write("Hello?")
    assert {one.kind for one in bad.kept()} == {"event"}
    bad.mend()
    said = [bad.replay(one.reference)[1] for one in bad.kept()]
    assert said[0].endswith("is done now.")
    assert all(one.endswith("Nothing was done again.") for one in said[1:])
    assert len(bad.town.letters()) == before + 1


def test_refusals_and_a_database_that_is_away_are_not_kept(bad: Broken) -> None:
    bad.mend()
    bad.town.seat("U0KEN").command("/cohort")

    def fail(_connection: Any) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the disk is full"))

    bad.ana.command("/mentor", "thanks")
    sa.event.listen(bad.town.db.engine, "commit", fail)
    bad.ana.submit({"to": "U0BEN", "words": "For the saffron."})
    sa.event.remove(bad.town.db.engine, "commit", fail)
    assert bad.kept() == []


def test_the_command_lists_and_replays(tmp_path: Path) -> None:
    environ = GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path / 'cohort.sqlite3'}"}
    cohort_bot("migrate", **environ)
    assert cohort_bot("replay", **environ).stdout == "Nothing is kept.\n"
    database = Database(environ["DATABASE_URL"], role="worker")
    with database.begin() as session:
        workspace = people.a_workspace(session, "T0SANDBOX")
        body = {"command": "/mentor", "text": "nothing", "team_id": "T0OTHER", "user_id": "U0ANA"}
        session.add(
            BrokenDelivery(
                workspace_id=workspace.id,
                reference="K7F2Q9",
                kind="command",
                payload={"key": "command:abc", "body": body},
                error="KeyError",
                at=people.START,
            )
        )
    database.close()
    listed = cohort_bot("replay", DATABASE_URL=environ["DATABASE_URL"]).stdout  # needs no token
    assert listed.startswith("K7F2Q9  command   KeyError, 20")
    assert "nothing" not in listed
    blind = cohort_bot("replay", "K7F2Q9", DATABASE_URL=environ["DATABASE_URL"])
    assert "SLACK_BOT_TOKEN is not set" in blind.stderr
    assert cohort_bot("replay", "K7F2Q9", **environ).stdout == "K7F2Q9 is done now.\n"
    result = cohort_bot("replay", "K7F2Q9", **environ)
    assert (result.exit_code, result.stdout) == (1, "K7F2Q9 was replayed already.\n")
