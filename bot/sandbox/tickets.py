"""What an interaction entitles the app to: a trigger_id (once, 3 real seconds) and a
response_url (5 times within 30 minutes of programme time)."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from bot.clock import monotonic
from bot.sandbox.errors import ApiError

TRIGGER_SECONDS = 3.0
RESPONSES = 5
RESPONSE_TIME = timedelta(minutes=30)
KEPT = 2000


@dataclass
class Trigger:
    """Who may be shown a modal, and until when."""

    user: str
    at: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an answer goes, and the message it came from, if it came from one."""

    id: str
    channel: str
    user: str
    issued: datetime
    message_ts: str | None = None
    uses: int = 0


class Tickets:
    """Issues both; the oldest are forgotten."""

    def __init__(self, seconds: float = TRIGGER_SECONDS) -> None:
        """`seconds` of real time a trigger lives."""
        self.seconds = seconds
        self._triggers: OrderedDict[str, Trigger] = OrderedDict()
        self._responses: OrderedDict[str, ResponseUrl] = OrderedDict()
        self._count = 0

    def trigger(self, user: str) -> str:
        """A new trigger_id, valid from now."""
        self._count += 1
        trigger_id = f"{self._count}.{id(self) % 10**9}.{token_hex(8)}"
        self._triggers[trigger_id] = Trigger(user, monotonic())
        while len(self._triggers) > KEPT:
            self._triggers.popitem(last=False)
        return trigger_id

    def look(self, trigger_id: str) -> Trigger:
        """The trigger, if it may still be used; `use` afterwards."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if monotonic() - trigger.at > self.seconds:
            raise ApiError("expired_trigger_id")
        return trigger

    def respond(self, channel: str, user: str, now: datetime, message_ts: str | None = None) -> str:
        """The id of a new response_url."""
        response_id = token_hex(12)
        self._responses[response_id] = ResponseUrl(response_id, channel, user, now, message_ts)
        while len(self._responses) > KEPT:
            self._responses.popitem(last=False)
        return response_id

    def spend(self, response_id: str, now: datetime) -> ResponseUrl:
        """Use a response_url once more."""
        found = self._responses.get(response_id)
        if found is None:
            raise ApiError("invalid_url")
        if now - found.issued > RESPONSE_TIME:
            raise ApiError("expired_url")
        if found.uses >= RESPONSES:
            raise ApiError("used_url")
        found.uses += 1
        return found
