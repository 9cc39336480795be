"""Modals as a person uses them: what is typed, what is submitted, what an answer does."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App

from bot.sandbox.seat import Seat
from tests.sandbox.shapes import (
    actions,
    button,
    input_block,
    modal,
    options,
    section,
    text_input,
)

Json = dict[str, Any]


EVERY_INPUT = [
    text_input("text", initial_value="hello"),
    input_block("number", {"type": "number_input", "is_decimal_allowed": False}),
    input_block("mail", {"type": "email_text_input"}, optional=True),
    input_block("link", {"type": "url_text_input"}, optional=True),
    input_block("one", {"type": "static_select", "options": options("a", "b")}),
    input_block(
        "radio",
        {
            "type": "radio_buttons",
            "options": options("x", "y"),
            "initial_option": options("y")[0],
        },
    ),
    input_block("boxes", {"type": "checkboxes", "options": options("p", "q")}, optional=True),
    input_block("many", {"type": "multi_static_select", "options": options("m", "n")}),
    input_block("who", {"type": "users_select", "initial_user": "U0BEN"}),
    input_block("people", {"type": "multi_users_select"}),
    input_block("day", {"type": "datepicker"}),
    input_block("time", {"type": "timepicker", "timezone": "Europe/Berlin"}),
    input_block("moment", {"type": "datetimepicker"}),
    section(
        "Extra",
        {"type": "static_select", "action_id": "extra", "options": options("a")},
        block_id="extra",
    ),
]


def test_a_submission_has_the_state_of_every_input(
    show: Callable[[Json], Json], ana: Seat, submissions: list[Json]
) -> None:
    show(modal(*EVERY_INPUT, private_metadata="kept"))
    outcome = ana.submit(
        {
            "number": "3",
            "one": "b",
            "many": ["m", "n"],
            "people": ["U0BEN", "U0CAT"],
            "day": "2026-06-16",
            "time": "15:30",
            "moment": 1781620200,
        }
    )
    assert outcome.result == "closed", outcome
    view = submissions[0]["view"]
    values = {
        block: entries["it"]
        for block, entries in view["state"]["values"].items()
        if "it" in entries
    }
    assert view["private_metadata"] == "kept"
    assert values["text"] == {"type": "plain_text_input", "value": "hello"}
    assert values["number"]["value"] == "3"
    assert values["mail"]["value"] is None
    assert values["one"]["selected_option"] == options("b")[0]
    assert values["radio"]["selected_option"] == options("y")[0]
    assert values["boxes"]["selected_options"] == []
    assert [option["value"] for option in values["many"]["selected_options"]] == ["m", "n"]
    assert values["who"]["selected_user"] == "U0BEN"
    assert values["people"]["selected_users"] == ["U0BEN", "U0CAT"]
    assert values["day"]["selected_date"] == "2026-06-16"
    assert values["time"]["selected_time"] == "15:30"
    assert values["time"]["timezone"] == "Europe/Berlin"
    assert values["moment"]["selected_date_time"] == 1781620200
    assert view["state"]["values"]["extra"]["extra"]["selected_option"] is None
    assert ana.modal is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nobody", "x"),
        ("one", "z"),
        ("who", "U0NOBODY"),
        ("day", "31.12."),
        ("time", "25:00"),
        ("moment", "soon"),
        ("text", "x" * 3001),
    ],
)
def test_slacks_client_does_not_let_a_person_enter_what_is_not_offered(
    show: Callable[[Json], Json], ana: Seat, name: str, value: object
) -> None:
    show(modal(*EVERY_INPUT))
    with pytest.raises(LookupError):
        ana.fill({name: value})


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (text_input("it"), ""),
        (text_input("it", min_length=5), "abc"),
        (input_block("it", {"type": "email_text_input"}), "not an address"),
        (input_block("it", {"type": "url_text_input"}), "somewhere"),
        (input_block("it", {"type": "number_input", "is_decimal_allowed": False}), "2.5"),
        (input_block("it", {"type": "number_input", "is_decimal_allowed": True}), "two"),
        (
            input_block(
                "it", {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}
            ),
            "10",
        ),
        (input_block("it", {"type": "multi_users_select"}), []),
    ],
)
def test_required_and_ill_shaped_fields_stop_a_submission_before_the_app_hears(
    show: Callable[[Json], Json], ana: Seat, submissions: list[Json], block: Json, value: object
) -> None:
    show(modal(block))
    outcome = ana.submit({"it": value})
    assert outcome.result == "errors"
    assert list(outcome.errors) == ["it"]
    assert submissions == []


def test_errors_stand_at_input_blocks_only(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    answers = [{"name": "Too short."}, {"note": "Not an input."}]
    app.view("form")(lambda ack: ack(response_action="errors", errors=answers.pop(0)))
    show(modal(text_input("name"), section("note", block_id="note")))
    assert ana.submit({"name": "A"}).errors == {"name": "Too short."}
    outcome = ana.submit()
    assert outcome.result == "failed"
    assert "trouble connecting" in ana.notices[-1]
    assert ana.modal is not None


def test_an_update_keeps_the_id_and_what_was_typed_under_the_same_ids(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    following = modal(
        text_input("name", initial_value="new"), text_input("fresh", initial_value="new")
    )
    app.view("form")(lambda ack: ack(response_action="update", view=following))
    before = show(modal(text_input("name"), text_input("old", initial_value="x")))
    assert ana.submit({"name": "typed"}).result == "updated"
    after = ana.modal
    assert after is not None
    assert after["id"] == before["id"]
    assert after["hash"] != before["hash"]
    assert after["state"]["values"]["name"]["it"]["value"] == "typed"
    assert after["state"]["values"]["fresh"]["it"]["value"] == "new"
    assert "old" not in after["state"]["values"]


def test_pushed_modals_know_their_root_and_a_fourth_is_refused(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    app.view("form")(lambda ack: ack(response_action="push", view=modal()))
    root = show(modal())
    assert ana.submit({"name": "1"}).result == "pushed"
    assert ana.submit({"name": "2"}).result == "pushed"
    top = ana.modal
    assert top is not None
    assert top["root_view_id"] == root["id"]
    assert top["previous_view_id"] == ana.modals[1]["id"]
    outcome = ana.submit({"name": "3"})
    assert outcome.result == "failed"
    assert outcome.error == "push_limit_reached"


def test_an_empty_answer_closes_one_modal_and_clear_closes_all(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    answers: list[dict[str, Any]] = [
        {"response_action": "push", "view": modal()},
        {},
        {"response_action": "push", "view": modal()},
        {"response_action": "clear"},
    ]
    app.view("form")(lambda ack: ack(**answers.pop(0)))
    show(modal())
    ana.submit({"name": "x"})
    assert ana.submit({"name": "x"}).result == "closed"
    assert len(ana.modals) == 1
    ana.submit()
    assert ana.submit({"name": "x"}).result == "cleared"
    assert ana.modals == []


def test_views_push_goes_on_top_from_a_click_inside_a_modal(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    @app.action("more")
    def more(ack, body, client) -> None:
        client.views_push(trigger_id=body["trigger_id"], view=modal())
        ack()

    view = show(modal(actions(button("more"))))
    assert ana.click(view, "more").ok
    assert len(ana.modals) == 2


def test_a_click_in_a_view_has_the_view_and_no_response_url(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    seen: dict[str, Any] = {}

    @app.action("more")
    def more(ack, body) -> None:
        seen.update(body)
        ack()

    view = show(modal(text_input("name"), actions(button("more"))))
    ana.fill(name="typed")
    ana.click(view, "more")
    assert seen["container"] == {"type": "view", "view_id": view["id"]}
    assert seen["view"]["state"]["values"]["name"]["it"]["value"] == "typed"
    assert seen["view"]["type"] == "modal"
    assert not {"response_url", "channel", "message"} & set(seen)


def test_an_input_tells_the_app_only_when_its_block_dispatches(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    seen: list[Any] = []

    @app.action("it")
    def changed(ack, action) -> None:
        seen.append(action["value"])
        ack()

    show(
        modal(
            text_input("quiet"),
            input_block("loud", {"type": "plain_text_input"}, dispatch_action=True),
        )
    )
    ana.fill(quiet="a", loud="b")
    assert seen == ["b"]


def test_cancel_tells_the_app_where_it_asked_and_leaves_out_the_inputs(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    seen: list[Json] = []

    @app.view_closed("form")
    def closed(ack, body) -> None:
        seen.append(body)
        ack()

    show(modal())
    ana.close()
    assert seen == []
    picker = section("s", {"type": "datepicker", "action_id": "d"}, block_id="picker")
    show(modal(text_input("name"), picker, notify_on_close=True))
    ana.close()
    assert seen[0]["is_cleared"] is False
    assert set(seen[0]["view"]["state"]["values"]) == {"picker"}
    assert "trigger_id" not in seen[0]


def test_the_x_closes_all_and_names_the_root(
    app: App, show: Callable[[Json], Json], ana: Seat
) -> None:
    seen: list[Json] = []

    @app.view_closed("form")
    def closed(ack, body) -> None:
        seen.append(body)
        ack()

    app.view("form")(lambda ack: ack(response_action="push", view=modal()))
    root = show(modal(notify_on_close=True))
    ana.submit({"name": "x"})
    ana.close(clear=True)
    assert seen[0]["is_cleared"] is True
    assert seen[0]["view"]["id"] == root["id"]
    assert ana.modals == []


def test_external_options_are_asked_for_and_can_be_chosen(
    app: App, show: Callable[[Json], Json], ana: Seat, submissions: list[Json]
) -> None:
    app.options("it")(lambda ack, payload: ack(options=options(payload["value"])))
    show(modal(input_block("pick", {"type": "external_select", "min_query_length": 2})))
    assert ana.modal is not None
    assert ana.suggest(ana.modal, "it", "r").options == []
    assert ana.suggest(ana.modal, "it", "rust").options == options("rust")
    with pytest.raises(LookupError):
        ana.fill(pick="python")
    ana.submit({"pick": "rust"})
    chosen = submissions[0]["view"]["state"]["values"]["pick"]["it"]["selected_option"]
    assert chosen["value"] == "rust"
