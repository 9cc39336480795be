"""Concerns: opening and following them, telling coordinators, and who may see which."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox, times
from bot.checkin import confidants
from bot.checkin.model import Knows
from bot.cohort import naming, roster
from bot.cohort.calendar import zone_or
from bot.cohort.model import Cohort, Membership, MembershipState, Person, Role
from bot.concern import evidence
from bot.concern.evidence import ContactWish, Evidence
from bot.concern.messages import AGAIN, CONCERN, NOTE, NUDGE, Shown
from bot.concern.model import Concern, ConcernState, Ending, Level
from bot.concern.signals import B1, B2, CONTACT
from bot.concern.signals import shown as shown_code
from bot.database import insert_once
from bot.outbox import Letter, LetterState
from bot.pairing.model import Pairing
from bot.refusal import NotYours

_CARE = (Level.AMBER, Level.RED)
_STANDS = (LetterState.CLAIMED, LetterState.SENDING, LetterState.SENT)


# ---- what the watch decides


def follow(
    session: Session,
    pairing: Pairing,
    concern: Concern | None,
    level: Level,
    codes: tuple[str, ...],
    about: Evidence,
    *,
    now: datetime,
) -> None:
    """Open, bring up to date or close the pair's concern, as its level says.

    Red, and anybody's wish for contact, reach coordinators at once; amber when the ladder does.
    """
    if level not in _CARE:
        if concern is not None:
            met = max(about.facts.held, default=concern.met_at)
            ending = Ending.MET if met > concern.met_at else Ending.PASSED
            close(session, concern, ending, now=now)
        return
    if concern is None:
        concern = _open(session, pairing, level, codes, about, now)
        if concern is None:
            return
        _tell_home(session, concern, now)
    else:
        _update(session, concern, level, codes, about, now)
    if level is Level.RED or CONTACT in codes:
        announce(session, concern, now=now)


def _open(
    session: Session,
    pairing: Pairing,
    level: Level,
    codes: tuple[str, ...],
    about: Evidence,
    now: datetime,
) -> Concern | None:
    made = insert_once(
        session,
        Concern,
        workspace_id=pairing.workspace_id,
        cohort_id=pairing.cohort_id,
        pairing_id=pairing.id,
        state=ConcernState.OPEN,
        level=level,
        codes=list(codes),
        waiting_since=about.waiting_since,
        met_at=about.waiting_since,
        opened_at=now,
        red_at=now if level is Level.RED else None,
        next_step_at=now,
    )
    return None if made is None else session.get_one(Concern, made)


def _update(
    session: Session,
    concern: Concern,
    level: Level,
    codes: tuple[str, ...],
    about: Evidence,
    now: datetime,
) -> None:
    new_reason = not {shown_code(c) for c in codes} <= {shown_code(c) for c in concern.codes}
    turned_red = level is Level.RED and concern.level is not Level.RED
    wishes = [wish.at for wish in about.wishes]
    asked = [at for at in wishes if concern.announced_at and at > concern.announced_at]
    roused = any(concern.snoozed_at and at > concern.snoozed_at for at in wishes)
    changed = (concern.level, concern.codes) != (level, list(codes)) or bool(asked)
    concern.level = level
    concern.codes = list(codes)
    concern.waiting_since = about.waiting_since
    concern.met_at = max(concern.met_at, about.waiting_since)
    if turned_red:
        concern.red_at = now
    if concern.state is ConcernState.SNOOZED and (new_reason or turned_red or roused):
        concern.state = ConcernState.OPEN
        concern.snoozed_until = None
    # Every morning the days since the last meeting are one more.
    if concern.announced_at is not None and (changed or B1 in codes or B2 in codes):
        outbox.refresh(session, CONCERN, subject=concern.id, now=now)
        if turned_red:
            again(session, concern, "red", of=now, now=now)
        for at in asked:
            again(session, concern, "asked", of=at, now=now)
    if changed:
        _tell_home(session, concern, now)


def close(
    session: Session,
    concern: Concern,
    ending: Ending,
    *,
    now: datetime,
    by: Person | None = None,
    note: str = "",
) -> None:
    """The concern is over: nudges stop, and its message says so."""
    if concern.state is ConcernState.CLEARED:
        return
    concern.state = ConcernState.CLEARED
    concern.ending = ending
    concern.cleared_at = now
    concern.cleared_by = by.id if by else None
    concern.note = note
    concern.next_step_at = None
    for kind in (NUDGE, NOTE, AGAIN):
        outbox.cancel(session, "the concern is over", kind=kind, subject=concern.id)
    outbox.refresh(session, CONCERN, NUDGE, subject=concern.id, now=now)
    _tell_home(session, concern, now)


# ---- telling coordinators


def announce(session: Session, concern: Concern, *, now: datetime) -> None:
    """Put the one living message where coordinators read, once."""
    if concern.announced_at is not None:
        return
    concern.announced_at = now
    told = confidants.of(session, concern.pairing)
    places: list[tuple[str, str | None, int | None]] = [
        (f"person:{person.id}", None, person.id) for person in told.people
    ]
    if told.channel is not None:
        places.append((f"channel:{told.channel}", told.channel, None))
    for place, channel, person_id in places:
        outbox.post(
            session,
            CONCERN,
            key=f"concern:{concern.id}:{place}",
            workspace_id=concern.workspace_id,
            cohort_id=concern.cohort_id,
            channel=channel,
            person_id=person_id,
            subject=concern.id,
            now=now,
        )


def again(session: Session, concern: Concern, news: str, *, of: datetime, now: datetime) -> None:
    """An edit makes no sound: what needs somebody now is also said under the message, once for
    each piece of news (`of`: when it happened)."""
    for above in living(session, concern):
        outbox.post(
            session,
            AGAIN,
            key=f"concern.again:{above.id}:{news}:{of.timestamp():.0f}",
            workspace_id=concern.workspace_id,
            cohort_id=concern.cohort_id,
            channel=above.channel,
            person_id=above.person_id,
            subject=concern.id,
            # A direct message is answered in the conversation Slack opened for it.
            data={"above": above.id, "news": news}
            | ({"channel": above.sent_channel} if above.person_id and above.sent_channel else {}),
            now=now,
        )


def living(session: Session, concern: Concern) -> Sequence[Letter]:
    """The sent copies of the concern's message."""
    return session.scalars(
        sa.select(Letter)
        .where(Letter.kind == CONCERN.name, Letter.subject == concern.id, Letter.state.in_(_STANDS))
        .order_by(Letter.id)
    ).all()


def _tell_home(session: Session, concern: Concern, now: datetime) -> None:
    people = [p.id for p in roster.coordinators(session, concern.cohort)]
    outbox.refresh_home(session, concern.workspace_id, *people, now=now)


# ---- who may see which


def owned(session: Session, concern_id: int, person: Person) -> Concern:
    """A concern this person may act on: they coordinate its cohort and are not in the pair.

    Raises NotYours for everybody and everything else.
    """
    concern = session.scalars(
        sa.select(Concern)
        .join(
            Membership,
            sa.and_(
                Membership.cohort_id == Concern.cohort_id,
                Membership.person_id == person.id,
                Membership.role == Role.COORDINATOR,
                Membership.state == MembershipState.ACTIVE,
            ),
        )
        .where(Concern.id == concern_id, Concern.workspace_id == person.workspace_id)
        .with_for_update(of=Concern, key_share=True)
    ).first()
    if concern is None or person.id in both(concern):
        raise NotYours
    return concern


def locked(session: Session, concern_id: int) -> Concern:
    """A concern as it is now, until the end of the transaction: nobody takes it in between."""
    held = {"of": Concern, "key_share": True}
    return session.get_one(Concern, concern_id, with_for_update=held)


def both(concern: Concern) -> tuple[int, int]:
    """The person ids of the pair."""
    return concern.pairing.intern.person_id, concern.pairing.mentor.person_id


def of_pairing(session: Session, pairing_id: int) -> Concern | None:
    """The pair's concern that is not cleared."""
    return session.scalars(
        sa.select(Concern).where(
            Concern.pairing_id == pairing_id, Concern.state != ConcernState.CLEARED
        )
    ).first()


def open_in(session: Session, cohort_id: int, *, viewer: Person | None = None) -> Sequence[Concern]:
    """Concerns of a cohort that are not cleared, red first, then the oldest.

    For one coordinator (`viewer`) without their own pair; for the channel, which all of them
    read, without any coordinator's pair.
    """
    found = session.scalars(
        sa.select(Concern)
        .where(Concern.cohort_id == cohort_id, Concern.state != ConcernState.CLEARED)
        .order_by(Concern.opened_at, Concern.id)
    ).all()
    if viewer is not None:
        hidden = {viewer.id}
    else:
        hidden = set(
            session.scalars(
                sa.select(Membership.person_id).where(
                    Membership.cohort_id == cohort_id,
                    Membership.role == Role.COORDINATOR,
                    Membership.state == MembershipState.ACTIVE,
                )
            )
        )
    seen = [concern for concern in found if not hidden.intersection(both(concern))]
    return sorted(seen, key=lambda concern: -concern.level.severity)


# ---- as people read it


def shown_in(
    session: Session, cohort: Cohort, *, now: datetime, zone: str, viewer: Person | None = None
) -> list[Shown]:
    """The open concerns of a cohort as rows of a digest, a status or a Home tab read them."""
    found = open_in(session, cohort.id, viewer=viewer)
    wishes = evidence.wishes_of(session, [concern.pairing_id for concern in found])
    return [shown(concern, wishes[concern.pairing_id], now=now, zone=zone) for concern in found]


def shown(concern: Concern, wishes: Iterable[ContactWish], *, now: datetime, zone: str) -> Shown:
    """One concern in words' parts; days and dates as the clocks of `zone` show them."""
    intern, mentor = concern.pairing.intern, concern.pairing.mentor
    cohort_zone = zone_or(concern.cohort.zone, roster.FALLBACK_ZONE)
    who, when = _last_act(concern, zone)
    return Shown(
        id=concern.id,
        level=concern.level,
        state=concern.state,
        intern=naming.full(intern.person),
        mentor=naming.full(mentor.person),
        codes=tuple(dict.fromkeys(shown_code(code) for code in concern.codes)),
        waiting_days=_days(concern.waiting_since, now, cohort_zone),
        has_met=has_met(concern),
        waiting_since=times.spoken_date(concern.waiting_since, zone),
        open_days=_days(concern.opened_at, now, cohort_zone),
        opened=times.spoken_date(concern.opened_at, zone),
        wishes=_wishes(concern, wishes),
        who=who,
        when=when,
        until=times.spoken_date(concern.snoozed_until, zone) if concern.snoozed_until else "",
        ending=concern.ending,
        note=concern.note,
    )


def has_met(concern: Concern) -> bool:
    """Whether the pair waits since a meeting, and not since the introduction."""
    return concern.waiting_since != evidence.introduced_at(concern.pairing)


def _last_act(concern: Concern, zone: str) -> tuple[str, str]:
    """Who brought the concern into its state, and on which day."""
    person, at = {
        ConcernState.TAKEN: (concern.taker, concern.taken_at),
        ConcernState.TALKED: (concern.taker, concern.talked_at),
        ConcernState.SNOOZED: (concern.snoozer, concern.snoozed_at),
        ConcernState.CLEARED: (concern.clearer, concern.cleared_at),
    }.get(concern.state, (None, None))
    return naming.short(person) if person else "", times.spoken_date(at, zone) if at else ""


def _wishes(concern: Concern, wishes: Iterable[ContactWish]) -> tuple[str, ...]:
    """What is asked of coordinators, once each: the same wish in two check-ins is one."""
    if concern.state is ConcernState.CLEARED:
        return ()
    return tuple(dict.fromkeys(_wish(concern, wish) for wish in wishes))


def _wish(concern: Concern, wish: ContactWish) -> str:
    intern, mentor = concern.pairing.intern, concern.pairing.mentor
    mine = intern if wish.membership_id == intern.id else mentor
    other = mentor if mine is intern else intern
    if wish.knows is Knows.COORDINATOR_BOTH:
        return f"{naming.full(mine.person)} asks a coordinator to talk with both."
    return (
        f"{naming.full(mine.person)} asks to talk with a coordinator, alone. "
        f"{naming.short(other.person)} does not know."
    )


def _days(since: datetime, now: datetime, zone: str) -> int:
    tz = ZoneInfo(zone)
    return max((now.astimezone(tz).date() - since.astimezone(tz).date()).days, 0)
