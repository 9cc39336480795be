"""The Web API's front door: token, scopes, rate limits and faults around every method."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bot.clock import monotonic
from bot.sandbox.errors import ApiError

if TYPE_CHECKING:
    from bot.sandbox.faults import Fault
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


Broken = Literal["", "drop", "reset", "cut"]


@dataclass(frozen=True)
class ApiAnswer:
    """Body, status and headers. Status 0: the connection is `broken` instead. An answer may be
    held back for `after` seconds; `late` is the call that takes effect only then."""

    body: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: Broken = ""
    after: float = 0.0
    late: Callable[[], "ApiAnswer"] | None = None


class Args:
    """The arguments of a call, whether they came as JSON or as a form's strings."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str, *, required: bool = False) -> str:
        """A string; "" when absent."""
        value = self._given.get(name)
        if value is None or value == "":
            if required:
                messages = [f"[ERROR] missing required field: {name}"]
                raise ApiError("invalid_arguments", response_metadata={"messages": messages})
            return ""
        return value if isinstance(value, str) else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True for true, "1" and "true"."""
        value = self._given.get(name)
        return default if value is None else value in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self._given.get(name)
        try:
            return default if value in (None, "") else int(str(value))
        except ValueError:
            raise ApiError("invalid_arguments") from None

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structure, given as such or as a JSON string; None when absent. A copy."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        try:
            return json.loads(value if isinstance(value, str) else json.dumps(value))
        except (TypeError, ValueError):
            raise ApiError(error) from None

    def __contains__(self, name: str) -> bool:
        return self._given.get(name) is not None


Bearer = Literal["bot", "app", "anybody"]
Run = Callable[["Workspace", Args], Json]


@dataclass(frozen=True)
class Method:
    """A method: what it does, its rate tier, the scopes of which one is needed, whose token."""

    run: Run
    tier: int | None
    scopes: frozenset[str] = frozenset()
    bearer: Bearer = "bot"


METHODS: dict[str, Method] = {}


def method(
    name: str, *, tier: int | None, scopes: tuple[str, ...] = (), bearer: Bearer = "bot"
) -> Callable[[Run], Run]:
    """Register a function as a Web API method."""

    def register(run: Run) -> Run:
        METHODS[name] = Method(run, tier, frozenset(scopes), bearer)
        return run

    return register


def need(ws: "Workspace", *alternatives: str) -> None:
    """missing_scope unless one of the alternatives was granted."""
    if ws.installation.lacks(frozenset(alternatives)):
        needed = ",".join(alternatives)
        raise ApiError("missing_scope", needed=needed, provided=ws.installation.provided)


def answer(ws: "Workspace", name: str, given: Mapping[str, Any], token: str | None) -> ApiAnswer:
    """Answer a call and log it."""
    start = monotonic()
    with ws.changing():
        found = _answer(ws, name, given, token)
        ws.log.add(
            ws.clock(),
            "from_bot",
            name,
            status=found.status,
            ms=(monotonic() - start) * 1000,
            request=given,
            answer=found.body,
        )
        ws.ledger.called(name, 0 if found.after else found.status)
    return found


def _answer(ws: "Workspace", name: str, given: Mapping[str, Any], token: str | None) -> ApiAnswer:
    entry = METHODS.get(name)
    if entry is None:
        return _refusal(ws, ApiError("unknown_method", req_method=name))
    fault = ws.faults.strike(name, given)
    if fault and fault.what == "hang" and fault.stored == "after":
        return replace(_struck(ws, fault), late=partial(_late, ws, name, given, token))
    if fault and not fault.after_storing:
        return _struck(ws, fault)
    done = _done(ws, name, entry, given, token)
    if fault is None or not done.body.get("ok"):
        return done  # a call that was refused had no effect: the refusal is its answer
    return replace(done, after=fault.seconds) if fault.what == "hang" else _struck(ws, fault)


def _late(ws: "Workspace", name: str, given: Mapping[str, Any], token: str | None) -> ApiAnswer:
    """The call takes effect although nobody may wait for its answer any more."""
    with ws.changing():
        return _done(ws, name, METHODS[name], given, token)


def _done(
    ws: "Workspace", name: str, entry: Method, given: Mapping[str, Any], token: str | None
) -> ApiAnswer:
    """Do what the call asks for; the answer when nothing goes wrong."""
    args = Args(given)
    try:
        _admit(ws, entry, token or given.get("token"))
        wait = _wait(ws, name, entry.tier, args.text("channel"))
        if wait:
            return _limited(ws, wait)
        body = {"ok": True, **entry.run(ws, args)}
    except ApiError as refused:
        return _refusal(ws, refused)
    return ApiAnswer(body, 200, _headers(ws))


def _admit(ws: "Workspace", entry: Method, token: str | None) -> None:
    if entry.bearer == "anybody":
        return
    if not token:
        raise ApiError("not_authed")
    expected, other = ws.bot_token, ws.app_token
    if entry.bearer == "app":
        expected, other = other, expected
    if token == other:
        raise ApiError("not_allowed_token_type")
    if token != expected:
        raise ApiError("invalid_auth")
    if ws.installation.refusal:
        raise ApiError(ws.installation.refusal)
    if entry.scopes:
        need(ws, *sorted(entry.scopes))


def _wait(ws: "Workspace", name: str, tier: int | None, channel: str) -> int:
    if ws.rates is None:
        return 0
    # A person's id and the direct message with them are one channel.
    place = ws.im(channel).id if channel in ws.people else channel
    return ws.rates.retry_after(name, tier, place, ws.clock())


def _headers(ws: "Workspace", **extra: str) -> dict[str, str]:
    headers = {"content-type": "application/json; charset=utf-8"}
    if ws.installation.scopes is not None:
        headers["x-oauth-scopes"] = ws.installation.provided
    return headers | {name.replace("_", "-"): value for name, value in extra.items()}


def _refusal(ws: "Workspace", refused: ApiError) -> ApiAnswer:
    return ApiAnswer({"ok": False, "error": refused.code, **refused.extra}, 200, _headers(ws))


def _limited(ws: "Workspace", retry_after: int | str | None) -> ApiAnswer:
    headers = _headers(ws)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return ApiAnswer({"ok": False, "error": "ratelimited"}, 429, headers)


def _struck(ws: "Workspace", fault: "Fault") -> ApiAnswer:
    match fault.what:
        case "rate_limit":
            return _limited(ws, fault.retry_after)
        case "error":
            return _refusal(ws, ApiError(fault.error))
        case "http":
            body = {"ok": False, "error": "internal_error"}
            return ApiAnswer(body, fault.status, _headers(ws))
        case "hang":
            body = {"ok": False, "error": "request_timeout"}
            return ApiAnswer(body, 504, _headers(ws), after=fault.seconds)
        case "drop" | "reset" | "cut":
            body = {"ok": False, "error": "connection_dropped"}
            return ApiAnswer(body, 0, broken=fault.what)
