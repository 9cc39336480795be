"""What Slack delivered to the bot: each command, click, form and event counts once, however often
it arrives; and what could not be handled is kept.

A request that changes something writes a row, in the transaction that makes the change. When
the row is there already, the request was here before: the transaction is undone, and the answer
of the first time is given again.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.clock import Clock, monotonic
from bot.database import AWAY, CLAIM, Base, Database, InWorkspace, insert_once
from bot.logs import get_logger

Json = dict[str, Any]
Body = Mapping[str, Any]

KEPT = timedelta(days=2)
"""How long a request is known again. Slack's last delivery of an event comes after a day."""

BROKEN_KEPT = timedelta(days=14)
"""How long a request on which the bot broke can be handled again."""

_WAIT = 1.0  # seconds for the first one's answer
_LOOK = 0.05
_WAITING = 500  # answers at most that are not stored yet
_TIDY = 3600.0  # seconds between two times of forgetting
_AT_ONCE = 2000  # rows forgotten in one go

log = get_logger(__name__)


class Delivery(InWorkspace, Base):
    """A request that changed something: written in the transaction that made the change."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id", "key"),
        sa.Index("ix_delivery_at", "at"),
    )

    key: Mapped[str] = mapped_column(sa.String(255))  # what makes it the same request
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class BrokenDelivery(InWorkspace, Base):
    """A request on which the bot broke, kept whole so that it can be handled again."""

    __tablename__ = "broken_delivery"
    __table_args__ = (sa.UniqueConstraint("workspace_id", "reference"),)

    reference: Mapped[str] = mapped_column(sa.String(16))  # what the person was told
    kind: Mapped[str] = mapped_column(sa.String(32))
    payload: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(sa.String(255))  # its type, never what somebody wrote
    at: Mapped[datetime]
    replayed_at: Mapped[datetime | None]


class AlreadyHandled(Exception):
    """This very request was here before, and what it changes is saved."""


# ---- what makes two requests the same


def kind_of(body: Body) -> str:
    """event, command, click, form or shortcut; "" for what changes nothing."""
    if "event" in body:
        return "event"
    if "command" in body:
        return "command"
    kinds = {"block_actions": "click", "view_submission": "form", "message_action": "shortcut"}
    kind = str(body.get("type"))
    return "shortcut" if kind == "shortcut" else kinds.get(kind, "")


def key_of(body: Body) -> str | None:
    """The same for every delivery of one request, different for any other; None where nothing
    tells them apart. It is a digest: what a trigger_id is good for stands in no table."""
    kind = kind_of(body)
    mark = _mark_of_event(body) if kind == "event" else body.get("trigger_id")
    if not kind or not mark or not isinstance(mark, str):
        return None
    team, user = body.get("team_id") or body.get("team"), body.get("user_id") or body.get("user")
    whole = "\0".join((_id(team), _id(user), mark)).encode("utf-8", "surrogatepass")
    return f"{kind}:{hashlib.blake2b(whole, digest_size=16).hexdigest()}"


def _mark_of_event(body: Body) -> Any:
    event = body["event"] if isinstance(body["event"], Mapping) else {}
    # Slack has told one message in two events; what the person's client called it is the same.
    said = event.get("client_msg_id") if event.get("type") == "message" else None
    return f"message {said}" if isinstance(said, str) and said else body.get("event_id")


def _id(part: object) -> str:
    return str(part.get("id") if isinstance(part, Mapping) else part)


# ---- one request on its way


class Claim:
    """A request while it is handled. Its first transaction that is committed says so."""

    def __init__(self, deliveries: "Deliveries", key: str, body: Body) -> None:
        self.key = key
        self.kind = key.partition(":")[0]
        self.error: Exception | None = None
        self.reference: str | None = None
        """Under which the bot broke on it."""
        self._deliveries = deliveries
        self._body = body
        self._workspace: int | None = None
        self.wrote = False
        self.failed = False
        """The person reads that it did not work: the next delivery starts anew."""

    @property
    def workspace(self) -> int | None:
        """Whose request was committed."""
        return self._workspace if self.wrote else None

    def whose(self, session: Session) -> int | None:
        """The workspace this request comes from; None for a stranger's."""
        return self._deliveries.whose(session, self._body)

    def enter(self, session: Session) -> None:
        """A transaction begins. Raises AlreadyHandled when this request was here before."""
        if self.wrote:
            return
        self._workspace = self.whose(session)
        if self._workspace is None:
            return  # the roster refuses it
        row = insert_once(
            session,
            Delivery,
            workspace_id=self._workspace,
            key=self.key,
            at=self._deliveries.clock(),
        )
        if row is None:
            raise AlreadyHandled

    def leave(self) -> None:
        """The transaction was committed."""
        self.wrote = self.wrote or self._workspace is not None


class Deliveries:
    """The requests of one app, in the database."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        whose: Callable[[Session, Body], int | None],
        *,
        wait: float = _WAIT,
    ) -> None:
        """`whose` tells the workspace of a request, None for a stranger's; `wait` is how many
        seconds the answer of the first time is waited for."""
        self._db = db
        self.clock = clock
        self.whose = whose
        self._wait = wait
        self._waiting: deque[tuple[int, str, Json]] = deque(maxlen=_WAITING)
        self._tidied: float | None = None
        self._tidying = threading.Lock()

    def claim(self, key: str, body: Body) -> Claim:
        """Begin to handle a request."""
        return Claim(self, key, body)

    # ---- the answer of the first time

    def answered(self, claim: Claim, answer: Json) -> None:
        """Remember what was answered, for whoever brings the same request again: only where an
        answer says more than "received"."""
        if claim.workspace is not None and claim.kind in ("form", "command") and not claim.failed:
            self._waiting.append((claim.workspace, claim.key, answer))

    def earlier(self, claim: Claim) -> Json | None:
        """What was answered the first time; None when nobody can say, even after a short wait:
        the first one is still at work, or ended before it answered."""
        if claim.kind not in ("form", "command"):
            return None
        end, pause = monotonic() + self._wait, threading.Event()
        try:
            while (found := self._stored(claim)) is None and monotonic() < end:
                pause.wait(_LOOK)
        except AWAY:
            return None
        return found

    def _stored(self, claim: Claim) -> Json | None:
        with self._db.read() as session:
            return session.scalar(
                sa.select(Delivery.answer).where(
                    Delivery.key == claim.key,
                    Delivery.workspace_id == claim.whose(session),
                )
            )

    # ---- when nobody waits

    @property
    def unsettled(self) -> bool:
        """Whether `settle` has something to do."""
        return bool(self._waiting) or self._untidy()

    def settle(self) -> None:
        """What has time until the answer is out: store it, and forget what is old."""
        try:
            self._store()
            if self._untidy() and self._tidying.acquire(blocking=False):
                try:
                    self._tidied = monotonic()
                    forget(self._db, self.clock())
                finally:
                    self._tidying.release()
        except (*AWAY, sa.exc.SQLAlchemyError) as error:
            # Without its answer a request is still known: it gets the mildest one.
            log.warning("answers_not_stored", error=type(error).__name__)

    def _store(self) -> None:
        found = []
        while self._waiting:
            try:
                found.append(self._waiting.popleft())
            except IndexError:  # another thread was faster
                break
        if not found:
            return
        with self._db.begin() as session:
            for workspace, key, answer in found:
                session.execute(
                    sa.update(Delivery)
                    .where(Delivery.workspace_id == workspace, Delivery.key == key)
                    .values(answer=answer)
                )

    def _untidy(self) -> bool:
        return self._tidied is None or monotonic() - self._tidied > _TIDY


def current() -> Claim | None:
    """The request this thread is handling."""
    found = CLAIM.get()
    return found if isinstance(found, Claim) else None


def forget(db: Database, now: datetime) -> None:
    """Delete what is older than it may become."""
    with db.begin() as session:
        for table, kept in ((Delivery, KEPT), (BrokenDelivery, BROKEN_KEPT)):
            old = sa.select(table.id).where(table.at < now - kept).limit(_AT_ONCE)
            session.execute(sa.delete(table).where(table.id.in_(old)))
