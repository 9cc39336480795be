"""A Bolt app that finds its listener with one look.

Bolt asks its listeners one after the other whether a request is theirs, some 15 µs each; with a
hundred of them that is longer than most answers take. Listeners registered under an exact id
stand in a table here; patterns, further conditions and everything else stay Bolt's own.

What Slack delivers twice is answered once and heard once, here where every entrance passes: from
memory while this process remembers, else by the row its first time left in the database.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import signature
from typing import Any

from slack_bolt import App, Args, BoltRequest, BoltResponse

from bot import deliveries, shape
from bot.database import CLAIM
from bot.deliveries import Claim, Deliveries
from bot.flood import Allowance
from bot.recent import Recent

Listener = Callable[..., Any]
_ANY = re.compile("")


class Switchboard(App):
    """Registers listeners as any Bolt app does: `app.action("offer.accept")(accept)`."""

    def __init__(
        self,
        *,
        once: Deliveries | None = None,
        allowance: Allowance | None = None,
        too_many: Callable[[Mapping[str, Any], bool], BoltResponse] | None = None,
        **settings: Any,
    ) -> None:
        """Takes what Bolt's App takes, and `once`, which knows what was handled before. With an
        `allowance` a person's requests beyond it get the answer of `too_many(body, aloud)`."""
        super().__init__(**settings)
        self._once = once
        self._recent: Recent[BoltResponse] = Recent()
        self._allowance = allowance
        self._too_many = too_many
        self._table: dict[tuple[str, str], tuple[Listener, tuple[str, ...]]] = {}
        # In the order of how often they are asked.
        for kind in ("action", "view", "command", "event", "options", "shortcut"):
            getattr(super(), kind)(_ANY, [self._knows(kind)])(self._answer(kind))

    def action(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """A click or choice, by its action id."""
        return self._register("action", constraints, matchers, middleware)

    def view(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """A submitted form, by its callback id."""
        return self._register("view", constraints, matchers, middleware)

    def command(self, command: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """A slash command, by its name."""
        return self._register("command", command, matchers, middleware)

    def event(self, event: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """An event, by its type."""
        return self._register("event", event, matchers, middleware)

    def options(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """The options of a select, by its action id."""
        return self._register("options", constraints, matchers, middleware)

    def shortcut(self, constraints: Any, matchers: Any = None, middleware: Any = None) -> Any:
        """A shortcut, by its callback id."""
        return self._register("shortcut", constraints, matchers, middleware)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a request; one that no Slack would send gets as far as being refused.

        Whoever takes requests from outside has checked their signatures.
        """
        shape.disarm(req.body)
        key = deliveries.key_of(req.body) if self._once else None
        if key is None:
            return self._refused(req.body) or super().dispatch(req)
        return self._recent.answer(key, partial(self._first, req, key)) or BoltResponse(status=200)

    def replay(self, body: dict[str, Any], key: str) -> Claim:
        """Handle a request once more, as if it came again; what came of it."""
        claim = self._claim(key, body)
        self._handle(BoltRequest(body=body, mode="socket_mode"), claim)
        return claim

    @property
    def unsettled(self) -> bool:
        """Whether `settle` has something to do."""
        return self._once is not None and self._once.unsettled

    def settle(self) -> None:
        """What has time until an answer is out; whoever takes requests calls it then."""
        if self._once is not None:
            self._once.settle()

    def _first(self, req: BoltRequest, key: str) -> tuple[BoltResponse, bool]:
        """The answer, and whether it may be given again."""
        if refused := self._refused(req.body):
            return refused, False
        claim = self._claim(key, req.body)
        answer = self._handle(req, claim)
        holds = not claim.failed and answer.status < 500
        if holds and self._once is not None:
            self._once.answered(claim, stored(answer))
        return answer, holds

    def _claim(self, key: str, body: Mapping[str, Any]) -> Claim:
        assert self._once is not None  # noqa: S101 (who has no such memory makes no keys)
        return self._once.claim(key, body)

    def _handle(self, req: BoltRequest, claim: Claim) -> BoltResponse:
        token = CLAIM.set(claim)
        try:
            return super().dispatch(req)
        finally:
            CLAIM.reset(token)

    def _refused(self, body: Mapping[str, Any]) -> BoltResponse | None:
        """An answer without a look at anything, for somebody who asks too much. What Slack tells
        of people is nobody's request, and while somebody types, options are asked for."""
        if self._allowance is None or self._too_many is None:
            return None
        if "event" in body or body.get("type") in ("block_suggestion", "view_closed"):
            return None
        user = body.get("user_id") or body.get("user")
        who = str(user.get("id") if isinstance(user, Mapping) else user)
        if self._allowance.spend(who):
            return None
        return self._too_many(body, self._allowance.tell(who))

    def _register(self, kind: str, wanted: Any, matchers: Any, middleware: Any) -> Any:
        if not isinstance(wanted, str) or matchers or middleware:
            return getattr(super(), kind)(wanted, matchers, middleware)

        def register(listener: Listener) -> Listener:
            if (kind, wanted) in self._table:
                raise ValueError(f"two listeners for the {kind} {wanted}")
            self._table[kind, wanted] = listener, tuple(signature(listener).parameters)
            return listener

        return register

    def _knows(self, kind: str) -> Callable[..., bool]:
        def knows(body: Mapping[str, Any]) -> bool:
            return (kind, _name(kind, body)) in self._table

        return knows

    def _answer(self, kind: str) -> Listener:
        def answer(args: Args) -> Any:
            listener, names = self._table[kind, _name(kind, args.body)]
            known = vars(args) | args.context
            return listener(**{name: known[name] for name in names if name in known})

        return answer


def stored(answer: BoltResponse) -> dict[str, Any]:
    """An answer as it is kept."""
    kind = answer.headers.get("content-type", ["text/plain;charset=utf-8"])
    return {"status": answer.status, "body": answer.body, "type": str(kind[0])}


def restored(kept: Mapping[str, Any] | None) -> BoltResponse:
    """The same answer again; without one, the mildest: received."""
    if kept is None:
        return BoltResponse(status=200)
    headers: dict[str, str | Sequence[str]] = {"content-type": [str(kept["type"])]}
    return BoltResponse(status=int(kept["status"]), body=str(kept["body"]), headers=headers)


def _name(kind: str, body: Mapping[str, Any]) -> str:
    """Under what a request of this kind is registered. Bolt has seen that it is of this kind."""
    if kind == "action":
        return str(body["actions"][0]["action_id"]) if body.get("actions") else ""
    if kind == "view":
        return str(body["view"]["callback_id"])
    if kind == "command":
        return str(body["command"])
    if kind == "event":
        return str(body["event"]["type"])
    if kind == "options":
        return str(body["action_id"]) if "action_id" in body else ""
    return str(body["callback_id"])
