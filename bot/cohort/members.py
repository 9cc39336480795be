"""Looking at who is in a cohort: page by page, in numbers, and who has no profile yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot.cohort.model import Cohort, Membership, MembershipState, Person, Role

PAGE = 10  # people on one page of the list


def page_of(session: Session, cohort: Cohort, page: int) -> tuple[Sequence[Membership], int, int]:
    """(people of that page, the page it is, how many people): interns first, then mentors, by
    name. A page that has vanished shows the last one."""
    first = sa.case({Role.INTERN: 0}, value=Membership.role, else_=1)
    here = (
        Membership.cohort_id == cohort.id,
        Membership.state == MembershipState.ACTIVE,
        Membership.role != Role.COORDINATOR,
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(Membership).where(*here)) or 0
    page = max(1, min(page, -(-total // PAGE)))
    person = aliased(Person)
    rows = session.scalars(
        sa.select(Membership)
        .join(person, person.id == Membership.person_id)
        .where(*here)
        .order_by(first, sa.func.lower(person.name), Membership.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    return rows, page, total


def without_profile(session: Session, cohort: Cohort) -> Sequence[Membership]:
    """Interns and mentors who have not written their profile and can still be reached."""
    person = aliased(Person)
    return session.scalars(
        sa.select(Membership)
        .join(person, person.id == Membership.person_id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role != Role.COORDINATOR,
            person.profile_saved_at.is_(None),
            person.left_slack_at.is_(None),
        )
        .order_by(Membership.id)
    ).all()


@dataclass(frozen=True)
class Counts:
    """The people of a cohort in numbers."""

    interns: int
    mentors: int
    interns_without_profile: int
    mentors_without_profile: int

    @property
    def without_profile(self) -> int:
        return self.interns_without_profile + self.mentors_without_profile


def counts(session: Session, cohort: Cohort) -> Counts:
    """How many interns and mentors there are, and how many of them wrote no profile yet."""
    rows = session.execute(
        sa.select(
            Membership.role,
            sa.func.count(),
            sa.func.count().filter(Person.profile_saved_at.is_(None)),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.cohort_id == cohort.id,
            Membership.state == MembershipState.ACTIVE,
            Person.left_slack_at.is_(None),
        )
        .group_by(Membership.role)
    )
    found = {role: (total, bare) for role, total, bare in rows}
    interns, mentors = found.get(Role.INTERN, (0, 0)), found.get(Role.MENTOR, (0, 0))
    return Counts(interns[0], mentors[0], interns[1], mentors[1])
