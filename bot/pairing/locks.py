"""The order in which a pairing's rows are locked, so that two at once wait and never deadlock.

Mentor, then intern, then offers, then requests. On SQLite the writer is alone anyway.

`key_share`, here and wherever else rows are locked: rows that only point at a locked one (a
letter to this mentor, an offer for this request) are written without waiting. Without it every
letter would be one more lock, in no order at all.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.cohort.model import Membership, Person
from bot.pairing.model import Request


def mentor(session: Session, person_id: int) -> Person:
    """The mentor's row as it is now, until the end of the transaction."""
    return session.scalars(
        sa.select(Person)
        .where(Person.id == person_id)
        .with_for_update(of=Person, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def intern(session: Session, membership_id: int) -> Membership:
    """The intern's row as it is now, until the end of the transaction."""
    return session.scalars(
        sa.select(Membership)
        .where(Membership.id == membership_id)
        .with_for_update(of=Membership, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def request(session: Session, request_id: int) -> Request:
    """The request's row as it is now, until the end of the transaction."""
    return session.scalars(
        sa.select(Request)
        .where(Request.id == request_id)
        .with_for_update(of=Request, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def changed(result: object) -> bool:
    """Whether a conditional UPDATE found its row."""
    return bool(getattr(result, "rowcount", 0))
