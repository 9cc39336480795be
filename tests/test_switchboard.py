"""The switchboard: every kind of request reaches its listener by one look, as with Bolt's own."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.switchboard import Switchboard

USER = {"id": "U0ANA", "team_id": "T0"}
INTERACTION: dict[str, Any] = {"user": USER, "team": {"id": "T0"}, "trigger_id": "1.2.3"}


def click(action_id: str) -> dict[str, Any]:
    action = {"action_id": action_id, "block_id": "b", "type": "button", "value": "7"}
    where = {"channel": {"id": "D0ANA"}}
    return INTERACTION | where | {"type": "block_actions", "actions": [action]}


def submission(callback_id: str) -> dict[str, Any]:
    view = {"id": "V0", "type": "modal", "callback_id": callback_id, "blocks": []}
    return INTERACTION | {"type": "view_submission", "view": view}


def event(name: str) -> dict[str, Any]:
    told = {"type": name, "user": "U0ANA"}
    return {"type": "event_callback", "team_id": "T0", "event_id": "E0", "event": told}


KINDS: dict[str, Any] = {
    "action": click,
    "view": submission,
    "command": lambda name: {"command": name, "text": "", "team_id": "T0", "user_id": "U0ANA"},
    "event": event,
    "options": lambda name: (
        INTERACTION | {"type": "block_suggestion", "action_id": name, "block_id": "b", "value": ""}
    ),
    "shortcut": lambda name: INTERACTION | {"type": "shortcut", "callback_id": name},
}


def an_app() -> Switchboard:
    return Switchboard(
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id="T0", bot_user_id="U0BOT", bot_token="xoxb-test"
        ),
        process_before_response=True,
        request_verification_enabled=False,
    )


def ask(app: App, payload: dict[str, Any]) -> int:
    body = (
        urlencode(payload)
        if "command" in payload
        else json.dumps(payload)
        if "event" in payload
        else urlencode({"payload": json.dumps(payload)})
    )
    return app.dispatch(BoltRequest(body=body)).status


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_reaches_the_listener_of_its_id_and_no_other(kind: str) -> None:
    app, heard = an_app(), []
    for name in ("one", "two", "three"):
        getattr(app, kind)(name)(lambda ack, name=name: (heard.append(name), ack()))
    assert ask(app, KINDS[kind]("two")) == 200
    assert heard == ["two"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_nobody_listens_to_is_not_found(kind: str) -> None:
    app = an_app()
    getattr(app, kind)("one")(lambda ack: ack())
    assert ask(app, KINDS[kind]("two")) == 404


def test_a_listener_is_given_what_it_names_and_what_the_middleware_put_there() -> None:
    app, given = an_app(), {}

    @app.use
    def hand_over(context: Any, next: Any) -> None:
        context["db"] = "the database"
        next()

    @app.action("offer.accept")
    def accept(ack: Any, body: Any, action: Any, payload: Any, db: Any, client: Any) -> None:
        given.update(body=body, action=action, payload=payload, db=db, client=client)
        ack()

    assert ask(app, click("offer.accept")) == 200
    assert given["db"] == "the database"
    assert given["action"]["value"] == given["payload"]["value"] == "7"
    assert given["body"]["user"] == USER
    assert hasattr(given["client"], "views_open")


def test_what_a_listener_has_a_default_for_may_be_missing() -> None:
    app, given = an_app(), []
    app.action("meeting.plan")(lambda ack, settings="none": (given.append(settings), ack()))
    assert ask(app, click("meeting.plan")) == 200
    assert given == ["none"]


def test_patterns_stay_bolts_own() -> None:
    app, heard = an_app(), []
    app.action("choice.exact")(lambda ack: (heard.append("exact"), ack()))
    app.action(re.compile(r"^choice\."))(lambda ack: (heard.append("pattern"), ack()))
    assert ask(app, click("choice.exact")) == 200
    assert ask(app, click("choice.other")) == 200
    assert heard == ["exact", "pattern"]


def test_two_listeners_for_one_id_are_a_mistake() -> None:
    app = an_app()
    app.action("offer.accept")(lambda ack: ack())
    with pytest.raises(ValueError, match=r"two listeners for the action offer\.accept"):
        app.action("offer.accept")(lambda ack: ack())
    app.view("offer.accept")(lambda ack: ack())


def test_a_hundred_listeners_are_not_asked_one_by_one() -> None:
    class Counted(str):
        asked = 0

        def __eq__(self, other: object) -> bool:
            Counted.asked += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    app = an_app()
    for number in range(100):
        app.action(Counted(f"listener.{number}"))(lambda ack: ack())
    Counted.asked = 0
    assert ask(app, click("listener.99")) == 200
    assert Counted.asked < 10
