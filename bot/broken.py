"""Requests on which the bot broke: kept whole under the reference the person reads, and handled
once more when somebody has mended what was wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.database import AWAY, Database
from bot.deliveries import AlreadyHandled, BrokenDelivery, Claim, key_of, kind_of
from bot.refusal import Refusal

Json = dict[str, Any]

# What Slack gives for one answer, or as a secret. By the time of a replay none of it works.
_SECRET = frozenset(
    ("token", "bot_access_token", "response_url", "response_urls", "trigger_id", "function_data")
)
_REPLAYED = "replayed"


def keep(
    db: Database,
    now: datetime,
    body: Mapping[str, Any],
    claim: Claim | None,
    reference: str,
    error: Exception,
) -> None:
    """Keep a request under its reference. Raises what SQLAlchemy raises; a stranger's request is
    not kept."""
    key = claim.key if claim is not None else key_of(body)
    if claim is None or key is None:
        return
    with db.begin() as session:
        workspace_id = claim.whose(session)
        if workspace_id is None:
            return
        session.add(
            BrokenDelivery(
                workspace_id=workspace_id,
                reference=reference,
                kind=kind_of(body),
                payload={"key": key, "body": without_secrets(body)},
                error=type(error).__name__[:255],
                at=now,
            )
        )


def without_secrets(part: Any) -> Any:
    """A copy without tokens, addresses for an answer and tickets for a form, and without what no
    database can hold."""
    if isinstance(part, Mapping):
        return {
            _plain(str(name)): without_secrets(value)
            for name, value in part.items()
            if name not in _SECRET
        }
    if isinstance(part, (list, tuple)):
        return [without_secrets(one) for one in part]
    return _plain(part) if isinstance(part, str) else part


def _plain(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def listed(db: Database) -> Sequence[BrokenDelivery]:
    """Everything that is kept, oldest first."""
    with db.read() as session:
        return session.scalars(sa.select(BrokenDelivery).order_by(BrokenDelivery.id)).all()


def line(one: BrokenDelivery) -> str:
    """A kept request in a line: what it was and when, never what it says."""
    done = f", replayed {one.replayed_at:%Y-%m-%d %H:%M}" if one.replayed_at else ""
    return f"{one.reference}  {one.kind:8}  {one.error}, {one.at:%Y-%m-%d %H:%M} UTC{done}"


def replay(
    db: Database, now: datetime, reference: str, again: Callable[[Json, str], Claim]
) -> tuple[bool, str]:
    """Hand a kept request to the app once more, and say in a sentence what came of it; whether
    all is well then."""
    wanted = sa.select(BrokenDelivery).where(BrokenDelivery.reference == reference.upper())
    with db.begin() as session:
        found = session.scalars(wanted).first()
        if found is None:
            return False, f"Nothing is kept under {reference}. `python -m bot replay` lists it."
        kept, reference, done = dict(found.payload), found.reference, found.replayed_at
    if done is not None:
        return False, f"{reference} was replayed already."
    # Marked afterwards: one that is killed on the way is not lost, and what it had saved counts
    # once, as the request's key says.
    claim = again(_whole(kept["body"], kept["key"]), kept["key"])
    well, said = _outcome(reference, claim)
    if claim.wrote or not isinstance(claim.error, AWAY):
        with db.begin() as session:
            over = session.scalars(wanted).one()
            over.replayed_at = now
            if well:
                over.payload = {}  # what somebody wrote is kept no longer than it is needed
    return well, said


def _whole(body: Json, key: str) -> Json:
    """The request with a ticket that opens nothing: nobody looks at a form that comes now."""
    return body if key.startswith("event:") else body | {"trigger_id": _REPLAYED}


def _outcome(reference: str, claim: Claim) -> tuple[bool, str]:
    error = claim.error
    if error is None:
        return True, f"{reference} is done now."
    if isinstance(error, AlreadyHandled):
        return True, f"{reference} had been done meanwhile. Nothing was done again."
    if isinstance(error, Refusal):
        return True, f"{reference} was refused: things have moved on ({type(error).__name__})."
    if claim.reference is not None:
        return False, f"{reference} broke again, and is kept as {claim.reference}."
    if claim.wrote:
        return True, f"{reference} is saved; what it would have shown, nobody waits for any more."
    if isinstance(error, AWAY):
        return False, f"The database was away; {reference} is kept. Try again later."
    return True, f"{reference} would only show something, and nobody waits for that any more."
