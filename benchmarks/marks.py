"""S5: the mark that makes a send safe against a crash.

The step of the sender between claim and call, for one letter at a time on one lane: lock the row,
make sure it is still ours, render it, mark it as being sent, commit. Beside the 114 ms that Slack
allows for each message (525 a minute), of which it may take one hundredth.
"""

from itertools import islice
from statistics import median

from benchmarks import reminders
from benchmarks.instant import Instant
from benchmarks.places import Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row
from benchmarks.timing import seconds
from bot.database import Database

SLACKS_OWN = 60 / 525


def measure(scale: Scale, places: Places, kind: str) -> list[Line]:
    """The median of all marks, in all rounds."""
    db = Database(places.migrated(kind), role="worker")
    people = reminders.settle(db, scale.letters)
    taken: list[float] = []
    for _ in range(scale.rounds):
        clock = reminders.ticking()
        reminders.clear(db)
        reminders.fill(db, people, min(scale.marks, len(people)), reminders.MORNING)
        sender = reminders.sender(db, Instant(), clock)
        while parcels := sender.claiming.claim().parcels:
            for number, parcel in enumerate(islice(parcels, scale.marks)):
                # The step itself, as `drain` makes it for each parcel.
                taken.append(seconds(sender._start, parcel, f"mark-{number}"))
    db.close()
    figure = median(taken)
    note = f"A worker makes {1 / figure:,.0f} marks a second; Slack takes 9 messages."
    what = f"S5 crash-safe send mark, {kind}"
    return [Row(what, figure, SLACKS_OWN, "Slack's own", 0.01, note=note)]
