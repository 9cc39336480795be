"""Somebody who presses whatever opens something and changes nothing, and looks inside."""

from typing import Any

from bot.sandbox.conversations import Message, elements
from bot.sandbox.seat import Seat

Json = dict[str, Any]

# What only opens something, or answers the one who pressed: pressing it changes nothing.
OPENERS = {
    *("check_in.answer", "check_in.who", "check_in.where", "concern.clear", "console.open"),
    *("digest.preview", "cohort.new", "help.open", "meeting.move", "meeting.plan"),
    *("meeting.summary", "action.later", "mentorship.open", "offer.decline", "offer.see"),
    *("pairing.byhand", "pairing.kit", "people.open", "people.next", "people.previous"),
    *("profile.open", "profile.back", "request.open", "request.choose", "choice.back"),
    *("settings.open", "settings.topic", "status.open", "status.next", "status.previous"),
    *("thanks.open", "thanks.write", "thanks.back"),
    *("undelivered.open", "undelivered.next", "undelivered.previous"),
}
# Options of menus that only open something.
OPENING = {"why", "profile", "leave", "help", "end", "undo", "clear", "decline"}


class Curious:
    """Opens each thing once, until told to forget what has been seen."""

    def __init__(self) -> None:
        self._pressed: set[tuple[str, str, str]] = set()

    def forget(self) -> None:
        """Everything is worth another look."""
        self._pressed.clear()

    def open(self, seat: Seat, where: Any) -> None:
        """Press each kind of opener once per person and kind of place, and look inside."""
        if where is None or len(seat.modals) > 2:
            return
        blocks = where.blocks if isinstance(where, Message) else where["blocks"]
        place = "message" if isinstance(where, Message) else where["callback_id"] or where["type"]
        for block, element in list(elements(blocks)):
            for value in _openings(element):
                choice = "" if element["type"] == "button" else value.split(".")[0]
                pressed = (seat.id, place, f"{element['action_id']}:{choice}")
                if pressed in self._pressed:
                    continue
                self._pressed.add(pressed)
                open_before = {view["id"]: view["hash"] for view in seat.modals}
                outcome = seat.click(where, element["action_id"], value or None, block["block_id"])
                assert outcome.ok, (pressed, outcome.says)
                top = seat.modal
                if top is not None and open_before.get(top["id"]) != top["hash"]:
                    self.open(seat, top)
                while seat.modal and seat.modal["id"] not in open_before:
                    seat.close()
                if open_before.get(seat.modal["id"] if seat.modal else "") != (
                    seat.modal["hash"] if seat.modal else None
                ):
                    return  # it was drawn anew


def _openings(element: Json) -> list[str]:
    """The values to press: of a button its own, of a menu each option that only opens."""
    if element["type"] == "overflow":
        values = [str(o["value"]) for o in element["options"]]
        return [value for value in values if value.split(".")[0] in OPENING]
    if element.get("action_id") not in OPENERS:
        return []
    if element["type"] == "button":
        return [str(element.get("value", ""))]
    if element["type"] == "static_select":
        return [str(o["value"]) for o in element["options"]]
    return []
