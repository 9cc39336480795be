"""The conversation a message to several people goes to: opened once, and remembered."""

from datetime import datetime

import sqlalchemy as sa
from slack_sdk import WebClient

from bot.database import Database, insert_once
from bot.outbox import call, limiter
from bot.outbox.limiter import Buckets
from bot.outbox.model import Conversation, Letter, LetterState
from bot.outbox.packing import Parcel, finish, put_off
from bot.outbox.post import EDIT

_OPENING = "conversations.open"


def opened(db: Database, slack: WebClient, now: datetime, parcel: Parcel) -> bool:
    """Give a group message its conversation; any other has one. False: one person left, nobody
    to meet, or no conversation can be opened just now. Raises what `call.open_group` raises."""
    letter = parcel.letters[0]
    if not letter.group or letter.kind == EDIT.name:
        return True
    if len(parcel.people) < 2:
        with db.begin() as session:
            gone = session.get_one(Letter, letter.id)
            finish(gone, LetterState.CANCELLED, "one of the two has left Slack")
        return False
    names = ",".join(sorted(parcel.people))
    known = sa.select(Conversation.channel).where(
        Conversation.workspace_id == letter.workspace_id, Conversation.people == names
    )
    with db.read() as session:
        channel = session.scalar(known)
    if channel is None:
        with db.begin() as session:
            if not Buckets(session, now, [_OPENING]).take(letter.workspace_id, _OPENING):
                waiting = session.get_one(Letter, letter.id)
                at = limiter.opens_at(session, now, {_OPENING: 0})
                put_off(waiting, at, "waits for its turn: Slack opens only so many at once")
                return False
        channel = call.open_group(slack, parcel.people)
        with db.begin() as session:
            insert_once(
                session,
                Conversation,
                workspace_id=letter.workspace_id,
                people=names,
                channel=channel,
            )
    parcel.address = channel
    return True
