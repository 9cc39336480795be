"""The log: one line of key=value pairs for each thing that happened, on standard error.

Every error has a short reference that the person reads too. What people wrote, tokens, signing
secrets, response addresses and trigger ids never reach a line: facts with telling names are
dropped, known shapes and the configured secrets are cut out of the finished line, and an
exception shows its type and where it happened, but only messages known to hold no content.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy import exc as sql

# 23 letters and digits that nobody misreads, and no vowel, so no word comes out.
_ALPHABET = "CDFGHJKMNPQRTVWXY234679"

# Libraries print requests, answers, frames and statements below WARNING: never let them.
_QUIETEST = logging.WARNING
# These tell an operator something at INFO and never show content.
_TELLING = ("uvicorn.error", "alembic.runtime.migration")

_NEEDLESS = (
    # Bolt looks at SLACK_BOT_TOKEN by itself and warns that it will not use it; nobody asked it to.
    "As `installation_store` or `authorize` has been used",
    # A tick that takes longer than a second is waited for, as it should be.
    # Every look at the schema says these two; what a migration does is said in other lines.
    "Context impl %s.",
    "Will assume %s DDL.",
    'Execution of job "%s" skipped: maximum number of running instances',
)

REMOVED = "[removed]"

# A fact with one of these names holds content or a secret. Ids go under other names.
_NAMES = frozenset(
    (
        *("answer", "answers", "comment", "goal", "goals", "message_text", "note", "notes"),
        *("parameters", "params", "text", "values"),
        *("blocks", "body", "metadata", "payload", "private_metadata", "view"),
        *("app_token", "authorization", "bot_token", "password", "secret", "signature"),
        *("response_url", "signing_secret", "token", "trigger_id"),
    )
)
_SHAPES = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+"  # bot, user, refresh and legacy tokens
    r"|xapp-[\w-]+"
    r"|https?://hooks\.slack\S*"  # response addresses, of Slack ...
    r"|\S*/hooks/\S+"  # ... and of a stand-in
    r"|\b\d{6,}\.\d{6,}\.[0-9a-f]{8,}\b"  # trigger ids
    r"|v0=[0-9a-f]{16,}"  # request signatures
)
_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^@\s]+@")


def configure(level: str, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (default: standard error).

    `level` is for the bot's own lines; libraries stay at WARNING or above whatever it says.
    `secrets` are exact values to cut out wherever they turn up. Calling it again replaces what
    was set before.
    """
    first: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*first, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _one_line,
                _describe_error,
                _drop_content,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "event"], bool_as_flag=False
                ),
                _Scrubber(secrets),
            ],
        )
    )
    handler.addFilter(lambda record: not str(record.msg).startswith(_NEEDLESS))
    root = logging.getLogger()
    for old in [*root.handlers]:
        if getattr(old, "_cohort_bot", False):
            root.removeHandler(old)
    handler._cohort_bot = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level]
    root.setLevel(max(wanted, _QUIETEST))
    logging.getLogger("bot").setLevel(wanted)
    for name in _TELLING:
        logging.getLogger(name).setLevel(max(wanted, logging.INFO))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one file: `log = get_logger(__name__)`, then `log.info("letter_sent", id=7)`."""
    return structlog.stdlib.get_logger(name)


def new_reference() -> str:
    """Six characters, like K7F2Q9, that a person can read out to an operator."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(6))


def log_error(reference: str, error: BaseException, **facts: object) -> None:
    """Log what broke under the reference the person was shown. `facts` are ids, never content."""
    get_logger("bot").error("it_broke", reference=reference, exc_info=error, **facts)


# ---- what happens to a line


def _one_line(_logger: object, _name: str, facts: Any) -> Any:
    """A library's message keeps its first line: what follows is usually a dump."""
    event = facts.get("event")
    if isinstance(event, str) and "\n" in event:
        facts["event"] = event.split("\n", 1)[0]
    return facts


def _describe_error(_logger: object, _name: str, facts: Any) -> Any:
    """Replace an exception by its types, the messages that are safe, and the places it passed."""
    info = facts.pop("exc_info", None)
    facts.pop("stack_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        facts["error"] = " < ".join(_described(one) for one in _causes(error))
        facts["at"] = " > ".join(_places(error))
    return facts


def _causes(error: BaseException) -> list[BaseException]:
    """The error, then what led to it; at most five, and no circle."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain and len(chain) < 5:
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return chain


def _described(error: BaseException) -> str:
    said = _safe_message(error)
    name = type(error).__name__
    return f"{name}: {said}" if said else name


def _safe_message(error: BaseException) -> str:
    """The part of the message that cannot hold what a person wrote; often nothing."""
    if isinstance(error, SlackApiError):
        answer = error.response
        return str(answer.get("error") or "") if hasattr(answer, "get") else ""
    if isinstance(error, sql.DBAPIError):
        # Later lines show the row; a DataError shows the value in the first.
        safe = not isinstance(error, sql.DataError) and error.orig is not None
        return (str(error.orig).splitlines() or [""])[0] if safe else ""
    if isinstance(error, OSError):
        return error.strerror or ""
    return ""


def _places(error: BaseException) -> list[str]:
    """file:line function of the last eight frames, outermost first."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        where = Path(code.co_filename)
        frames.append(f"{where.parent.name}/{where.name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def _drop_content(_logger: object, _name: str, facts: Any) -> Any:
    return {
        re.sub(r"[^\w.-]", "_", name): REMOVED if name.lower() in _NAMES else _without(value)
        for name, value in facts.items()
    }


def _without(value: object) -> object:
    """The same value without telling names inside it."""
    if isinstance(value, dict):
        return {
            key: REMOVED if str(key).lower() in _NAMES else _without(one)
            for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without(one) for one in value]
    return value


class _Scrubber:
    """Cuts known shapes and exact secrets out of the finished line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first: a secret may hold another.
        exact = sorted({one for one in secrets if len(one) > 3}, key=len, reverse=True)
        self._exact = re.compile("|".join(map(re.escape, exact))) if exact else None

    def __call__(self, _logger: object, _name: str, line: Any) -> str:
        line = _SHAPES.sub(REMOVED, str(line))
        line = _PASSWORD.sub(rf"\1{REMOVED}@", line)
        return self._exact.sub(REMOVED, line) if self._exact else line
