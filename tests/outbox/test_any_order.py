"""A letter's life in any order: two workers take any step at any time, crash at any step, lose
answers and leases; Slack fails before and after it has stored a message.

Whatever happens, no letter stands in Slack twice, and when peace returns every letter has ended:
sent and in Slack once, or told to somebody.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot import outbox
from bot.clock import MovableClock, system_clock
from bot.database import Database
from bot.outbox import Letter, LetterState, call
from bot.outbox.marks import record_sent
from bot.outbox.outcome import Then
from bot.outbox.packing import Parcel
from bot.outbox.sender import Sender
from tests.outbox.test_sender import HELLO, NOTE, Post

OVER = (LetterState.SENT, LetterState.CANCELLED, LetterState.FAILED, LetterState.UNKNOWN)
POST = "chat.postMessage"
PEOPLE = ("U0ANA", "U0BEN")
workers = st.integers(0, 1)


@dataclass
class Hand:
    """What one worker holds in memory: gone when it crashes."""

    sender: Sender
    claimed: list[Parcel] = field(default_factory=list)
    started: list[tuple[Parcel, str]] = field(default_factory=list)
    answered: list[tuple[Parcel, str, call.Receipt]] = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """Two workers, two readers, and everything that can go wrong between them."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        path = self.folder / "letters.sqlite3"
        shutil.copy(self.template, path)
        self.clock = MovableClock(datetime(2026, 6, 1, 7, 0, tzinfo=UTC))
        self.post = Post(Database(f"sqlite:///{path}", role="worker"), self.clock)
        self.hands = [Hand(self._a_sender()) for _ in range(2)]
        self.count = self.markers = 0
        self.told: set[str] = set()

    def _a_sender(self) -> Sender:
        return Sender(
            self.post.db,
            self.post.slack.client(),
            self.clock,
            self.post.program,
            still_coming=timedelta(0),
        )

    def teardown(self) -> None:
        if not hasattr(self, "post"):
            return
        self._peace()
        self.post.db.close()
        shutil.rmtree(self.folder)

    # ---- what a worker does, one step at a time

    @rule(kind=st.sampled_from((NOTE, HELLO)), to=st.sampled_from(PEOPLE))
    def write(self, kind: outbox.Kind, to: str) -> None:
        self.count += 1
        self.post.put(kind, f"letter {self.count}", to=to, subject=self.count)

    @rule(who=workers, steps=st.integers(1, 4))
    def work(self, who: int, steps: int) -> None:
        """The next steps of whatever this worker has in hand: claim, start, call, write down."""
        for _ in range(steps):
            self._step(self.hands[who])

    def _step(self, hand: Hand) -> None:
        if hand.answered:
            self._write_down(hand)
        elif hand.started:
            self._ask_slack(hand)
        elif hand.claimed:
            self._start(hand)
        else:
            hand.claimed += hand.sender.claiming.claim().parcels

    @rule(who=workers)
    def take_another(self, who: int) -> None:
        """A second lane starts beside what is on its way."""
        if self.hands[who].claimed:
            self._start(self.hands[who])

    def _start(self, hand: Hand) -> None:
        self.markers += 1
        parcel, marker = hand.claimed.pop(0), f"marker {self.markers}"
        if hand.sender._start(parcel, marker):
            hand.started.append((parcel, marker))

    def _ask_slack(self, hand: Hand) -> None:
        """The call itself. One whose lease is over is not made: the client looks at its deadline
        at the last moment."""
        parcel, marker = hand.started.pop(0)
        try:
            if self._too_late(parcel, marker):
                raise call.Refused("too_late", Then.RETRY, call.SHORTLY)
            hand.answered.append((parcel, marker, hand.sender._call(parcel, marker)))
        except call.Refused as refused:
            hand.sender._refused(parcel, refused)

    def _write_down(self, hand: Hand) -> None:
        parcel, marker, receipt = hand.answered.pop(0)
        with self.post.db.begin() as session:
            record_sent(session, parcel.ids, marker, receipt, self.clock())
        self.told.update(str(letter.subject) for letter in parcel.letters)

    @rule(who=workers, error=st.sampled_from(("", "missing_scope", "internal_error")))
    def recover(self, who: int, error: str) -> None:
        """Settle what is unclear; with an `error` histories cannot be read just now."""
        if error:
            self.post.slack.faults.error("conversations.history", error)
        self.hands[who].sender._recovery.run()

    @rule(who=workers)
    def release(self, who: int) -> None:
        """SIGTERM: what was only claimed goes back."""
        self.hands[who].sender.release()
        self.hands[who].claimed.clear()

    # ---- what goes wrong

    @rule(who=workers)
    def crash(self, who: int) -> None:
        """kill -9: everything in memory is gone, the rows stay as they are."""
        self.hands[who] = Hand(self._a_sender())

    @rule()
    def leases_end(self) -> None:
        """A minute passes in which nobody says that they live: crashed, or frozen."""
        with self.post.db.begin() as session:
            session.execute(
                sa.update(Letter)
                .where(Letter.lease_until.is_not(None))
                .values(lease_until=system_clock() - timedelta(seconds=1))
            )

    @rule(seconds=st.sampled_from((3, 60, 86_400)))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    @rule(who=workers, how=st.sampled_from(("cut", "503", "429")), stored=st.booleans())
    def deliver_badly(self, who: int, how: str, stored: bool) -> None:
        """Slack fails at the next call, before or after it has stored the message."""
        if how == "cut":
            self.post.slack.faults.drop(POST, after_storing=stored)
        elif how == "503":
            self.post.slack.faults.http(POST, status=503, after_storing=stored)
        else:
            self.post.slack.faults.rate_limit(POST, retry_after=5)
        for _ in range(3):
            self._step(self.hands[who])

    # ---- what must hold

    @invariant()
    def nothing_stands_in_slack_twice(self) -> None:
        if hasattr(self, "post"):
            said = self.seen()
            assert len(said) == len(set(said)), said

    def seen(self) -> list[str]:
        """The number of every letter that stands in somebody's direct messages."""
        return [
            words.split()[1]
            for name in PEOPLE
            for message in self.post.slack.seat(name).dm
            for words in message.texts().replace("*", "").split("\n")
            if words.startswith("Hello ")
        ]

    def _too_late(self, parcel: Parcel, marker: str) -> bool:
        with self.post.db.read() as session:
            return not session.scalar(
                sa.select(sa.func.count()).where(
                    Letter.id.in_(parcel.ids),
                    Letter.marker == marker,
                    Letter.state == LetterState.SENDING,
                    Letter.lease_until > system_clock(),
                )
            )

    def _peace(self) -> None:
        """Nothing fails any more; whoever was at work is gone, and one new worker goes on."""
        self.post.slack.faults.clear()
        self.leases_end()
        worker = self._a_sender()
        for _day in range(30):
            worker.drain()
            with self.post.db.read() as session:
                at = worker.next_due(session, self.clock())
            if at is None:
                break
            self.clock.set(at)
        with self.post.db.read() as session:
            letters = list(session.scalars(sa.select(Letter)))
        assert [x.key for x in letters if x.state not in OVER] == []
        standing = sorted(self.seen(), key=int)
        sent = {str(x.subject) for x in letters if x.state is LetterState.SENT}
        unknown = {str(x.subject) for x in letters if x.state is LetterState.UNKNOWN}
        failed = {x.subject for x in letters if x.state is LetterState.FAILED and x.attempt < 6}
        assert len(standing) == len(set(standing))
        assert sent <= set(standing), "it says sent, and nobody got it"
        assert set(standing) <= sent | unknown, "it stands there, and nobody knows"
        assert not failed, "given up too soon"
        assert self.told <= sent, "the answer came, late or not, and nobody noted it"


def test_no_order_of_steps_and_crashes_loses_a_letter_or_sends_it_twice(
    migrated_sqlite: Path,
) -> None:
    Lives.template = migrated_sqlite
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=120,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
