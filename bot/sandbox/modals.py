"""Submitting and closing modals, and what the app's answer to a submission does."""

from typing import TYPE_CHECKING, Any

from bot.sandbox import payloads
from bot.sandbox.acts import failure
from bot.sandbox.delivery import Answer
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.inputs import problems_on_submit
from bot.sandbox.outcome import Outcome, Result
from bot.sandbox.people import Person

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"


def submit(ws: "Workspace", person: Person, view_id: str) -> Outcome:
    """Press the submit button. Required and ill-shaped fields stop it before the app hears."""
    with ws.changing():
        view = ws.views.find(person.id, view_id)
        if view is None or view["type"] != "modal":
            raise Refused("This modal is not open any more.")
        # A modal without inputs may have a submit too; without one there is nothing to press.
        if not view.get("submit"):
            raise Refused("This modal has no submit button.")
        errors = problems_on_submit(view["blocks"], view["state"]["values"])
        if errors:
            return Outcome(False, "errors", "Please check the fields.", None, "errors", errors)
        payload = payloads.view_submission(ws, person, view)
    answer = ws.send("interactive", f"view_submission {view['callback_id']}", payload)
    if not answer.ok:
        return _trouble(ws, person, failure(answer), answer)
    try:
        return _follow(ws, person, view_id, answer)
    except ApiError as refused:
        return _trouble(ws, person, refused.code, answer, str(refused.extra or ""))


def _trouble(
    ws: "Workspace", person: Person, error: str, answer: Answer, detail: str = ""
) -> Outcome:
    says = f"{TROUBLE} ({error})" + (f" {detail}" if detail else "")
    ws.notice(person.id, says)
    return Outcome(False, error, TROUBLE, None, "failed", answer=answer)


def _follow(ws: "Workspace", person: Person, view_id: str, answer: Answer) -> Outcome:
    body = answer.json()
    if body is None and answer.body.strip():
        raise ApiError("invalid_response_action", body=answer.body[:200])
    action = (body or {}).get("response_action")
    with ws.changing():
        if action == "errors":
            errors = _field_errors(ws, person, view_id, (body or {}).get("errors"))
            return Outcome(False, "errors", "", None, "errors", errors, answer=answer)
        result = _apply(ws, person, view_id, action, body or {})
    return Outcome(True, result=result, answer=answer)


def _apply(ws: "Workspace", person: Person, view_id: str, action: object, body: Json) -> Result:
    match action:
        case None:
            ws.views.pop(person.id, view_id)
            return "closed"
        case "clear":
            ws.views.clear(person.id)
            return "cleared"
        case "update":
            ws.views.update(view_id, None, body.get("view"), "")  # type: ignore[arg-type]
            return "updated"
        case "push":
            ws.views.push(person.id, body.get("view"))  # type: ignore[arg-type]
            return "pushed"
    raise ApiError("invalid_response_action", response_action=action)


def _field_errors(ws: "Workspace", person: Person, view_id: str, errors: object) -> dict[str, str]:
    view = ws.views.find(person.id, view_id)
    inputs = {
        block["block_id"]
        for block in (view or {"blocks": []})["blocks"]
        if block["type"] == "input"
    }
    if not isinstance(errors, dict) or not errors:
        raise ApiError("invalid_errors")
    if strangers := set(errors) - inputs:
        raise ApiError("invalid_errors", not_input_blocks=sorted(strangers))
    return errors


def close(ws: "Workspace", person: Person, view_id: str, *, clear: bool = False) -> Outcome:
    """Cancel one modal, or with `clear` (the x in the corner) the whole stack. The app hears
    of it where the view asked for it: of the root when all went."""
    with ws.changing():
        stack = ws.views.stacks.get(person.id) or []
        view = next((one for one in stack if one["id"] == view_id), None)
        if view is None:
            raise Refused("This modal is not open any more.")
        clear = clear or view["clear_on_close"]
        told = stack[0] if clear else view
        payload = payloads.view_closed(ws, person, told, cleared=clear)
        if clear:
            ws.views.clear(person.id)
        else:
            ws.views.pop(person.id, view_id)
    if not told["notify_on_close"]:
        return Outcome(True, result="cleared" if clear else "closed")
    answer = ws.send("interactive", f"view_closed {told['callback_id']}", payload)
    return Outcome(True, result="cleared" if clear else "closed", answer=answer)
