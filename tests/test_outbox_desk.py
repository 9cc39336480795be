"""`python -m bot outbox`: what it prints, what it refuses, and that it never shows a word."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clock import system_clock
from bot.database import Database
from bot.digest import backlog
from bot.digest.messages import BACKLOG
from bot.outbox import instance, ledger
from bot.outbox.model import Letter, LetterState
from tests.support import people
from tests.support.letters import a_letter, an_instance
from tests.test_main import Result, cohort_bot, log_as_before, nothing_set

__all__ = ["log_as_before", "nothing_set"]  # fixtures of every command

AWAY = "postgresql://me:canary@127.0.0.1:9/cohort"


@pytest.fixture
def desk(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database of the commands, with a worker at work on it."""
    monkeypatch.setenv("DATABASE_URL", str(sqlite_db.url))
    with sqlite_db.begin() as session:
        an_instance(session, ticked_at=system_clock())
    return sqlite_db


def outbox(*words: str) -> Result:
    return cohort_bot("outbox", *words)


def post(db: Database, key: str, **columns: object) -> int:
    columns = {"channel": "C0CARE", "due_at": system_clock() - timedelta(minutes=1)} | columns
    with db.begin() as session:
        return a_letter(session, key, **columns).id


def state(db: Database, number: int) -> LetterState:
    with db.read() as session:
        return session.scalars(sa.select(Letter.state).where(Letter.id == number)).one()


def test_no_letters_is_said(desk: Database) -> None:
    result = outbox("list")
    assert (result.exit_code, result.stdout) == (0, "Nothing waits.\n")


def test_the_list_says_who_what_when_and_why(desk: Database) -> None:
    first = post(desk, "1")
    lost = post(desk, "2", state=LetterState.UNKNOWN, reason="Slack's answer got lost")
    post(desk, "3", state=LetterState.SENT)
    result = outbox("list")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["ID", "STATE", "DUE", "(UTC)", "KIND", "TO", "WHY"]
    assert lines[1].split()[:2] == [str(lost), "unknown"]
    assert lines[1].endswith("a.kind  C0CARE  Slack's answer got lost")
    assert lines[2].split()[:2] == [str(first), "pending"]
    assert lines[2].endswith("due now, its turn comes")
    assert len(lines) == 3
    assert "saffron" not in result.output


def test_the_list_is_paged_and_filtered(desk: Database) -> None:
    numbers = [post(desk, f"{n}") for n in range(5)]
    post(desk, "failed", state=LetterState.FAILED)
    result = outbox("list", "--state", "pending", "--limit", "2", "--page", "2")
    ids = [line.split()[0] for line in result.stdout.splitlines()[1:3]]
    assert ids == [str(number) for number in numbers[2:4]]
    assert "3 to 4 of 5; --page 3 goes on." in result.stdout
    last = outbox("list", "--state", "pending", "--limit", "2", "--page", "3").stdout
    assert last.endswith("5 to 5 of 5.\n")
    assert "no page 9" in outbox("list", "--page", "9").stdout
    assert outbox("list", "--state", "lost").exit_code == 2


def test_one_letter_is_shown_without_its_words(desk: Database) -> None:
    number = post(desk, "1", subject=7, reason="no room in the day")
    result = outbox("show", str(number))
    assert result.exit_code == 0
    for said in (f"letter      {number}", "a.kind, version 1", "why         no room in the day"):
        assert said in result.stdout
    assert "saffron" not in result.output


def test_a_failed_letter_is_sent_again_and_a_sent_one_is_not(desk: Database) -> None:
    failed = post(desk, "1", state=LetterState.FAILED)
    sent = post(desk, "2", state=LetterState.SENT)
    assert outbox("send-again", str(failed)).exit_code == 0
    assert state(desk, failed) is LetterState.PENDING
    result = outbox("send-again", str(sent))
    assert result.exit_code == 1
    assert f"Error: Letter {sent} is sent: only a letter that is unknown" in result.stderr
    assert "Traceback" not in result.output


def test_a_letter_is_cancelled_once(desk: Database) -> None:
    number = post(desk, "1")
    assert outbox("cancel", str(number)).stdout == f"Letter {number} is cancelled.\n"
    with desk.read() as session:
        assert session.get_one(Letter, number).reason == ledger.CANCELLED
    assert f"Letter {number} is cancelled: only one" in outbox("cancel", str(number)).stderr
    assert "no letter 99" in outbox("cancel", "99").stderr


def test_a_paused_copy_is_said_on_top_and_ended_by_a_choice(desk: Database) -> None:
    number = post(desk, "1")
    with desk.begin() as session:
        session.execute(
            sa.update(instance.Instance).values(
                paused_at=system_clock(), paused_reason="this database is a copy"
            )
        )
    listed = outbox("list").stdout
    assert "Nothing is sent since" in listed
    assert "this database is a copy. 1 letter waits." in listed
    assert outbox("resume").exit_code == 2
    assert outbox("resume", "--send", "--skip").exit_code == 2
    assert outbox("show", "99999999999999999999").exit_code == 2
    assert outbox("resume", "--skip").stdout == (
        "1 letter cancelled, and so is whatever else fell due meanwhile. "
        "Messages already sent are brought up to date.\n"
    )
    assert state(desk, number) is LetterState.CANCELLED
    assert outbox("resume", "--send").stdout == "There is nothing to decide.\n"
    with desk.read() as session:
        decided = instance.decision(session)
    assert decided is not None
    assert (decided.send, decided.by) == (False, "the operator")


def test_a_backlog_is_sent_by_a_choice(desk: Database) -> None:
    now = system_clock()
    number = post(desk, "1", due_at=now - timedelta(hours=5))
    with desk.begin() as session:
        session.execute(
            sa.update(instance.Instance).values(away_from=now - timedelta(days=1), away_until=now)
        )
    assert "Nobody was at work from" in outbox("list").stdout
    assert outbox("resume", "--send").stdout == (
        "1 letter will be sent, unless too late to be of use.\n"
    )
    assert state(desk, number) is LetterState.PENDING


def test_the_operators_choice_is_said_in_the_channel_too(desk: Database) -> None:
    now = system_clock()
    post(desk, "1", due_at=now - timedelta(hours=5))
    with desk.begin() as session:
        cohort = people.a_cohort(session, channel="C0CARE")
        session.execute(
            sa.update(instance.Instance).values(away_from=now - timedelta(days=1), away_until=now)
        )
        backlog.tell(session, cohort.workspace_id, now)
        told = sa.select(Letter).where(Letter.kind == BACKLOG.name)
        line = session.scalars(told).one()
        line.state = LetterState.SENT
        number = line.id
    outbox("resume", "--skip")
    with desk.read() as session:
        edits = session.scalars(sa.select(Letter.subject).where(Letter.kind == "edit")).all()
    assert edits == [number]


@pytest.mark.parametrize(
    "words", [("list",), ("show", "1"), ("send-again", "1"), ("cancel", "1"), ("resume", "--send")]
)
def test_a_database_that_is_away_is_said_in_a_sentence(words: tuple[str, ...]) -> None:
    result = cohort_bot("outbox", *words, DATABASE_URL=AWAY)
    assert result.exit_code == 1
    assert "The database cannot be used. `python -m bot doctor` says why." in result.stderr
    assert "Traceback" not in result.output
    assert "canary" not in result.output


def test_an_empty_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite3"
    file.touch()
    result = cohort_bot("outbox", "list", DATABASE_URL=f"sqlite:///{file}")
    assert result.exit_code == 1
    assert "Run `python -m bot migrate` first" in result.stderr


def test_the_outbox_needs_no_token() -> None:
    assert "SLACK_BOT_TOKEN" not in outbox("list").stderr
