"""Answers by response_url."""

from typing import TYPE_CHECKING, Any

from bot.limits import check_message
from bot.sandbox.api import ApiAnswer
from bot.sandbox.conversations import Message
from bot.sandbox.errors import ApiError
from bot.sandbox.tickets import ResponseUrl

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def respond(ws: "Workspace", response_id: str, body: Json) -> ApiAnswer:
    """Take one post to a response_url: private unless `in_channel`, able to replace or delete
    the app's message it came from, also where the app is not a member."""
    with ws.changing():
        try:
            ticket = ws.tickets.spend(response_id, ws.clock())
            message = place(ws, ticket, body)
        except ApiError as refused:
            answer = ApiAnswer({"ok": False, "error": refused.code, **refused.extra}, 404)
            if refused.code in ("invalid_blocks", "no_text", "invalid_arguments"):
                answer = ApiAnswer(answer.body, 400)
        else:
            answer = ApiAnswer({"ok": True})
        ws.log.add(
            ws.clock(),
            "from_bot",
            "response_url",
            status=answer.status,
            ms=0.0,
            request=body,
            answer=answer.body,
        )
        if answer.status == 200 and message is not None:
            message.response = True
    return answer


def place(ws: "Workspace", ticket: ResponseUrl, body: Json) -> Message | None:
    """Put the answer where it belongs; None when it deleted the original."""
    conversation = ws.conversations[ticket.channel]
    original = conversation.find(ticket.message_ts) if ticket.message_ts else None
    if original is not None and original.user != ws.bot_user_id:
        original = None
    if body.get("delete_original"):
        if original is not None:
            conversation.messages.remove(original)
        return None
    check_content(body)
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if body.get("replace_original") and original is not None:
        ws.rewrite(original, text, blocks)
        return original
    in_channel = body.get("response_type") == "in_channel"
    return ws.store(
        ticket.channel,
        ws.bot_user_id,
        text,
        blocks=blocks,
        ephemeral=not in_channel,
        to=None if in_channel else ticket.user,
        thread_ts=body.get("thread_ts") if in_channel else None,
        response=True,
    )


def check_content(body: Json) -> None:
    """no_text, or invalid_blocks with a pointer for everything Slack refuses."""
    if not body.get("text") and not body.get("blocks") and not body.get("attachments"):
        raise ApiError("no_text")
    blocks = body.get("blocks")
    if blocks is not None and not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    problems = [problem for problem in check_message(body) if problem.pointer != "/text"]
    if problems:
        messages = [f"[ERROR] {p.message} [json-pointer:{p.pointer}]" for p in problems]
        raise ApiError("invalid_blocks", response_metadata={"messages": messages})
