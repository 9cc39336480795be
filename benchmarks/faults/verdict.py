"""The workspace's ledger against what the database says."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

import sqlalchemy as sa

from benchmarks.faults.kinds import KIND, numbers_in
from bot.database import Database
from bot.outbox import Letter, LetterState
from bot.sandbox.ledger import Ledger

FINAL = (LetterState.SENT, LetterState.CANCELLED, LetterState.FAILED, LetterState.UNKNOWN)
SLACK_SECONDS = 2.0  # beside the lease, for taking over what a dead sender held


@dataclass(frozen=True)
class Recovered:
    """How long it took, in seconds, until what one dead worker held was taken over."""

    passed: float
    at_work: float  # without what passed, after the lease, with no worker that could do it


@dataclass
class Verdict:
    """What came of one run."""

    store: str
    design: str
    sends: int = 0
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    unknown: int = 0
    failed: int = 0
    looked_up: int = 0
    recoveries: list[Recovered] = field(default_factory=list)
    lease: float = 0.0
    most_unknown: int = 0
    calls: int = 0
    limited: int = 0
    clicks: int = 0
    seconds: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    stories: list[str] = field(default_factory=list)  # of letters that met no good end

    @property
    def recovery(self) -> float:
        """The longest with a worker at work, in seconds."""
        return max((one.at_work for one in self.recoveries), default=0.0)

    def missed(self) -> list[str]:
        """The goals that were not met, in words; none is good."""
        if self.design != "cohort-bot":
            bites = self.lost + self.duplicated > 0
            return [] if bites else [f"{self.store}: the reference lost and doubled nothing"]
        found = [f"{self.store}: {what}" for what in self.wrong]
        counts = {"lost": self.lost, "duplicated": self.duplicated, "failed": self.failed}
        found += [f"{self.store}: {count} {name}" for name, count in counts.items() if count]
        if self.unknown > self.most_unknown:
            found.append(f"{self.store}: {self.unknown} unknown, at most {self.most_unknown}")
        if self.recovery > self.lease + SLACK_SECONDS:
            found.append(
                f"{self.store}: recovery took {self.recovery:.1f} s, lease {self.lease:g} s"
            )
        return found


def count_ledger(verdict: Verdict, ledger: Ledger) -> Counter[int]:
    """Note calls; returns how often each letter stands in the workspace."""
    times = Counter(n for message in ledger.after(0) for n in numbers_in(message.text))
    verdict.delivered = len(times)
    verdict.duplicated = sum(1 for count in times.values() if count > 1)
    verdict.calls = ledger.calls()
    verdict.limited = ledger.calls(status=429)
    verdict.looked_up = ledger.calls("conversations.history", 200)
    return times


def judge(
    verdict: Verdict, database: Database, ledger: Ledger, acknowledged: set[int] | None = None
) -> None:
    """Hold every letter against the ledger. Lost is one that ended in no state, or that is said
    to be sent and is not there; and a click that was acknowledged and left none."""
    times = count_ledger(verdict, ledger)
    with database.read() as session:
        rows = session.execute(
            sa.select(Letter.id, Letter.state, Letter.key, Letter.reason).where(
                Letter.kind == KIND.name
            )
        ).all()
    verdict.sends = len(rows)
    keys = {key for _id, _state, key, _reason in rows}
    gone = [n for n in acknowledged or () if f"click:{n}" not in keys]
    untold = [i for i, state, _k, _r in rows if state is LetterState.SENT and not times[i]]
    open_ends = [i for i, state, _k, _r in rows if state not in FINAL]
    verdict.lost = len(gone) + len(untold) + len(open_ends)
    verdict.unknown = sum(1 for _i, state, _k, _r in rows if state is LetterState.UNKNOWN)
    verdict.failed = sum(
        1 for _i, state, _k, _r in rows if state in (LetterState.FAILED, LetterState.CANCELLED)
    )
    for what, letters in (
        ("said to be sent and not there", untold),
        ("without an end", open_ends),
        ("sent twice", [i for i, count in times.items() if count > 1]),
    ):
        verdict.stories += [
            f"letter {number} {what}: {_story(database, ledger, number)}" for number in letters[:5]
        ]
    verdict.stories += [f"click {number} was acknowledged and left nothing" for number in gone[:5]]


def _story(database: Database, ledger: Ledger, number: int) -> str:
    """What is known of one letter."""
    with database.read() as session:
        one = session.get_one(Letter, number)
    stored = [
        f"stored {message.at:%H:%M:%S.%f} as {message.metadata.get('key')}"
        for message in ledger.after(0)
        if number in numbers_in(message.text)
    ]
    return (
        f"{one.state}, attempt {one.attempt}, marker {one.marker}, last sending {one.sending_at}, "
        f"{one.reason!r}; {'; '.join(stored)}"
    )


def judge_usual(verdict: Verdict, ledger: Ledger, sends: int) -> None:
    """The same for the reference, which keeps no record of its own."""
    count_ledger(verdict, ledger)
    verdict.sends = sends
    verdict.lost = sends - verdict.delivered


def table(verdicts: list[Verdict]) -> str:
    """One column for each run."""
    lines = [
        ("", *(f"{v.store}, {v.design}" for v in verdicts)),
        ("sends", *(f"{v.sends:,}" for v in verdicts)),
        ("delivered", *(f"{v.delivered:,}" for v in verdicts)),
        ("lost", *(_of(v.lost, v.sends) for v in verdicts)),
        ("duplicated", *(_of(v.duplicated, v.sends) for v in verdicts)),
        ("unknown, listed", *(_ours(v, f"{v.unknown} (≤ {v.most_unknown})") for v in verdicts)),
        ("failed or cancelled", *(_ours(v, str(v.failed)) for v in verdicts)),
        ("looked up", *(_ours(v, f"{v.looked_up:,}") for v in verdicts)),
        ("recovery after kill -9", *(_ours(v, _usually(v)) for v in verdicts)),
        ("longest, with a worker at work", *(_ours(v, _longest(v)) for v in verdicts)),
        ("longest, whatever was away", *(_ours(v, _longest_of_all(v)) for v in verdicts)),
        ("calls", *(f"{v.calls:,}" for v in verdicts)),
        ("of them 429", *(f"{v.limited:,}" for v in verdicts)),
        ("clicks, each sent 2 or 3 times", *(_ours(v, f"{v.clicks:,}") for v in verdicts)),
        ("kill -9", *(str(v.happened["kill"]) for v in verdicts)),
        ("SIGTERM", *(str(v.happened["term"]) for v in verdicts)),
        ("frozen beyond the lease", *(str(v.happened["freeze"]) for v in verdicts)),
        ("database away", *(str(v.happened["database"]) for v in verdicts)),
        ("faults of Slack's", *(f"{sum(v.struck.values()):,}" for v in verdicts)),
        ("seconds", *(f"{v.seconds:.0f}" for v in verdicts)),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([shown[0], "-" * max(map(len, shown)), *shown[1:]])


def _of(count: int, sends: int) -> str:
    return f"{count:,} ({count / sends:.1%})" if count and sends else str(count)


def _ours(verdict: Verdict, shown: str) -> str:
    return shown if verdict.design == "cohort-bot" else "-"


def _usually(verdict: Verdict) -> str:
    if not verdict.recoveries:
        return "-"
    return f"{median(one.passed for one in verdict.recoveries):.1f} s, the median"


def _longest(verdict: Verdict) -> str:
    if not verdict.recoveries:
        return "-"
    return f"{verdict.recovery:.1f} s, {verdict.recovery / verdict.lease:.2f} leases"


def _longest_of_all(verdict: Verdict) -> str:
    longest = max((one.passed for one in verdict.recoveries), default=None)
    return "-" if longest is None else f"{longest:.1f} s"
