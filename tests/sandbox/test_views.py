"""views.*: hashes, ids, refused views and Home tabs."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk.errors import SlackApiError

from bot.sandbox.seat import Seat
from bot.sandbox.workspace import Workspace
from tests.sandbox.shapes import actions, button, home, modal, plain, section

Json = dict[str, Any]


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_a_stale_hash_is_a_conflict(ws: Workspace, show: Callable[[Json], Json]) -> None:
    view = show(modal())
    client = ws.client()
    client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    stale = lambda: client.views_update(view_id=view["id"], hash=view["hash"], view=modal())  # noqa: E731
    assert error_of(stale) == "hash_conflict"


def test_an_external_id_finds_a_view_and_is_given_once(
    ws: Workspace, show: Callable[[Json], Json], ana: Seat
) -> None:
    show(modal(external_id="mine"))
    ws.client().views_update(external_id="mine", view=modal(section("New"), external_id="mine"))
    assert ana.modal is not None
    assert ana.modal["blocks"][0]["text"]["text"] == "New"
    assert (
        error_of(lambda: ws.client().views_update(external_id="other", view=modal())) == "not_found"
    )


def test_a_closed_modal_cannot_be_updated_or_submitted(
    ws: Workspace, show: Callable[[Json], Json], ana: Seat
) -> None:
    view = show(modal())
    ana.close()
    assert (
        error_of(lambda: ws.client().views_update(view_id=view["id"], view=modal())) == "not_found"
    )
    with pytest.raises(LookupError):
        ana.submit()


def test_a_refused_view_names_every_problem(ws: Workspace, app: App, ana: Seat) -> None:
    refused: list[Json] = []

    @app.command("/form")
    def form(ack, body, client) -> None:
        for view in (modal({"type": "sparkles"}), modal(title=plain("x" * 25))):
            try:
                client.views_open(trigger_id=body["trigger_id"], view=view)
            except SlackApiError as error:
                refused.append(error.response.data)
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack()

    ana.command("/form")
    assert [one["error"] for one in refused] == ["invalid_blocks", "invalid_arguments"]
    assert "[json-pointer:/view/blocks/0/type]" in refused[0]["response_metadata"]["messages"][0]
    # A refused view does not use the trigger up.
    assert ana.modal is not None


def test_a_home_tab_is_published_on_opening_and_keeps_its_id(
    ws: Workspace, app: App, ana: Seat
) -> None:
    opened: list[Json] = []

    @app.event("app_home_opened")
    def publish(event, client) -> None:
        opened.append(event)
        client.views_publish(user_id=event["user"], view=home(section("Hello")))

    assert ana.home is None
    first = ana.open_home()
    second = ana.open_home()
    assert first is not None
    assert second is not None
    assert second["id"] == first["id"]
    assert opened[0]["tab"] == "home"
    assert "view" not in opened[0]
    assert opened[1]["view"]["id"] == first["id"]
    publish_stale = lambda: ws.client().views_publish(  # noqa: E731
        user_id="U0ANA", hash=first["hash"], view=home()
    )
    assert error_of(publish_stale) == "hash_conflict"


def test_a_home_tab_can_be_clicked(ws: Workspace, app: App, ana: Seat) -> None:
    seen: list[Json] = []

    @app.action("go")
    def go(ack, body) -> None:
        seen.append(body)
        ack()

    ws.client().views_publish(user_id="U0ANA", view=home(actions(button("go"))))
    assert ana.home is not None
    ana.click(ana.home, "go")
    assert seen[0]["view"]["type"] == "home"
    assert "response_url" not in seen[0]
