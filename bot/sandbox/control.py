"""Faults and the ledger for processes outside: `POST /sandbox/faults`, `GET /sandbox/ledger`.

Only this machine is heard.

    {"do": "storm", "seed": 7, "chances": [
        {"rate": 0.1, "what": "http", "method": "chat.postMessage", "stored": "before"}]}
    {"do": "add", "times": 3, "what": "hang", "method": "chat.postMessage", "seconds": 2}
    {"do": "slow", "seconds": 0.05}
    {"do": "clear"}
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.faults import Chance, Fault, Faults
from bot.sandbox.workspace import Workspace

_HERE = ("127.0.0.1", "::1")
_MOST = 10_000


def routes(ws: Workspace) -> list[Route]:
    """The two addresses for this workspace."""

    async def change(request: Request) -> Response:
        if (refused := _refused(request)) is not None:
            return refused
        try:
            order(ws.faults, await request.json())
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return JSONResponse({"ok": False, "error": "bad_order", "message": str(error)}, 400)
        return JSONResponse({"ok": True})

    async def struck(request: Request) -> Response:
        return _refused(request) or JSONResponse({"ok": True, "struck": dict(ws.faults.struck)})

    async def ledger(request: Request) -> Response:
        after = request.query_params.get("after", "")
        found = ws.ledger.after(int(after) if after.isdigit() else 0, _MOST)
        messages = [{**asdict(one), "at": one.at.isoformat()} for one in found]
        body = {"ok": True, "messages": messages, "calls": ws.ledger.by_method()}
        return _refused(request) or JSONResponse(body)

    return [
        Route("/sandbox/faults", change, methods=["POST"]),
        Route("/sandbox/faults", struck, methods=["GET"]),
        Route("/sandbox/ledger", ledger, methods=["GET"]),
    ]


def order(faults: Faults, given: Mapping[str, Any]) -> None:
    """Do what a process outside asks for. Raises ValueError, TypeError or KeyError when it is
    not readable; nothing has changed then."""
    fields = {name: value for name, value in given.items() if name != "do"}
    match given.get("do"):
        case "add":
            times = int(fields.pop("times", 1))
            faults.add(_fault(fields), times)
        case "storm":
            chances = [Chance(float(one.pop("rate")), _fault(one)) for one in fields["chances"]]
            faults.storm(fields.get("seed", 0), chances)
        case "slow":
            faults.slow(float(fields["seconds"]))
        case "redeliver":
            faults.redeliver(int(fields["times"]))
        case "clear":
            faults.clear()
        case other:
            raise ValueError(f"there is no order {other!r}")


def _fault(given: Mapping[str, Any]) -> Fault:
    known = ("what", "method", "stored", "error", "status", "retry_after", "seconds")
    odd = sorted(set(given) - set(known))
    if odd:
        raise ValueError(f"a fault has no {odd[0]}")
    return Fault(**given)


def _refused(request: Request) -> Response | None:
    if request.client is not None and request.client.host in _HERE:
        return None
    return JSONResponse({"ok": False, "error": "only_from_this_machine"}, 403)
