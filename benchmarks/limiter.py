"""How close sending comes to Slack's own speed, on a virtual clock.

C2  Letters to as many people, through the real sender and its bucket, to a Slack that holds the
    stand-in Slack's rates (525 messages a minute, 50 at once). The time is that until the last one
    is stored, beside (letters - burst) / rate; the count of refused calls beside all calls. Once
    with the rate a busy week has taught; once with that rate where Slack takes 15 % fewer than
    that and nobody knew; and, without a goal, from a cold start.
C3  The same for everyone in a large company: how long, and whether any direct message had to be
    opened with a call of its own (those are the slowest).

The clock stands still during a call and moves on to the moment the sender waits for.
"""

from dataclasses import dataclass
from datetime import datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from benchmarks import reminders
from benchmarks.instant import Instant, response
from benchmarks.places import SQLITE, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from bot.clock import MovableClock
from bot.database import Database
from bot.outbox.limiter import LIMITS
from bot.outbox.model import Bucket
from bot.sandbox.rates import Bucket as Allowed
from bot.sandbox.rates import Rates

POST = "chat.postMessage"
RATE, BURST = 525.0, 50
LEARNED = LIMITS[POST].most
UNKNOWN = 0.85 * LEARNED
_COLD = (
    "A fresh installation begins at {start:.0f} a minute and grows by a twentieth a minute; the "
    "rate it learns is kept, so this is paid once."
)


def measure(scale: Scale, places: Places) -> list[Line]:
    """C2 and C3: the clock is virtual, so one round is exact."""
    learned = _Run(scale.sends, places, rate=LEARNED, allowed=RATE)
    unknown = _Run(scale.sends, places, rate=LEARNED, allowed=UNKNOWN)
    cold = _Run(scale.sends, places, rate=None, allowed=RATE)
    company = _Run(scale.people, places, rate=LEARNED, allowed=RATE)
    sends = f"{scale.sends:,} letters"
    return [
        *learned.rows(f"C2 {sends}, learned rate", 1.05),
        *unknown.rows(f"C2 {sends}, Slack takes 15 % fewer than learned", 1.2),
        *cold.rows(f"C2 {sends}, cold start", None),
        _time(f"C3 a letter to each of {scale.people:,} people", company, minutes=20 * _of(scale)),
        Row("C3 direct messages opened for it", company.opened, goal=0, unit=Unit.COUNT),
    ]


def _of(scale: Scale) -> float:
    """Twenty minutes are for ten thousand people."""
    return scale.people / 10_000


def _time(what: str, run: "_Run", *, minutes: float) -> Row:
    note = "The bucket stays 3 % below Slack's rate."
    return Row(what, run.seconds, goal=minutes * 60, unit=Unit.S, note=note)


@dataclass
class _Slack:
    """What it takes, and how often it refused."""

    rates: Rates
    clock: MovableClock
    refused: int = 0
    last: datetime | None = None


class _Limited(Instant):
    """Refuses what comes too fast, as Slack does."""

    def __init__(self, slack: _Slack) -> None:
        super().__init__()
        self._slack = slack

    def api_call(self, api_method: str, **arguments: object) -> SlackResponse:
        asked = arguments.get("json")
        channel = str(asked.get("channel", "")) if isinstance(asked, dict) else ""
        now = self._slack.clock()
        wait = self._slack.rates.retry_after(api_method, None, channel, now)
        if wait:
            self._slack.refused += 1
            answer = {"ok": False, "error": "ratelimited"}
            said = response(self, api_method, answer, 429, **{"Retry-After": str(wait)})
            raise SlackApiError("ratelimited", said)  # type: ignore[no-untyped-call]
        self._slack.last = now
        return super().api_call(api_method, **arguments)


class _Run:
    """Everything sent, on a clock of its own."""

    def __init__(self, letters: int, places: Places, *, rate: float | None, allowed: float) -> None:
        """`rate`: what was learned before, a minute; `allowed`: what Slack takes."""
        db = Database(places.migrated(SQLITE), role="worker")
        start = reminders.MORNING
        clock = MovableClock(start)
        people = reminders.settle(db, letters)
        reminders.fill(db, people, letters, start)
        if rate is not None:
            with db.begin() as session:
                session.add(learned(start, rate))
        slack = _Slack(_rates(allowed), clock)
        client = _Limited(slack)
        sender = reminders.sender(db, client, clock)
        while True:
            sender.drain()
            with db.read() as session:
                upcoming = sender.next_due(session, clock())
            if upcoming is None:
                break
            clock.set(upcoming)
        db.close()
        once = sum(1 for times in client.reached.values() if times == 1)
        if (once, client.calls[POST]) != (letters, letters):
            raise RuntimeError(f"{once} of {letters} letters arrived once")
        self.refused = slack.refused / (slack.refused + letters)
        self.opened = client.calls["conversations.open"]
        self.seconds = ((slack.last or start) - start).total_seconds()
        # Slack's own: what is left after the burst, at its rate; never nothing, in a tiny run.
        self.ideal = max(letters - BURST, 1) * 60 / allowed

    def rows(self, what: str, most: float | None) -> list[Line]:
        """The time beside the shortest possible, and how much was refused."""
        note = "" if most is not None else _COLD.format(start=LIMITS[POST].start)
        what_else = "   of all calls refused with 429"
        return [
            Row(what, self.seconds, self.ideal, "Slack's own", most, Unit.S, note=note),
            Row(what_else, self.refused, goal=None if most is None else 0.01, unit=Unit.SHARE),
        ]


def learned(now: datetime, rate: float = LEARNED) -> Bucket:
    """What a workspace's bucket for messages looks like after a busy week."""
    return Bucket(
        workspace_id=1,
        method=POST,
        tokens=LIMITS[POST].burst,
        filled_at=now,
        rate=rate,
        learned_at=now,
    )


def _rates(a_minute: float) -> Rates:
    rates = Rates()
    rates._workspace = Allowed(a_minute / 60, BURST)
    return rates
