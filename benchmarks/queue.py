"""The queue, through the outbox's own layer, beside one APScheduler job for each reminder.

Both sides run in this process, on new databases of the same kind (SQLite: a file, WAL; PostgreSQL:
default settings, fsync on), in turn; rates are medians of the rounds. Slack's limits are off.

S1  Letters put with `outbox.post_all`, a hundred in a transaction; `add_job`, scheduler running.
S2  Due letters claimed (people, hours and budgets looked up, packed) and written down as sent, in
    batches of a hundred, with no words and no Slack; APScheduler running due no-op jobs.
S3  Letters due in the same second, through the whole protocol of a worker with four lanes, to a
    client that answers at once: how many arrived, once. APScheduler with its default settings.
S4  Meanwhile somebody's request posts a letter every 10 ms, from the web side's own connection: how
    long its transaction takes; `add_job` while as many jobs fire.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from benchmarks import idle, marks, memory, others, reminders
from benchmarks.instant import Instant
from benchmarks.load import percentile
from benchmarks.ordinary import Ordinary, Outcome
from benchmarks.places import POSTGRES, Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Unit
from benchmarks.timing import seconds
from bot.clock import system_clock
from bot.database import Database
from bot.outbox import Letter, LetterState
from bot.outbox.call import Receipt
from bot.outbox.claiming import Claiming
from bot.outbox.marks import record_sent
from bot.outbox.packing import LEASE

TRANSACTION = 100
LANES = 4
APS = "APScheduler"


def measure(scale: Scale, places: Places) -> list[Line]:
    """S1 to S8, on both kinds of database."""
    found: list[Line] = []
    with reminders.limits_off():
        for kind in places.kinds:
            found += _put(scale, places, kind)
            found += _drained(scale, places, kind)
            found += _at_once(scale, places, kind)
            found += marks.measure(scale, places, kind)
            found += memory.measure(scale, places, kind)
        found += others.measure(scale, places)
    for kind in places.kinds:
        found += idle.measure(scale, places, kind)
    return [*found, *places.missing("the queue on PostgreSQL")]


# ---- S1


def _put(scale: Scale, places: Places, kind: str) -> list[Line]:
    ours, theirs = [], []
    db = Database(places.migrated(kind), role="worker")
    people = reminders.settle(db, scale.letters)
    scheduler = Ordinary(places.empty(kind))
    tomorrow = system_clock() + timedelta(days=1)
    with scheduler.started():
        for turn in range(scale.rounds):
            ours.append(len(people) / seconds(_post_all, db, people, turn))
            theirs.append(scale.jobs / seconds(_add_all, scheduler, tomorrow, scale.jobs))
    db.close()
    figure, reference = median(ours), median(theirs)
    note = (
        "`post_all`, as the check-ins and the thanks go out: a hundred letters in a transaction, "
        "an occasion posted twice left out."
    )
    what = f"S1 letters put, {kind}"
    return [Row(what, figure, reference, APS, 100, Unit.RATE, more=True, note=note)]


def _post_all(db: Database, people: list[int], turn: int) -> None:
    for begin in range(0, len(people), TRANSACTION):
        with db.begin() as session:
            some = people[begin : begin + TRANSACTION]
            reminders.put_all(session, some, str(turn), reminders.MORNING)


def _add_all(scheduler: Ordinary, at: datetime, count: int) -> None:
    for _ in range(count):
        scheduler.add(at)


# ---- S2


@dataclass(frozen=True)
class Drain:
    """How fast letters were taken, and when each was, in seconds after the first look."""

    rate: float
    claimed: list[float]


def drain(db: Database, people: list[int], count: int) -> Drain:
    """Claim and complete `count` letters that have just fallen due."""
    clock = reminders.ticking()
    reminders.clear(db)
    reminders.fill(db, people, count, reminders.MORNING)
    program = reminders.programme(db, Instant(), clock)
    claiming = Claiming(db, clock, program, "benchmark", LEASE)
    claimed: list[float] = []
    begun = time.perf_counter()
    while parcels := claiming.claim().parcels:
        ids = [letter for parcel in parcels for letter in parcel.ids]
        claimed += [time.perf_counter() - begun] * len(ids)
        with db.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(Letter.id.in_(ids))
                .values(state=LetterState.SENDING, marker="benchmark", attempt=1)
            )
            record_sent(session, ids, "benchmark", Receipt("D0", "1.0"), clock())
    taken = time.perf_counter() - begun
    if (sent := reminders.count(db, LetterState.SENT)) != count:
        raise RuntimeError(f"{sent} of {count} letters were drained")
    return Drain(count / taken, claimed)


def _drained(scale: Scale, places: Places, kind: str) -> list[Line]:
    db = Database(places.migrated(kind), role="worker")
    people = reminders.settle(db, scale.letters)
    ours, theirs, late = [], [], []
    for _ in range(scale.rounds):
        drained = drain(db, people, scale.letters)
        ours.append(drained.rate)
        late.append(percentile(drained.claimed, 99))
        theirs.append(Outcome(places.empty(kind), scale.due_jobs, patient=True).rate)
    db.close()
    goal = 10 if kind == POSTGRES else 50
    note = (
        "Each letter is an object: its reader's hours, leave and budget are looked up and its "
        "state changed one row at a time. Slack takes 9 a second."
    )
    return [
        Row(
            f"S2 due letters claimed and completed, {kind}",
            median(ours),
            median(theirs),
            APS,
            goal,
            Unit.RATE,
            more=True,
            note=note,
        ),
        Row(
            f"S8 {scale.letters:,} due at once: due to claim, p99, {kind}",
            median(late),
            goal=1.1,
            unit=Unit.S,
            note="It follows from S2; at Slack's own speed the line below counts.",
        ),
    ]


# ---- S3, S4


def _at_once(scale: Scale, places: Places, kind: str) -> list[Line]:
    url = places.migrated(kind)
    db = Database(url, role="worker")
    people = reminders.settle(db, scale.letters)
    clock = reminders.ticking()
    reminders.fill(db, people, scale.letters, reminders.MORNING)
    slack = Instant()
    sender = reminders.sender(db, slack, clock, lanes=LANES)
    requests = _Requests(url, people[0])
    begun = time.perf_counter()
    with requests:
        # A round ends after some seconds, as in a worker; the next tick goes on.
        while sender.drain():
            pass
    taken = time.perf_counter() - begun
    mine = sum(n for to, n in slack.reached.items() if to != f"U0P{0:06d}")
    once = sum(1 for n in slack.reached.values() if n == 1)
    db.close()
    default = Outcome(places.empty(kind), scale.letters, patient=False)
    patient = Outcome(places.empty(kind), scale.letters, patient=True, add=2)
    # Who asks first waits until all have fired; who asks after that finds the scheduler idle.
    p99, theirs = percentile(requests.taken, 99), max(patient.added)
    everybody = len(people) - 1  # the first is the one who asks meanwhile
    note = "Four lanes write one after the other, in the same process as the request."
    return [
        Row(
            f"S3 of {everybody:,} due at once, arrived once, {kind}",
            min(mine, once) / everybody,
            default.ran / scale.letters,
            f"{APS}, default settings",
            1.0,
            Unit.SHARE,
            more=True,
            absolute=True,
        ),
        Row(f"   sent, every step of the protocol, {kind}", mine / taken, unit=Unit.RATE),
        Row(f"S4 a request that posts meanwhile, p99, {kind}", p99, goal=0.05, note=note),
        Row("", p99, theirs, "add_job", 1 / 150),
    ]


class _Requests:
    """Somebody clicks on and on: each click posts a letter, for tomorrow."""

    def __init__(self, url: str, person: int) -> None:
        self._db = Database(url, role="web")
        self._person = person
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.taken: list[float] = []

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._db.close()

    def _ask(self) -> None:
        tomorrow = reminders.MORNING + timedelta(days=1)
        while not self._over.wait(0.01) or len(self.taken) < 2:
            occasion = f"click:{len(self.taken)}"
            self.taken.append(seconds(self._post, occasion, tomorrow))

    def _post(self, occasion: str, due: datetime) -> None:
        with self._db.begin() as session:
            reminders.put(session, self._person, occasion, due)
