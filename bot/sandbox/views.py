"""Modals and Home tabs: each person's stack of at most three, hashes, ids that stay."""

from collections.abc import Callable
from typing import Any

from bot.limits import VIEW_BYTES, check_view, view_bytes
from bot.sandbox.errors import ApiError
from bot.sandbox.inputs import values_of

Json = dict[str, Any]
STACK = 3


def snapshot(view: Json) -> Json:
    """A view as it is now: what is typed afterwards does not show in it."""
    values = {block_id: dict(entries) for block_id, entries in view["state"]["values"].items()}
    return {**view, "state": {"values": values}}


_GIVEN = (
    "private_metadata",
    "callback_id",
    "external_id",
    "title",
    "submit",
    "close",
    "clear_on_close",
    "notify_on_close",
)


class Views:
    """What is open on whose screen. Not locked by itself: the workspace's lock guards it."""

    def __init__(
        self,
        frame: Json,
        *,
        next_id: Callable[[str], str],
        new_hash: Callable[[], str],
        name_blocks: Callable[[list[Json]], list[Json]],
    ) -> None:
        self._frame = frame
        self._next_id = next_id
        self._new_hash = new_hash
        self._name_blocks = name_blocks
        self.stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}

    def open(self, user: str, given: Json) -> Json:
        """Open a new modal; what was open before is gone, as behind Slack's own new modal."""
        self.check(given, "modal")
        self._check_external(given)
        view = self._build(given, view_id=self._next_id("V"))
        self.stacks[user] = [view]
        return view

    def push(self, user: str, given: Json) -> Json:
        """Put a modal on top of the person's stack."""
        stack = self.stacks.get(user)
        if not stack:
            raise ApiError("not_found")
        self.check(given, "modal")
        if len(stack) >= STACK:
            raise ApiError("push_limit_reached")
        self._check_external(given)
        view = self._build(given, view_id=self._next_id("V"), below=stack[-1])
        stack.append(view)
        return view

    def update(self, view_id: str | None, external_id: str | None, given: Json, hash_: str) -> Json:
        """Replace an open modal, in place and with its id; typed values stay where ids stay."""
        user, index = self._place(view_id, external_id)
        self.check(given, "modal")
        old = self.stacks[user][index]
        if hash_ and hash_ != old["hash"]:
            raise ApiError("hash_conflict")
        self._check_external(given, but=old["id"])
        view = self._build(given, view_id=old["id"], old=old)
        self.stacks[user][index] = view
        return view

    def publish(self, user: str, given: Json, hash_: str) -> Json:
        """Replace a person's Home tab; its id stays."""
        self.check(given, "home")
        old = self.homes.get(user)
        if hash_ and (old is None or hash_ != old["hash"]):
            raise ApiError("hash_conflict")
        view_id = old["id"] if old else self._next_id("V")
        view = self._build(given, view_id=view_id, old=old)
        self.homes[user] = view
        return view

    def pop(self, user: str, view_id: str) -> None:
        """Close one modal."""
        stack = [view for view in self.stacks.get(user, []) if view["id"] != view_id]
        self.stacks[user] = stack

    def clear(self, user: str) -> None:
        """Close all modals of one person."""
        self.stacks.pop(user, None)

    def find(self, user: str, view_id: str) -> Json | None:
        """The modal or Home tab with this id on that person's screen."""
        home = self.homes.get(user)
        if home and home["id"] == view_id:
            return home
        return next((view for view in self.stacks.get(user, []) if view["id"] == view_id), None)

    @staticmethod
    def check(given: object, kind: str) -> None:
        """Slack's limits; the refusal carries every problem with its pointer."""
        if not isinstance(given, dict):
            raise ApiError("invalid_arguments", response_metadata={"messages": ["view: missing"]})
        if given.get("type") != kind:
            messages = [f"type must be {kind} [json-pointer:/view/type]"]
            raise ApiError("invalid_arguments", response_metadata={"messages": messages})
        if view_bytes(given) > VIEW_BYTES:
            raise ApiError("view_too_large")
        problems = check_view(given)
        if problems:
            messages = [f"[ERROR] {p.message} [json-pointer:/view{p.pointer}]" for p in problems]
            in_blocks = any(problem.pointer.startswith("/blocks") for problem in problems)
            code = "invalid_blocks" if in_blocks else "invalid_arguments"
            raise ApiError(code, response_metadata={"messages": messages})

    def _place(self, view_id: str | None, external_id: str | None) -> tuple[str, int]:
        for user, stack in self.stacks.items():
            for index, view in enumerate(stack):
                if (view_id and view["id"] == view_id) or (
                    external_id and view["external_id"] == external_id
                ):
                    return user, index
        raise ApiError("not_found")

    def _check_external(self, given: Json, but: str | None = None) -> None:
        wanted = given.get("external_id")
        if wanted and any(
            view["external_id"] == wanted and view["id"] != but
            for stack in self.stacks.values()
            for view in stack
        ):
            raise ApiError("duplicate_external_id")

    def _build(
        self, given: Json, *, view_id: str, below: Json | None = None, old: Json | None = None
    ) -> Json:
        blocks = self._name_blocks(given["blocks"])
        view: Json = {
            "id": view_id,
            **self._frame,
            "type": given["type"],
            "blocks": blocks,
            "state": {"values": values_of(blocks, old["state"]["values"] if old else None)},
            "hash": self._new_hash(),
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
        }
        view |= {key: given[key] for key in _GIVEN if given.get(key) is not None}
        if old:
            view["root_view_id"] = old["root_view_id"]
            view["previous_view_id"] = old["previous_view_id"]
        else:
            view["root_view_id"] = below["root_view_id"] if below else view_id
            view["previous_view_id"] = below["id"] if below else None
        return view
