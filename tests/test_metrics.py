"""The figures for Prometheus: what they say, in which type, and what they never hold."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from bot.clock import MovableClock
from bot.cohort import installed
from bot.database import Database
from bot.metrics import Metrics, kind_of, kind_of_body
from bot.outbox.model import Bucket, LetterState
from tests.support import people
from tests.support.letters import a_letter, an_instance
from tests.support.people import START

NOW = START


def read(metrics: Metrics, *, kinds: bool = True) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) -> value."""
    text = metrics.text(kinds=kinds).decode()
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figures(db: Database, clock: MovableClock, *, kinds: bool = True) -> Any:
    return read(Metrics(db, clock, installed.stopped), kinds=kinds)


def sent(session: Session, key: str, late: float, ago: timedelta, **columns: Any) -> None:
    at = NOW - ago
    a_letter(
        session,
        key,
        state=LetterState.SENT,
        due_at=at - timedelta(seconds=late),
        sending_at=at,
        sent_at=at,
        **{"marker": key} | columns,
    )


def test_letters_are_counted_by_kind_and_outcome(db: Database, clock: MovableClock) -> None:
    with db.begin() as session:
        for number in range(3):
            a_letter(session, f"s{number}", state=LetterState.SENT)
        a_letter(session, "other", "b.kind", state=LetterState.SENT)
        for state in LetterState:
            a_letter(session, state.value, state=state)
        a_letter(session, "later", due_at=NOW + timedelta(hours=1))
    found = figures(db, clock)
    assert found["cohort_bot_letters_total", "a.kind", "sent"] == 4
    assert found["cohort_bot_letters_total", "b.kind", "sent"] == 1
    assert found["cohort_bot_letters_total", "a.kind", "cancelled"] == 1
    assert found["cohort_bot_letters_undelivered", "a.kind", "failed"] == 1
    assert found["cohort_bot_letters_undelivered", "a.kind", "unknown"] == 1
    queued = {key[1]: n for key, n in found.items() if key[0] == "cohort_bot_letters_queued"}
    assert queued == {"due": 1, "later": 1, "claimed": 1, "sending": 1, "parked": 1}


def test_where_others_may_look_kinds_are_counted_together(
    db: Database, clock: MovableClock
) -> None:
    with db.begin() as session:
        a_letter(session, "1", "concern.red", state=LetterState.SENT)
        a_letter(session, "2", "b.kind", state=LetterState.SENT)
    metrics = Metrics(db, clock, installed.stopped)
    assert read(metrics, kinds=False)["cohort_bot_letters_total", "all", "sent"] == 2
    assert b"concern" not in metrics.text(kinds=False)
    assert b"concern" in metrics.text(kinds=True)


def test_lateness_is_that_of_the_last_hour(db: Database, clock: MovableClock) -> None:
    with db.begin() as session:
        for second in range(1, 101):
            sent(session, f"{second}", second, timedelta(minutes=30))
        sent(session, "old", 5000, timedelta(hours=2))
        sent(session, "early", -3, timedelta(minutes=1, seconds=1))
    found = figures(db, clock)
    late = {key[1]: n for key, n in found.items() if "lateness" in key[0]}
    assert late == {"0.5": 50, "0.9": 90, "0.99": 99, "1": 100}
    assert found["cohort_bot_letters_sent_last_hour",] == 101


def test_letters_merged_into_one_message_are_one_send(db: Database, clock: MovableClock) -> None:
    with db.begin() as session:
        for key in ("1", "2", "3"):
            sent(session, key, 0, timedelta(seconds=5), marker="one" if key != "3" else "two")
        sent(session, "4", 0, timedelta(minutes=2))
    assert figures(db, clock)["cohort_bot_slack_sends_last_minute",] == 2


def test_the_pace_of_each_method_is_shown(db: Database, clock: MovableClock) -> None:
    until = NOW + timedelta(seconds=30)
    with db.begin() as session:
        for method, closed in (("chat.postMessage", until), ("chat.update", None)):
            session.add(
                Bucket(
                    workspace_id=people.a_workspace(session).id,
                    method=method,
                    tokens=0,
                    filled_at=NOW,
                    rate=240,
                    learned_at=NOW,
                    closed_until=closed,
                )
            )
    found = figures(db, clock)
    closed_until = "cohort_bot_slack_closed_until_timestamp_seconds"
    assert found["cohort_bot_slack_calls_per_second", "chat.postMessage"] == 4
    assert found[closed_until, "chat.postMessage"] == until.timestamp()
    assert found[closed_until, "chat.update"] == 0


def test_a_pause_a_stop_and_the_last_tick_are_shown(db: Database, clock: MovableClock) -> None:
    found = figures(db, clock)
    names = ("paused", "workspace_stopped", "last_tick_timestamp_seconds", "database_up")
    assert [found[f"cohort_bot_{name}",] for name in names] == [0, 0, 0, 1]
    with db.begin() as session:
        people.a_workspace(session).stopped_reason = "token_revoked"
        an_instance(session, paused_at=NOW, ticked_at=NOW)
    found = figures(db, clock)
    assert [found[f"cohort_bot_{name}",] for name in names] == [1, 1, NOW.timestamp(), 1]


def test_a_database_that_is_away_leaves_what_the_process_knows(clock: MovableClock) -> None:
    metrics = Metrics(Database("postgresql://127.0.0.1:9/cohort"), clock, installed.stopped)
    metrics.answered("click", 0.004)
    found = read(metrics)
    assert found["cohort_bot_database_up",] == 0
    assert found["cohort_bot_ack_seconds_count", "click"] == 1
    assert not [key for key in found if "letters" in key[0]]


def test_answers_are_measured_by_kind_of_request(sqlite_db: Database, clock: MovableClock) -> None:
    metrics = Metrics(sqlite_db, clock, installed.stopped)
    for seconds in (0.001, 0.2, 4):
        metrics.answered("command", seconds)
    metrics.answered("never heard of", 0.001)
    metrics.refused()
    found = read(metrics)
    bucket = "cohort_bot_ack_seconds_bucket"
    assert found[bucket, "0.002", "command"] == 1
    assert found[bucket, "3.0", "command"] == 2
    assert found[bucket, "+Inf", "command"] == 3
    assert found["cohort_bot_ack_seconds_count", "other"] == 1
    assert found["cohort_bot_requests_refused_total",] == 1


def test_two_processes_in_one_share_nothing(sqlite_db: Database, clock: MovableClock) -> None:
    one, other = (Metrics(sqlite_db, clock, installed.stopped) for _ in range(2))
    one.answered("click", 0.1)
    assert read(other)["cohort_bot_ack_seconds_count", "click"] == 0


def test_asking_often_asks_the_database_once(sqlite_db: Database, clock: MovableClock) -> None:
    metrics = Metrics(sqlite_db, clock, installed.stopped)
    read(metrics)
    with sqlite_db.begin() as session:
        a_letter(session, "1", state=LetterState.SENT)
    assert "cohort_bot_letters_total" not in {key[0] for key in read(metrics, kinds=False)}


def test_the_figures_name_nobody_and_nothing_anybody_wrote(
    db: Database, clock: MovableClock
) -> None:
    with db.begin() as session:
        a_letter(session, "1", state=LetterState.FAILED, reason="saffron", owner="saffron")
        a_letter(session, "2", channel="C0SAFFRON", state=LetterState.SENT)
        an_instance(session, place="saffron", paused_at=NOW, paused_reason="saffron")
    text = Metrics(db, clock, installed.stopped).text(kinds=True).decode()
    for word in ("saffron", "C0SAFFRON", "U0ANA", "Ana", "T0SANDBOX"):
        assert word not in text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"token=x&team_id=T0&command=%2Fmentor&text=help", "command"),
        (b"payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22", "click"),
        (b"payload=%7B%22type%22%3A%22view_submission%22%2C%22team%22", "form"),
        (b"payload=%7B%22type%22%3A%22block_suggestion%22", "options"),
        (b"payload=%7B%22type%22%3A%22odd%22", "other"),
        (b'{"token":"x","type":"event_callback"}', "event"),
        (b"", "other"),
        (b"\xff\x00", "other"),
    ],
)
def test_a_request_is_known_by_its_first_bytes(body: bytes, kind: str) -> None:
    assert kind_of_body(body) == kind


def test_a_request_over_socket_mode_has_the_same_kinds() -> None:
    payloads = ({"command": "/mentor"}, {"type": "block_actions"}, {"type": "event_callback"}, {})
    assert [kind_of(one) for one in payloads] == ["command", "click", "event", "other"]
