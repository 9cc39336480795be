"""Who is in a cohort: adding people, removing them, and "not this time"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot import outbox
from bot.blocks import escape
from bot.cohort import members, messages
from bot.cohort.model import Cohort, CohortState, Membership, MembershipState, Person, Role
from bot.database import insert_once
from bot.refusal import NotYours, Refusal

# Somebody was named whom the bot has not met: Slack is asked about them next.
LOOK_UP_NOW = datetime(2000, 1, 1, tzinfo=UTC)


class CohortEnded(Refusal):
    """{cohort} ended on {day}. Start a new one with `/cohort new`."""


class LastCoordinator(Refusal):
    """A cohort needs a coordinator. Add somebody else first."""


class LeftOut(StrEnum):
    """Why somebody was not added."""

    ALREADY = "already"
    INTERN_HERE = "intern here"
    MENTOR_HERE = "mentor here"
    COORDINATOR_HERE = "coordinator here"
    BOT = "bot"
    GONE = "gone"


@dataclass
class Enrolment:
    """What came of adding people."""

    added: list[Person] = field(default_factory=list)
    left_out: list[tuple[Person, LeftOut]] = field(default_factory=list)

    def with_more(self, other: "Enrolment") -> "Enrolment":
        """Both together."""
        return Enrolment([*self.added, *other.added], [*self.left_out, *other.left_out])


def enrol(
    session: Session,
    cohort: Cohort,
    slack_ids: Iterable[str],
    role: Role,
    *,
    by: Person | None,
    now: datetime,
) -> Enrolment:
    """Give these people a place in the cohort, at any time of the programme.

    Bots, people who left Slack, people who have this place already and people whose place
    forbids it (an intern has no other role) are left out, each with the reason. Everybody added
    gets one welcome letter, except who added themselves.
    """
    # Two coordinators adding the same person as intern and as mentor: one after the other.
    session.execute(
        sa.select(Cohort.id).where(Cohort.id == cohort.id).with_for_update(key_share=True)
    )
    persons = _persons(session, cohort.workspace_id, list(dict.fromkeys(slack_ids)))
    roles = _roles(session, cohort, [person.id for person in persons])
    result = Enrolment()
    for person in persons:
        why = _why_not(person, role, roles.get(person.id, set()))
        if why is not None:
            result.left_out.append((person, why))
            continue
        _place(session, cohort, person, role, by=by, now=now)
        roles.setdefault(person.id, set()).add(role)
        result.added.append(person)
    return result


def _persons(session: Session, workspace_id: int, slack_ids: Sequence[str]) -> list[Person]:
    """Rows for these people, made where there are none, in the given order."""
    wanted = sa.select(Person).where(
        Person.workspace_id == workspace_id, Person.slack_id.in_(slack_ids)
    )
    known = {person.slack_id for person in session.scalars(wanted)}
    for slack_id in slack_ids:
        if slack_id not in known:
            insert_once(
                session,
                Person,
                workspace_id=workspace_id,
                slack_id=slack_id,
                name="",
                look_up_at=LOOK_UP_NOW,
            )
    found = {person.slack_id: person for person in session.scalars(wanted)}
    return [found[slack_id] for slack_id in slack_ids]


def _roles(session: Session, cohort: Cohort, person_ids: Sequence[int]) -> dict[int, set[Role]]:
    rows = session.execute(
        sa.select(Membership.person_id, Membership.role).where(
            Membership.cohort_id == cohort.id,
            Membership.person_id.in_(person_ids),
            Membership.state == MembershipState.ACTIVE,
        )
    )
    found: dict[int, set[Role]] = {}
    for person_id, role in rows:
        found.setdefault(person_id, set()).add(role)
    return found


def _why_not(person: Person, role: Role, has: set[Role]) -> LeftOut | None:
    if person.is_bot:
        return LeftOut.BOT
    if person.left_slack_at is not None:
        return LeftOut.GONE
    if role in has:
        return LeftOut.ALREADY
    if Role.INTERN in has:
        return LeftOut.INTERN_HERE
    if role is Role.INTERN and has:
        return LeftOut.MENTOR_HERE if Role.MENTOR in has else LeftOut.COORDINATOR_HERE
    return None


def _place(
    session: Session,
    cohort: Cohort,
    person: Person,
    role: Role,
    *,
    by: Person | None,
    now: datetime,
) -> None:
    """Make the membership, or wake the one they had, and write the welcome letter."""
    added_by = by.id if by else None
    again = {"state": MembershipState.ACTIVE, "joined_at": now, "added_by": added_by}
    made = insert_once(
        session,
        Membership,
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        person_id=person.id,
        role=role,
        goals=[],
        note="",
        thanks_skipped=0,
        **again,
    )
    if made is None:
        made = session.execute(
            sa.update(Membership)
            .where(
                Membership.cohort_id == cohort.id,
                Membership.person_id == person.id,
                Membership.role == role,
            )
            .values(**again, left_at=None)
            .returning(Membership.id)
        ).scalar_one()
    if by is None or by.id != person.id:
        outbox.post(
            session,
            messages.WELCOMES[role],
            key=f"welcome:{made}:{int(now.timestamp())}",
            workspace_id=cohort.workspace_id,
            person_id=person.id,
            subject=made,
            cohort_id=cohort.id,
            now=now,
        )
    refresh_home(session, person, now=now)


# ---- leaving


def owned(session: Session, membership_id: int, person: Person) -> Membership:
    """This person's own membership, left or not. Raises NotYours."""
    found = _membership(session, membership_id, person.workspace_id)
    if found is None or found.person_id != person.id:
        raise NotYours
    return found


def for_coordinator(session: Session, membership_id: int, by: Person) -> Membership:
    """Somebody's membership, for a coordinator of that cohort. Raises NotYours."""
    found = _membership(session, membership_id, by.workspace_id)
    if found is None or not coordinates(session, by, found.cohort_id):
        raise NotYours
    return found


def coordinates(session: Session, person: Person, cohort_id: int) -> bool:
    """Whether this person coordinates that cohort."""
    return (
        session.scalar(
            sa.select(Membership.id).where(
                Membership.cohort_id == cohort_id,
                Membership.person_id == person.id,
                Membership.role == Role.COORDINATOR,
                Membership.state == MembershipState.ACTIVE,
            )
        )
        is not None
    )


def _membership(session: Session, membership_id: int, workspace_id: int) -> Membership | None:
    return session.scalars(
        sa.select(Membership).where(
            Membership.id == membership_id, Membership.workspace_id == workspace_id
        )
    ).first()


def remove(session: Session, membership: Membership, *, now: datetime) -> bool:
    """A coordinator takes somebody out: no more letters of this cohort. False when they were
    out already. What they leave behind (a request, a pairing) is closed by whoever owns it."""
    if membership.role is Role.COORDINATOR and _is_last_coordinator(session, membership):
        raise LastCoordinator
    return _take_out(session, membership, now=now)


def decline(session: Session, membership: Membership, *, now: datetime) -> bool:
    """ "Not this time": the person leaves by themselves; the coordinators' channel hears that,
    not why. Saying it twice is harmless."""
    if membership.role is Role.COORDINATOR:
        raise NotYours
    if not _take_out(session, membership, now=now):
        return False
    tell_channel(session, messages.LEFT_LINE, membership, now=now)
    return True


def leave_out(session: Session, person: Person, *, now: datetime) -> None:
    """Somebody was added before Slack told about them, and cannot take part (a bot, an account
    that is off): they leave every cohort, and the coordinators' channels hear it."""
    places = sa.select(Membership).where(
        Membership.person_id == person.id, Membership.state == MembershipState.ACTIVE
    )
    for membership in session.scalars(places).all():
        if _take_out(session, membership, now=now):
            tell_channel(session, messages.NOT_ADDED_LINE, membership, now=now)


def tell_channel(
    session: Session, kind: outbox.Kind, membership: Membership, *, now: datetime
) -> None:
    """One line about a member in the coordinators' channel."""
    outbox.post(
        session,
        kind,
        key=f"{kind.name}:{membership.id}:{int(now.timestamp())}",
        workspace_id=membership.workspace_id,
        channel=membership.cohort.channel,
        subject=membership.id,
        cohort_id=membership.cohort_id,
        now=now,
    )


def _is_last_coordinator(session: Session, membership: Membership) -> bool:
    others = sa.select(sa.func.count()).where(
        Membership.cohort_id == membership.cohort_id,
        Membership.role == Role.COORDINATOR,
        Membership.state == MembershipState.ACTIVE,
        Membership.id != membership.id,
    )
    return membership.state is MembershipState.ACTIVE and session.scalar(others) == 0


def _take_out(session: Session, membership: Membership, *, now: datetime) -> bool:
    done = session.execute(
        sa.update(Membership)
        .where(Membership.id == membership.id, Membership.state == MembershipState.ACTIVE)
        .values(state=MembershipState.LEFT, left_at=now)
        .returning(Membership.id)
    ).scalar()
    if done is None:
        return False
    session.refresh(membership)
    if not _has_other_place(session, membership):
        outbox.cancel(
            session,
            "no longer in the cohort",
            person_id=membership.person_id,
            cohort_id=membership.cohort_id,
        )
    for kind in messages.WELCOMES.values():
        outbox.cancel(session, "no longer in the cohort", kind=kind, subject=membership.id)
    outbox.refresh(session, *messages.WELCOMES.values(), subject=membership.id, now=now)
    refresh_home(session, membership.person, now=now)
    return True


def _has_other_place(session: Session, membership: Membership) -> bool:
    """Whether they are still in this cohort with another role (a coordinator may also mentor)."""
    return bool(
        session.scalar(
            sa.select(sa.func.count()).where(
                Membership.cohort_id == membership.cohort_id,
                Membership.person_id == membership.person_id,
                Membership.id != membership.id,
                Membership.state == MembershipState.ACTIVE,
            )
        )
    )


def refresh_home(session: Session, person: Person, *, now: datetime) -> None:
    """Publish this person's Home tab anew, if they have ever opened it."""
    if person.home_opened_at is not None:
        outbox.refresh_home(session, person.workspace_id, person.id, now=now)


# ---- the profile, as far as the roster cares


def profile_saved(session: Session, person: Person, *, now: datetime) -> None:
    """A profile was written: the welcome letter asks no more, and no reminder follows."""
    for membership_id in session.scalars(
        sa.select(Membership.id).where(Membership.person_id == person.id)
    ):
        outbox.refresh(session, *messages.WELCOMES.values(), subject=membership_id, now=now)
        outbox.cancel(
            session, "the profile is there", kind=messages.PROFILE_REMINDER, subject=membership_id
        )


def remind_of_profile(session: Session, membership: Membership, *, now: datetime) -> bool:
    """Ask once more for the profile; at most once in seven days. False: not needed, or asked
    lately."""
    person = membership.person
    if person.profile_saved_at is not None or membership.state is not MembershipState.ACTIVE:
        return False
    if membership.role is Role.COORDINATOR or person.left_slack_at is not None:
        return False
    last = outbox.latest(session, messages.PROFILE_REMINDER, membership.id)
    if last is not None and last.created_at > now - messages.REMINDER_GAP:
        return False
    outbox.post(
        session,
        messages.PROFILE_REMINDER,
        key=f"profile-reminder:{membership.id}:{int(now.timestamp())}",
        workspace_id=membership.workspace_id,
        person_id=person.id,
        subject=membership.id,
        cohort_id=membership.cohort_id,
        now=now,
    )
    return True


def remind_everybody(session: Session, cohort: Cohort, *, now: datetime) -> int:
    """The same for all without a profile; how many are reminded."""
    bare = members.without_profile(session, cohort)
    return sum(remind_of_profile(session, place, now=now) for place in bare)


def require_open(cohort: Cohort, day: str) -> None:
    """Raises CohortEnded for a cohort that is over; `day` is when, in words."""
    if cohort.state is CohortState.ENDED:
        raise CohortEnded(cohort=escape(cohort.name), day=day)
