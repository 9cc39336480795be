"""The doctor: checks everything an installation needs and says what to do about each failure.

It changes nothing, sends no message, and prints no secret.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import sqlalchemy as sa
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.clock import Clock
from bot.database import MOST_APART, Database
from bot.installation import TOKEN_ADVICE
from bot.manifest import SCOPES
from bot.outbox import instance
from bot.schema import revision_state
from bot.settings import Settings


@dataclass(frozen=True)
class Finding:
    """What one check found, in words. `ok` False means there is something to do; None, that it
    could not be checked, and why. What is `to_come` is made by the first start: nothing is
    wrong."""

    ok: bool | None
    subject: str
    words: str
    to_come: bool = False

    def __str__(self) -> str:
        verdict = "not yet" if self.to_come else _VERDICTS[self.ok]
        return f"{verdict}  {self.subject}: {self.words}"


_VERDICTS = {True: "ok     ", False: "wrong  ", None: "skipped"}


@dataclass(frozen=True)
class Report:
    """Where a cohort reports, and who may read there: Slack ids."""

    cohort: str
    channel: str
    coordinators: frozenset[str]


@dataclass(frozen=True)
class _Slack:
    """Slack as the token sees it."""

    client: WebClient
    bot_user: str


def examine(
    settings: Settings,
    problems: Sequence[str],
    *,
    slack: WebClient,
    open_database: Callable[[], Database],
    reports: Callable[[Database], Sequence[Report]],
    clock: Clock,
) -> Iterator[Finding]:
    """Every finding, in the order in which they are worth mending.

    `problems` is what was wrong with the settings. What cannot be checked because something
    before it is missing or failed is named as skipped.
    """
    yield from _settings(problems)
    database = None
    to_come = settings.file_to_come if settings.database_url else None
    if to_come is not None:
        yield Finding(None, "database", f"there is no {to_come} yet. {_MADE_BY}", to_come=True)
        yield from _disk(settings)
    elif settings.database_url:
        try:
            database = open_database()
        except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
            yield Finding(False, "database", f"{settings.shown_database} {_why(error)}.")
    try:
        ready = False
        if database is not None:
            ready = yield from _database(settings, database)
        else:
            needs = "the database" if settings.database_url else "DATABASE_URL"
            yield _skipped("migrations", needs)
        seen = None
        if settings.bot_token:
            seen = yield from _slack(slack, clock)
        else:
            yield _skipped("token", "SLACK_BOT_TOKEN")
        if seen is None:
            yield _skipped("scopes and clock", _SLACK_ANSWERS)
        if settings.app_token:
            yield _app_token(slack, settings.app_token)
        else:
            yield Finding(None, "app token", "SLACK_APP_TOKEN is not set; HTTP needs none.")
        if database is not None and ready:
            yield from _database_clock(database, clock)
            yield from _sending(database, clock)
        if database is not None and ready and seen is not None:
            yield from _channels(seen, reports(database))
        else:
            lacking = [] if ready else ["a database that is up to date"]
            lacking += [] if seen is not None else [_SLACK_ANSWERS]
            yield _skipped("coordinators' channels", " and ".join(lacking))
    finally:
        if database is not None:
            database.close()


_MADE_BY = (
    "`python -m bot run` makes it all by itself; before `web` and `worker` run "
    "`python -m bot migrate`."
)
_SLACK_ANSWERS = "a token that Slack knows"


def _skipped(subject: str, needs: str) -> Finding:
    return Finding(None, subject, f"needs {needs}.")


def _settings(problems: Sequence[str]) -> Iterator[Finding]:
    if not problems:
        yield Finding(True, "settings", "complete.")
    for problem in problems:
        yield Finding(False, "settings", problem)


# ---- the database


def _database(settings: Settings, database: Database) -> Generator[Finding, None, bool]:
    """Yields findings; returns whether the schema is there."""
    shown = settings.shown_database
    try:
        database.ping()
        current, head = revision_state(database)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        yield Finding(
            False, "database", f"{shown} {_why(error)}. Check DATABASE_URL and that it runs."
        )
        yield _skipped("migrations", "the database")
        return False
    yield Finding(True, "database", f"{shown} answers.")
    if current == head:
        yield Finding(True, "migrations", "up to date.")
    elif current is None:
        yield Finding(None, "migrations", f"there are no tables yet. {_MADE_BY}", to_come=True)
    else:
        yield Finding(False, "migrations", "not up to date. Run `python -m bot migrate`.")
    yield from _disk(settings)
    return current == head


def _disk(settings: Settings) -> Iterator[Finding]:
    """What a database that is a file asks of the machine."""
    if settings.sqlite and settings.host_each:
        yield Finding(
            False,
            "database",
            "here every process has a disk of its own, so web and worker do not share an SQLite "
            "file and a restart may lose it. Set DATABASE_URL to a PostgreSQL.",
        )
    elif settings.sqlite:
        yield Finding(
            True, "database", "a file: keep web and worker on this machine, or use PostgreSQL."
        )


def _sending(database: Database, clock: Clock) -> Iterator[Finding]:
    """Only what stops everything; while all is well there is nothing to say."""
    with database.read() as session:
        stands = instance.standing(session, now=clock())
    if stands is not None and stands.paused:
        yield Finding(
            False,
            "outbox",
            f"nothing is sent: {stands.paused_reason}. Decide with `python -m bot outbox resume`.",
        )


def _database_clock(database: Database, clock: Clock) -> Iterator[Finding]:
    if database.sqlite:
        return  # its clock is ours
    with database.read() as session:
        theirs = session.scalar(sa.select(sa.func.clock_timestamp()))
    if isinstance(theirs, datetime):
        yield _apart("database clock", clock() - theirs.astimezone(UTC))


def _why(error: Exception) -> str:
    """Why a database cannot be used, without address, user or statement."""
    said = str(getattr(error, "orig", None) or error).lower()
    for sign, words in (
        ("password", "refuses the user or the password"),
        ("does not exist", "does not exist"),
        ("refused", "cannot be reached: nothing listens there"),
        ("resolve", "cannot be reached: unknown host"),
        ("readonly", "cannot be written"),
        ("unable to open", "cannot be opened: no such folder, or not allowed"),
        ("permission", "cannot be opened: not allowed"),
        ("not a database", "is not an SQLite database"),
    ):
        if sign in said:
            return words
    return f"does not answer ({type(error).__name__})"


# ---- Slack


def _slack(client: WebClient, clock: Clock) -> Generator[Finding, None, _Slack | None]:
    """Yields findings about token, scopes and clock; returns what Slack looks like, or None."""
    before = clock()
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = _code(error)
        yield Finding(False, "token", TOKEN_ADVICE.get(code, f"Slack answers {code}."))
        return None
    except (OSError, ValueError) as error:
        yield _unreachable(error)
        return None
    took = clock() - before
    yield Finding(
        True, "token", f"Slack knows it, as {answer.get('user')} in {answer.get('team')}."
    )
    yield _scopes(answer)
    stamp = _header(answer, "date")
    if stamp:
        # The header is cut to the second: on average it lies half a second back.
        theirs = parsedate_to_datetime(stamp).astimezone(UTC) + timedelta(seconds=0.5)
        yield _apart("clock", before + took / 2 - theirs)
    return _Slack(client, str(answer.get("user_id")))


def _scopes(answer: SlackResponse) -> Finding:
    given = {one.strip() for one in (_header(answer, "x-oauth-scopes") or "").split(",")} - {""}
    missing = [one for one in SCOPES if one not in given]
    surplus = sorted(given - set(SCOPES))
    if missing:
        return Finding(
            False,
            "scopes",
            f"missing {', '.join(missing)}. Paste `python -m bot manifest` into the app's "
            "manifest and install the app again.",
        )
    if surplus:
        return Finding(True, "scopes", f"complete; not needed: {', '.join(surplus)}.")
    return Finding(True, "scopes", "complete.")


def _apart(subject: str, ahead: timedelta) -> Finding:
    seconds = ahead.total_seconds()
    if abs(ahead) <= MOST_APART:
        return Finding(True, subject, f"right to {abs(seconds):.0f} s.")
    way = "ahead of" if seconds > 0 else "behind"
    return Finding(
        False,
        subject,
        f"this machine is {abs(seconds):.0f} s {way} it. Switch on time synchronisation (NTP).",
    )


def _app_token(client: WebClient, app_token: str) -> Finding:
    try:
        # Asks for an address to connect to; without connecting nothing is opened.
        client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        advice = (
            "Switch on Socket Mode and make an App-Level Token with connections:write; or leave "
            "SLACK_APP_TOKEN empty to use HTTP."
        )
        return Finding(False, "app token", f"Slack answers {_code(error)}. {advice}")
    except (OSError, ValueError) as error:
        return _unreachable(error)
    return Finding(True, "app token", "Slack takes it for Socket Mode.")


def _unreachable(error: Exception) -> Finding:
    return Finding(
        False,
        "Slack",
        f"cannot be reached ({type(error).__name__}). Check network, proxy and SLACK_API_URL.",
    )


# ---- the coordinators' channels


def _channels(slack: _Slack, reports: Sequence[Report]) -> Iterator[Finding]:
    if not reports:
        yield Finding(True, "cohorts", "none is running. `/cohort new` in Slack starts one.")
    for report in reports:
        subject = f"channel of {report.cohort}"
        try:
            yield from _channel(slack, report, subject)
        except SlackApiError as error:
            yield Finding(False, subject, f"Slack answers {_code(error)} for {report.channel}.")
        except (OSError, ValueError) as error:
            yield _unreachable(error)


def _channel(slack: _Slack, report: Report, subject: str) -> Iterator[Finding]:
    try:
        found: dict[str, Any] = slack.client.conversations_info(channel=report.channel)["channel"]
    except SlackApiError as error:
        if _code(error) != "channel_not_found":
            raise
        yield Finding(
            False,
            subject,
            f"{report.channel} does not exist, or the bot is not in it. Invite the bot there, or "
            "choose another channel with `/cohort settings`.",
        )
        return
    name = f"#{found.get('name')}"
    wrong = [
        words
        for is_wrong, words in (
            (found.get("is_archived"), "is archived. Unarchive it or choose another one"),
            (not found.get("is_private"), "is public, and digests name people. Make it private"),
            (not found.get("is_member"), "does not have the bot in it. Invite the bot there"),
        )
        if is_wrong
    ]
    for words in wrong:
        yield Finding(False, subject, f"{name} {words}.")
    if found.get("is_member"):
        others = _others(slack, report)
        if others:
            yield Finding(
                False,
                subject,
                f"{', '.join(others)} can read {name} and coordinate nothing. Remove them from "
                "it, or make them coordinators with `/cohort settings`.",
            )
        elif not wrong:
            yield Finding(True, subject, f"{name} is private, and only coordinators read it.")


def _others(slack: _Slack, report: Report) -> list[str]:
    """Names of people in the channel who are not coordinators of the cohort."""
    names = []
    for member in _members(slack.client, report.channel):
        if member == slack.bot_user or member in report.coordinators:
            continue
        person = slack.client.users_info(user=member)["user"]
        if not person.get("is_bot") and not person.get("deleted"):
            names.append(str(person.get("real_name") or person.get("name") or member))
    return sorted(names)


def _members(client: WebClient, channel: str) -> Iterator[str]:
    cursor = ""
    while True:
        page = client.conversations_members(channel=channel, limit=200, cursor=cursor)
        yield from page["members"]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error"))


def _header(answer: SlackResponse, name: str) -> str | None:
    """A header of the answer; some servers write names in lower case."""
    for key, value in answer.headers.items():
        if key.lower() == name:
            return value if isinstance(value, str) else value[0]
    return None
