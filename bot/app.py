"""The Slack side put together: listeners, words, and what a person reads when it goes wrong."""

import difflib
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.orm import Session

from bot import blocks, broken, deliveries, forms, logs, program, screen, shape
from bot.clock import Clock
from bot.cohort import roster
from bot.cohort.model import Workspace
from bot.database import AWAY as EDGE
from bot.database import Database, aside
from bot.deliveries import AlreadyHandled, Claim, Deliveries
from bot.flood import WORDS as TOO_FAST
from bot.flood import Allowance
from bot.outbox.outcome import Then, outcome
from bot.refusal import NotYours, Refusal
from bot.settings import Settings
from bot.slack import SlackClient
from bot.switchboard import Switchboard, restored

log = structlog.get_logger(__name__)

Keep = Callable[[Mapping[str, Any], Claim | None, str, Exception], None]

AWAY = "I cannot save right now. Nothing was saved. Try again in a few minutes."
TOO_LONG = "That took too long to open. Press once more."
CLOSED = "This form is closed by now. Open it again to see how things stand."
MOVED_ON = "This form has changed meanwhile. Look again."
AWAY_LATE = (
    "I cannot look right now. It may be saved: look at your Home tab in a few minutes, before you "
    "do it again."
)
BUG = (
    "That did not work; it is not your doing. Nothing was saved. Try again, or give {whom} this "
    "reference: `{reference}`"
)
TOO_MANY = "Three forms lie on each other already. Close one, then press again."
CUT_OFF = (
    "Slack does not let me show or send anything right now. Letters wait; none is lost. Whoever "
    "runs me has to install the app again."
)
UNSEEN = (
    "I could not show that; it is not your doing. It may be saved: look at your Home tab first, "
    "or give {whom} this reference: `{reference}`"
)
_OPENED = "exchanged_trigger_id"
_CLICKS = ("block_actions", "shortcut", "message_action")
# What Slack says about a form it does not show, and what the person reads then.
_NOT_SHOWN = {
    "expired_trigger_id": TOO_LONG,
    "invalid_trigger_id": TOO_LONG,
    "not_found": CLOSED,
    "view_not_found": CLOSED,
    "hash_conflict": MOVED_ON,
    "push_limit_reached": TOO_MANY,
}


def build_app(
    settings: Settings,
    db: Database,
    clock: Clock,
    slack: SlackClient,
    *,
    allowance: Allowance | None = None,
) -> Switchboard:
    """The Bolt app with every listener of the programme.

    A listener works, commits, then acknowledges (`process_before_response`); an exception
    becomes words for the person, by where they are looking. `allowance` says how much one
    person may ask; without one, anything.
    """

    def too_many(body: Mapping[str, Any], aloud: bool) -> BoltResponse:
        if body.get("type") in _CLICKS and not aloud:
            return BoltResponse(status=200)
        return _reply(TOO_FAST, None, body, slack)

    once = Deliveries(db, clock, _whose())
    app = Switchboard(
        once=once,
        allowance=allowance,
        too_many=too_many,
        signing_secret=settings.signing_secret,
        # Tokens come from one function. Bolt's own single-team way asks auth.test, through a
        # fresh client, while a person waits.
        authorize=_authorizer(settings, db),
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        logger=logging.getLogger("slack_bolt"),
        # Without one Bolt looks for the file that made it among all that is loaded.
        name="cohort-bot",
    )

    @app.use
    def hand_over(context: Any, body: dict[str, Any], next: Callable[[], Any]) -> Any:
        # Bolt gives every listener a fresh client of its own class; ours knows how to be calm.
        context["client"] = slack
        if not shape.is_sound(body):
            raise NotYours
        context["db"] = db
        context["clock"] = clock
        context["settings"] = settings
        context["whys"] = program.WHYS
        context["partners"] = program.PARTNERS
        context["words"] = program.WORDS
        context["help_lines"] = program.help_lines
        return next()

    for listeners in program.LISTENERS:
        listeners.register(app)
    for name, words in program.WORDS.items():
        app.command(name)(_router(name, words))

    @app.error
    def answer(error: Exception, body: dict[str, Any]) -> BoltResponse | None:
        # Our own client: what breaks before it is handed over needs words too.
        claim = deliveries.current()
        if isinstance(error, AlreadyHandled) and claim is not None:
            claim.error = error
            return restored(once.earlier(claim))
        if isinstance(error, SlackApiError) and error.response.get("error") == _OPENED:
            # A ticket for a form is good for one: the form this request asked for is open.
            return BoltResponse(status=200)
        keep = partial(broken.keep, db, clock())
        if "event" in body:
            words_for(error, db, body, claim, keep)
            # A 500 makes Slack deliver the event again; a refusal would only be repeated.
            again = not isinstance(error, (Refusal, BoltUnhandledRequestError))
            return BoltResponse(status=500 if again else 200)
        words, field = words_for(error, db, body, claim, keep)
        return _reply(words, field, body, slack)

    return app


def _whose() -> Callable[[Session, Mapping[str, Any]], int | None]:
    """The row of the workspace a request comes from; None when that is not ours. A workspace's
    row never changes, so it is looked up once."""
    known: dict[str, int] = {}

    def whose(session: Session, body: Mapping[str, Any]) -> int | None:
        team, _user = forms.team_and_user(body)
        if team not in known:
            try:
                known[team] = roster.workspace_of(session, body).id
            except Refusal:
                return None
        return known[team]

    return whose


def _authorizer(settings: Settings, db: Database) -> Callable[..., AuthorizeResult]:
    """Whose token answers a request. A request of another team is refused by the roster."""
    known: dict[str, str] = {}

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        if "bot" not in known:
            with db.read() as session:
                bot_user = session.scalar(sa.select(Workspace.bot_user_id))
            if bot_user:
                known["bot"] = bot_user
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=settings.bot_token,
            bot_user_id=known.get("bot"),
        )

    return authorize


def _router(name: str, words: Mapping[str, Callable[..., None]]) -> Callable[..., None]:
    """One listener for `/mentor word`: calls the word's opener, or says which words exist."""

    def route(
        ack: Any,
        body: dict[str, Any],
        client: SlackClient,
        db: Database,
        clock: Clock,
        settings: Any,
    ) -> None:
        word = str(body.get("text") or "").strip().split(" ")[0].lower()
        opener = words.get(word)
        if opener is None:
            close = difflib.get_close_matches(word, [w for w in words if w], n=1)
            with db.read() as session:
                whom = _contact(session, body)
            ack(
                response_type="ephemeral",
                **program.unknown_word(name, word, close[0] if close else "", whom),
            )
            return
        opener(ack=ack, body=body, client=client, db=db, clock=clock, settings=settings)

    return route


def words_for(
    error: Exception, db: Database, body: Mapping[str, Any], claim: Claim | None, keep: Keep
) -> tuple[str, str | None]:
    """What a person reads about an exception, and beside which field. What nobody expected is
    logged, and the request kept, under a reference."""
    if claim is not None:
        claim.error = error
    wrote = claim is not None and claim.wrote
    if isinstance(error, Refusal):
        log.info("refused", refusal=type(error).__name__)
        return error.words, error.field
    if isinstance(error, EDGE):
        log.error("database_away", error=type(error).__name__)
        _failed(claim)
        return (AWAY_LATE if wrote else AWAY), None
    if isinstance(error, KeyError) and error.args == ("view",):
        # A button that stands in a form only, said to be pressed elsewhere.
        return NotYours().words, None
    if isinstance(error, BoltUnhandledRequestError):
        # A button of an earlier release, or one that never was.
        log.warning("nobody_listens")
        return NotYours().words, None
    if isinstance(error, SlackApiError) and error.response.get("error") in _NOT_SHOWN:
        return _NOT_SHOWN[error.response["error"]], None
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error"))
        if outcome(code).then is Then.STOP_WORKSPACE:
            log.error("cut_off_from_slack", code=code, do=outcome(code).advice)
            return CUT_OFF, None
    reference = logs.new_reference()
    logs.log_error(reference, error)
    _failed(claim, reference)
    whom = "a coordinator"
    with aside():
        try:
            with db.read() as session:
                whom = _contact(session, body)
            keep(body, claim, reference, error)
        except (*EDGE, sa.exc.SQLAlchemyError) as failed:
            log.error("error_not_kept", reference=reference, error=type(failed).__name__)
    # Slack is asked after the commit: what it refuses to show may be saved.
    said = UNSEEN if wrote or isinstance(error, SlackClientError) else BUG
    return said.format(whom=whom, reference=reference), None


def _failed(claim: Claim | None, reference: str | None = None) -> None:
    """The next delivery of this request starts anew."""
    if claim is not None:
        claim.failed, claim.reference = True, reference


def _contact(session: Any, body: Mapping[str, Any]) -> str:
    try:
        person = roster.caller(session, body)
    except Refusal:
        return "a coordinator"
    found = roster.memberships(session, person, open_only=False)
    cohort = found[0].cohort if found else roster.newest_open(session, person)
    return roster.contact(session, cohort) if cohort else "a coordinator"


def _reply(
    words: str, field: str | None, body: Mapping[str, Any], client: SlackClient
) -> BoltResponse:
    """A refusal, shown where the person is looking."""
    kind = body.get("type")
    if kind == "view_submission":
        return _answer_form(words, field, body)
    if kind in _CLICKS:
        _answer_click(words, body, client)
        return BoltResponse(status=200)
    if kind == "block_suggestion":
        return _json({"options": []})
    return _json({"response_type": "ephemeral", "text": words})


def _answer_form(words: str, field: str | None, body: Mapping[str, Any]) -> BoltResponse:
    if not shape.is_sound(body):
        return _json({"response_action": "update", "view": _notice(words)})
    view = body["view"]
    inputs = {b.get("block_id") for b in view.get("blocks", []) if b.get("type") == "input"}
    if field in inputs:
        return _json({"response_action": "errors", "errors": {field: blocks.cut(words, 150)}})
    return _json({"response_action": "update", "view": with_alert(view, words)})


def with_alert(view: Mapping[str, Any], words: str) -> dict[str, Any]:
    """The same view with what is wrong on top. Block ids stay, so what was typed stays too."""
    keep = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    shown = [b for b in view.get("blocks", []) if b.get("type") != "alert"]
    same = {name: view[name] for name in keep if view.get(name)}
    return same | {"blocks": [blocks.alert(words), *shown][:100]}


def _answer_click(words: str, body: Mapping[str, Any], client: SlackClient) -> None:
    """Below a message: only that person sees it. On Home or in a modal, or where the address for
    an answer is used up: a small view. It is an answer to a click, so nothing waits for later."""
    ways: list[Callable[[], Any]] = [lambda: screen.show_above(client, body, _notice(words))]
    if url := body.get("response_url"):
        said = {"text": words, "response_type": "ephemeral", "replace_original": False}
        ways.insert(0, lambda: client.respond(str(url), **said))
    for show in ways:
        try:
            show()
        except (SlackClientError, OSError, LookupError, ValueError) as failed:
            log.warning("refusal_not_shown", error=type(failed).__name__)
        else:
            return


def _notice(words: str) -> dict[str, Any]:
    return blocks.modal("refusal", "Not possible", [blocks.section(words)])


def _json(answer: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(
        status=200,
        body=json.dumps(answer),
        headers={"content-type": ["application/json;charset=utf-8"]},
    )
