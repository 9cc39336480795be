"""The figures of /metrics, in Prometheus's text format.

Most of them are counted in the database when somebody asks, so every process tells the same;
what this process alone knows is how long its answers to Slack took. Nothing here names a person,
a channel or what somebody wrote. How many letters of each kind went out may tell who watches
that something happened to somebody, so that is shown where only the operator looks (METRICS_PORT).
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client import Counter as PrometheusCounter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from bot.clock import Clock, monotonic
from bot.database import AWAY, Database
from bot.logs import get_logger
from bot.outbox import figures
from bot.outbox.model import LetterState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FRESH = 15.0
"""Seconds for which the database is not asked again."""

ALL = "all"  # instead of a kind, where others may look

# Slack waits 3 s. An answer that commits takes milliseconds.
_ACK_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
# These never become anything else; a failed or unknown letter can be sent again.
_FINAL = (LetterState.SENT, LetterState.CANCELLED)
_UNDELIVERED = (LetterState.FAILED, LetterState.UNKNOWN)
_IN_HAND = (LetterState.CLAIMED, LetterState.SENDING, LetterState.PARKED)

# What an interaction is called in Slack's payloads, and here.
_KINDS = {
    "block_actions": "click",
    "view_submission": "form",
    "view_closed": "closed",
    "block_suggestion": "options",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}

log = get_logger(__name__)


class Metrics:
    """The figures of one process. Each has a registry of its own: nothing is global."""

    def __init__(
        self, database: Database, clock: Clock, stopped: Callable[[Session], bool]
    ) -> None:
        """`clock` is the programme's; `stopped` tells whether Slack says that the app is gone."""
        self._in_process = CollectorRegistry()
        self._acks = Histogram(
            "cohort_bot_ack_seconds",
            "How long Slack waited for an answer, by kind of request.",
            ["request"],
            buckets=_ACK_SECONDS,
            registry=self._in_process,
        )
        self._refused = PrometheusCounter(
            "cohort_bot_requests_refused",
            "Requests refused because one person sent too many.",
            registry=self._in_process,
        )
        counted = _Counted(database, clock, stopped)
        self._pages: dict[bool, CollectorRegistry] = {}
        for kinds in (False, True):
            self._pages[kinds] = CollectorRegistry(auto_describe=False)
            self._pages[kinds].register(_Shown(counted, kinds=kinds))
        # Prepared, so that the path people wait for looks up one name.
        self._ack_of = {kind: self._acks.labels(kind) for kind in {*_KINDS.values(), "command"}}
        self._other_ack = self._acks.labels("other")

    def answered(self, request: str, seconds: float) -> None:
        """Slack got its answer after so many seconds. `request` is what `kind_of` says."""
        self._ack_of.get(request, self._other_ack).observe(seconds)

    def refused(self) -> None:
        """Somebody sent too much, and was told so."""
        self._refused.inc()

    def text(self, *, kinds: bool) -> bytes:
        """The page. Without `kinds` letters of all kinds are counted together."""
        return generate_latest(self._pages[kinds]) + generate_latest(self._in_process)


def kind_of(payload: Mapping[str, Any]) -> str:
    """What a request of Slack is, from its payload: command, click, form, event ..."""
    if "command" in payload:
        return "command"
    return _KINDS.get(str(payload.get("type")), "other")


def kind_of_body(body: bytes) -> str:
    """The same from the raw body of an HTTP request, without parsing it."""
    if body.startswith(b"payload="):
        for name, kind in _KINDS.items():
            # Slack writes the type first; the names are plain letters also when encoded.
            if body.find(name.encode(), 0, 60) > 0:
                return kind
        return "other"
    if body.startswith(b"{"):
        return "event"
    return "command" if b"command=" in body else "other"


class _Counted:
    """What the database says, at most a quarter of a minute old; None while it is away."""

    def __init__(
        self, database: Database, clock: Clock, stopped: Callable[[Session], bool]
    ) -> None:
        self._database = database
        self._clock = clock
        self._stopped = stopped
        self._lock = threading.Lock()
        self._last: tuple[float, tuple[figures.Figures, bool] | None] | None = None

    def look(self) -> tuple[figures.Figures, bool] | None:
        """The figures, and whether the workspace is stopped."""
        with self._lock:
            if self._last is None or monotonic() - self._last[0] > FRESH:
                self._last = (monotonic(), self._ask())
            return self._last[1]

    def _ask(self) -> tuple[figures.Figures, bool] | None:
        try:
            with self._database.read() as session:
                return figures.gather(session, self._clock()), self._stopped(session)
        except (*AWAY, sa.exc.SQLAlchemyError, OSError) as error:
            log.warning("figures_not_read", error=type(error).__name__)
            return None


class _Shown(Collector):
    """The figures as metrics."""

    def __init__(self, counted: _Counted, *, kinds: bool) -> None:
        self._counted = counted
        self._kinds = kinds

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """All metrics from the database; only the first while it is away."""
        found = self._counted.look()
        yield _gauge("database_up", "Whether the database answers.", found is not None)
        if found is None:
            return
        seen, stopped = found
        yield from self._letters(seen)
        yield from _sending(seen)
        yield _gauge("paused", "Nothing is sent until somebody decides.", seen.paused)
        yield _gauge("workspace_stopped", "Slack says that the app is gone.", stopped)
        yield _gauge(
            "last_tick_timestamp_seconds",
            "When a worker was last at work; 0: never.",
            _epoch(seen.ticked_at),
        )

    def _letters(self, seen: figures.Figures) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        total = CounterMetricFamily(
            "cohort_bot_letters",
            "Letters by kind and outcome, once and for all.",
            labels=["kind", "outcome"],
        )
        undelivered = GaugeMetricFamily(
            "cohort_bot_letters_undelivered",
            "Letters that did not arrive, or may not have, until somebody sends them again.",
            labels=["kind", "outcome"],
        )
        many: Counter[tuple[str, LetterState]] = Counter()
        for (kind, state), count in seen.letters.items():
            many[(kind if self._kinds else ALL, state)] += count
        for (kind, state), count in sorted(many.items()):
            if state in _FINAL:
                total.add_metric([kind, state.value], count)
            elif state in _UNDELIVERED:
                undelivered.add_metric([kind, state.value], count)
        queue = GaugeMetricFamily(
            "cohort_bot_letters_queued",
            "Letters on their way: due, for later, in hand, or of a kind not known yet.",
            labels=["state"],
        )
        queue.add_metric(["due"], seen.due)
        queue.add_metric(["later"], seen.later)
        for state in _IN_HAND:
            queue.add_metric([state.value], sum(n for (_k, s), n in many.items() if s is state))
        yield from (total, undelivered, queue)


def _sending(seen: figures.Figures) -> Iterator[GaugeMetricFamily]:
    late = GaugeMetricFamily(
        "cohort_bot_letter_lateness_seconds",
        "From the moment a letter was due until it was sent, in the last hour.",
        labels=["quantile"],
    )
    for share, seconds in sorted(seen.lateness.items()):
        late.add_metric([f"{share / 100:g}"], round(seconds, 3))
    yield late
    yield _gauge("letters_sent_last_hour", "Letters sent in the last hour.", seen.sent_last_hour)
    yield _gauge(
        "slack_sends_last_minute",
        "Messages, edits and Home tabs handed to Slack in the last minute.",
        seen.calls_last_minute,
    )
    rate = GaugeMetricFamily(
        "cohort_bot_slack_calls_per_second",
        "What the bot has learned Slack takes, by method.",
        labels=["method"],
    )
    closed = GaugeMetricFamily(
        "cohort_bot_slack_closed_until_timestamp_seconds",
        "Until when Slack asked to wait, by method; 0: never.",
        labels=["method"],
    )
    for pace in seen.paces:
        rate.add_metric([pace.method], round(pace.rate, 4))
        closed.add_metric([pace.method], _epoch(pace.closed_until))
    yield from (rate, closed)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cohort_bot_{name}", words, value=float(value))


def _epoch(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
