"""When a letter may go: working hours, pauses, and at most so many a day and a week. Pure."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.outbox.model import Allowance, Budget, Reader


def local_day(at: datetime, zone: str) -> date:
    """The reader's date at a moment."""
    return at.astimezone(ZoneInfo(zone)).date()


def allowed_at(
    budget: Budget, reader: Reader, sent: list[datetime], allowance: Allowance, now: datetime
) -> datetime:
    """The first moment from `now` on at which this reader may get a letter of this budget.

    `sent` holds when counted messages went to this person. A day is the reader's local date, a
    week any seven consecutive local dates.
    """
    if budget is Budget.NOW:
        return now
    at = reader.next_open(now)
    if budget is Budget.HOURS:
        return at
    if reader.paused_until and reader.paused_until > at:
        at = reader.next_open(reader.paused_until)
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


def shared_open(readers: list[Reader], now: datetime) -> datetime:
    """The first moment from `now` on that suits everyone in a group; the first reader's own
    hours when there is none within two weeks."""
    at = now
    while at < now + timedelta(days=14):
        later = max(reader.next_open(at) for reader in readers)
        if later == at:
            return at
        at = later
    return readers[0].next_open(now)
