"""The Web API's front door: token, scopes, rate limits and faults around every method."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bot.clock import monotonic
from bot.sandbox.errors import ApiError

if TYPE_CHECKING:
    from bot.sandbox.faults import Fault
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


@dataclass(frozen=True)
class ApiAnswer:
    """Body, status and headers. Status 0: the connection broke without an answer."""

    body: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


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
    return found


def _answer(ws: "Workspace", name: str, given: Mapping[str, Any], token: str | None) -> ApiAnswer:
    entry = METHODS.get(name)
    if entry is None:
        return _refusal(ws, ApiError("unknown_method", req_method=name))
    fault = ws.faults.strike(name, given)
    if fault and not fault.after_storing:
        return _struck(ws, fault)
    args = Args(given)
    try:
        _admit(ws, entry, token or given.get("token"))
        wait = _wait(ws, name, entry.tier, args.text("channel"))
        if wait:
            return _limited(ws, wait)
        body = {"ok": True, **entry.run(ws, args)}
    except ApiError as refused:
        return _refusal(ws, refused)
    return _struck(ws, fault) if fault else ApiAnswer(body, 200, _headers(ws))


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


def _limited(ws: "Workspace", seconds: int) -> ApiAnswer:
    headers = _headers(ws) | {"Retry-After": str(seconds)}
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
        case "drop":
            return ApiAnswer({"ok": False, "error": "connection_dropped"}, 0, {})
