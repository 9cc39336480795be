"""All pairs of a cohort for one coordinator, page by page: those that need care come first."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.blocks import SHAPES
from bot.cohort import naming, roster, undelivered
from bot.cohort.model import Cohort, Person, Workspace
from bot.concern import concerns, watch
from bot.concern.messages import Shown, status_reason
from bot.concern.model import Level, PairLevel
from bot.concern.signals import shown as shown_code
from bot.digest import backlog, standing
from bot.digest.backlog import Asked
from bot.meeting import facts as meetings
from bot.outbox.outcome import outcome
from bot.pairing.model import Pairing
from bot.times import spoken_date

PAGE = 10


@dataclass(frozen=True)
class Row:
    """One pair. `concern` is None for a pair that needs nothing."""

    pairing_id: int
    words: str  # mrkdwn
    says: str  # the two, for screen readers
    concern: Shown | None
    coded: bool  # whether the words name a reason's code


@dataclass(frozen=True)
class Page:
    """One page of a cohort's pairs, and what stands below it."""

    cohort_id: int
    rows: tuple[Row, ...]
    page: int
    total: int
    undelivered: int
    lost_to: str  # who should have read the newest undelivered letter, in mrkdwn
    waits: str  # why nothing is sent at all; empty when all is well
    asked: Asked | None  # after an outage, or on a copy: send what waits, or skip it


def page_of(session: Session, cohort: Cohort, viewer: Person, *, page: int, now: datetime) -> Page:
    """The pairs, red first; the viewer's own is left out. A page that has vanished shows the
    last. The number of queries is the same for any number of pairs."""
    levels = watch.levels_now(session, cohort.id)
    for own in standing.own_pairs(session, cohort, viewer):
        levels.pop(own, None)
    order = sorted(levels, key=lambda pairing: (-levels[pairing].severity, pairing))
    page = max(1, min(page, -(-len(order) // PAGE)))
    ids = order[(page - 1) * PAGE : page * PAGE]
    lost, _page, many = undelivered.page_of(session, cohort, 1)
    return Page(
        cohort_id=cohort.id,
        rows=_rows(session, cohort, viewer, ids, levels, now),
        page=page,
        total=len(order),
        undelivered=many,
        lost_to=", ".join(naming.full(person) for person in lost[0].to) if lost else "",
        waits=_why_nothing_goes(session, cohort),
        asked=backlog.asked(session, cohort, viewer, now=now),
    )


def _why_nothing_goes(session: Session, cohort: Cohort) -> str:
    reason = session.get_one(Workspace, cohort.workspace_id).stopped_reason
    return outcome(reason).for_coordinators if reason else ""


def _rows(
    session: Session,
    cohort: Cohort,
    viewer: Person,
    ids: list[int],
    levels: dict[int, Level],
    now: datetime,
) -> tuple[Row, ...]:
    zone = roster.zone_of(viewer, cohort)
    pairs = {p.id: p for p in session.scalars(sa.select(Pairing).where(Pairing.id.in_(ids)))}
    met = meetings.of_pairings(session, ids, now)
    codes = _codes(session, ids)
    found = {
        concern.pairing_id: concerns.shown(concern, (), now=now, zone=zone)
        for concern in concerns.open_in(session, cohort.id, viewer=viewer)
    }
    rows = []
    for pairing_id in ids:
        pair = pairs[pairing_id]
        both = f"{naming.full(pair.intern.person)} and {naming.full(pair.mentor.person)}"
        held = met[pairing_id].held
        last = f"last met {spoken_date(held[-1], zone)}" if held else "not met yet"
        reasons = map(status_reason, codes.get(pairing_id, ()))
        facts = [f"{SHAPES[levels[pairing_id]]} {both}", last, *reasons]
        concern = found.get(pairing_id)
        rows.append(
            Row(
                pairing_id,
                ", ".join(facts) + _who_has_it(concern),
                f"{naming.title(pair.intern.person)} and {naming.title(pair.mentor.person)}",
                concern,
                coded=bool(codes.get(pairing_id)),
            )
        )
    return tuple(rows)


def _codes(session: Session, ids: list[int]) -> dict[int, tuple[str, ...]]:
    """The reason codes of each pair, as coordinators read them."""
    rows = session.execute(
        sa.select(PairLevel.pairing_id, PairLevel.codes).where(
            PairLevel.pairing_id.in_(ids), PairLevel.to_at.is_(None)
        )
    )
    return {
        pairing_id: tuple(dict.fromkeys(shown_code(code) for code in codes))
        for pairing_id, codes in rows
    }


def _who_has_it(concern: Shown | None) -> str:
    if concern is None:
        return ""
    return {
        "taken": f". {concern.who} is contacting them.",
        "talked": f". {concern.who} has talked with them.",
        "snoozed": f". Snoozed until {concern.until}.",
    }.get(concern.state.value, "")
