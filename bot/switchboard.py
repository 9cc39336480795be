"""A Bolt app that finds its listener with one look.

Bolt asks its listeners one after the other whether a request is theirs, some 15 µs each; with a
hundred of them that is longer than most answers take. Listeners registered under an exact id
stand in a table here; patterns, further conditions and everything else stay Bolt's own.
"""

import re
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from slack_bolt import App, Args, BoltRequest, BoltResponse

from bot import shape

Listener = Callable[..., Any]
_ANY = re.compile("")


class Switchboard(App):
    """Registers listeners as any Bolt app does: `app.action("offer.accept")(accept)`."""

    def __init__(self, **settings: Any) -> None:
        """Takes what Bolt's App takes."""
        super().__init__(**settings)
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
        """Answer a request; one that no Slack would send gets as far as being refused."""
        shape.disarm(req.body)
        return super().dispatch(req)

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
