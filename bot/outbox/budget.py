"""When a letter may go: working hours, pauses, and at most so many a day and a week. Pure.

What waits for an opening starts within its first minutes, each person at their own one: a whole
office opens at nine, and Slack takes a few letters a second. A person's minute is always the
same, so that all that waits for them still comes as one message.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.outbox.model import Allowance, Budget, Reader

SPREAD = timedelta(minutes=10)  # after an opening, all letters that waited for it have started


def spread(slack_id: str) -> timedelta:
    """How long after an opening this person's letters start: whole seconds, less than SPREAD."""
    # Not hash(), which differs from one process to the next.
    return timedelta(seconds=zlib.crc32(slack_id.encode()) % int(SPREAD.total_seconds()))


def local_day(at: datetime, zone: str) -> date:
    """The reader's date at a moment."""
    return at.astimezone(ZoneInfo(zone)).date()


def allowed_at(
    budget: Budget,
    reader: Reader,
    sent: list[datetime],
    allowance: Allowance,
    now: datetime,
    *,
    not_after: datetime | None = None,
) -> datetime:
    """The first moment from `now` on at which this reader may get a letter of this budget.

    `sent` holds when counted messages went to this person. A day is the reader's local date, a
    week any seven consecutive local dates. Asked again at that moment, the answer is that moment.
    A letter that makes no sense after `not_after` is not spread beyond it.
    """
    if budget is Budget.NOW:
        return now
    at = reader.next_open(now)
    if budget is Budget.COUNTED:
        if reader.paused_until and reader.paused_until > at:
            at = reader.next_open(reader.paused_until)
        at = _with_room(reader, sent, allowance, at)
    return _spread([reader], at, now, not_after)


def _with_room(
    reader: Reader, sent: list[datetime], allowance: Allowance, at: datetime
) -> datetime:
    """`at`, or the opening of the first later day with room for one more."""
    days = Counter(local_day(moment, reader.zone) for moment in sent)
    # Eight steps always reach a day whose week is empty, if nothing new is sent meanwhile.
    for _step in range(8):
        if _has_room(days, local_day(at, reader.zone), allowance):
            return at
        at = reader.next_working_day(at)
    return at


def _has_room(days: Counter[date], day: date, allowance: Allowance) -> bool:
    week = sum(days[day - timedelta(days=back)] for back in range(7))
    return days[day] < allowance.per_day and week < allowance.per_week


def _spread(
    readers: Sequence[Reader], at: datetime, now: datetime, not_after: datetime | None
) -> datetime:
    """Where a letter waits until `at` because that is when everybody is open: a little later, by
    the first reader. Not where somebody would have closed by then."""
    just_before = at - timedelta(seconds=1)
    if at <= now or all(reader.next_open(just_before) < at for reader in readers):
        return at
    later = at + spread(readers[0].slack_id)
    fits = not_after is None or later <= not_after
    return later if fits and all(reader.next_open(later) == later for reader in readers) else at


def shared_open(
    readers: list[Reader], now: datetime, *, not_after: datetime | None = None
) -> datetime:
    """The first moment from `now` on that suits everyone in a group; the first reader's own
    hours when there is none within two weeks."""
    at = now
    while at < now + timedelta(days=14):
        later = max(reader.next_open(at) for reader in readers)
        if later == at:
            return _spread(readers, at, now, not_after)
        at = later
    return _spread(readers[:1], readers[0].next_open(now), now, not_after)
