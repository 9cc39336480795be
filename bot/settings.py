"""The settings, and the only file that reads the environment.

Everything is checked at once at the start: one message names all that is wrong and what to do
about it, and never repeats a secret. The real environment wins over `.env`; a variable that is
set but empty counts as not set.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import sqlalchemy as sa
from dotenv import dotenv_values, find_dotenv

from bot.database import file_trouble

Command = Literal[
    "demo", "run", "web", "worker", "migrate", "outbox", "replay", "manifest", "doctor"
]

SLACK = "https://slack.com/api/"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# Platforms that give every process a host, and a disk, of its own say so by these.
_HOST_EACH = ("DYNO", "KUBERNETES_SERVICE_HOST")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Values that may hold a secret are not in the repr."""

    bot_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = SLACK
    database_url: str = field(default="", repr=False)
    coordinators: tuple[str, ...] = ()
    port: int = 3000
    metrics_port: int | None = None
    """Where this process also serves its pages for the operator; None: nowhere."""
    log_level: str = "INFO"
    host_each: bool = False
    """The platform runs each process on a host of its own, so they share no file."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, for the log's filter."""
        password = sa.make_url(self.database_url).password if self.database_url else None
        values = (self.bot_token, self.signing_secret, self.app_token, password)
        return tuple(str(value) for value in values if value)

    @property
    def sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.database_url.startswith("sqlite")

    @property
    def shown_database(self) -> str:
        """The database as a log or a terminal may show it: no user, password or options."""
        url = sa.make_url(self.database_url)
        if self.sqlite:
            return f"SQLite file {url.database}"
        return f"PostgreSQL {url.database} on {url.host or 'this machine'}"

    @property
    def file_to_come(self) -> Path | None:
        """The SQLite file that is not there yet, but can be made."""
        url = sa.make_url(self.database_url)
        if not self.sqlite or not url.database or Path(url.database).exists():
            return None
        can_be = self.database_url == _default_url() or file_trouble(url) is None
        return Path(url.database) if can_be else None

    def make_room(self) -> None:
        """Make the folder in the user's data for the file of the default."""
        if self.database_url == _default_url():
            _default_file().parent.mkdir(parents=True, exist_ok=True)


class SettingsError(Exception):
    """Something is missing or wrong. `problems` has a sentence for each, without any secret."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(
            f"The settings are not right yet:\n{lines}\n"
            "Set them in the environment or in a file named .env; .env.example explains each."
        )


def load(
    command: Command, environ: Mapping[str, str] | None = None, *, dotenv: bool = True
) -> Settings:
    """The settings for `command`. Raises SettingsError naming everything that is wrong.

    `environ` stands for the process's environment (default: the real one). `.env` is looked for
    from the current folder upwards, and not read at all with `dotenv=False` or by the demo.
    """
    settings, problems = check(command, environ, dotenv=dotenv)
    if problems:
        raise SettingsError(problems)
    return settings


def check(
    command: Command, environ: Mapping[str, str] | None = None, *, dotenv: bool = True
) -> tuple[Settings, tuple[str, ...]]:
    """Like `load`, but what is wrong comes back as sentences beside what could be read."""
    reader = _Reader(*_values(environ, dotenv=dotenv and command != "demo"))
    if command in ("demo", "manifest"):
        return Settings(log_level=reader.log_level()), reader.found()
    settings = Settings(
        bot_token=reader.token("SLACK_BOT_TOKEN", "xoxb-"),
        signing_secret=reader.signing_secret(),
        app_token=reader.token("SLACK_APP_TOKEN", "xapp-"),
        api_url=reader.api_url(),
        database_url=reader.database_url(),
        coordinators=reader.coordinators(),
        port=reader.port(),
        metrics_port=reader.metrics_port(),
        log_level=reader.log_level(),
        host_each=any(reader.has(name) for name in _HOST_EACH),
    )
    reader.require(command)
    return settings, reader.found()


def _values(environ: Mapping[str, str] | None, *, dotenv: bool) -> tuple[dict[str, str], list[str]]:
    """The real environment over `.env`, and what was wrong with reading that file."""
    real = dict(os.environ if environ is None else environ)
    path = find_dotenv(usecwd=True) if dotenv else ""
    if not path:
        return real, []
    try:
        # Notepad puts a byte order mark in front, which would become part of the first name.
        written = dotenv_values(path, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return real, [f"{Path(path).name} cannot be read. Save it as UTF-8 text that you own."]
    return {name: value or "" for name, value in written.items()} | real, []


class _Reader:
    """Reads one variable at a time and keeps a sentence for each that is wrong."""

    def __init__(self, values: Mapping[str, str], problems: list[str]) -> None:
        self._values = values
        self._problems = problems

    def found(self) -> tuple[str, ...]:
        return tuple(self._problems)

    def has(self, name: str) -> bool:
        return bool(self._get(name))

    def _get(self, name: str) -> str:
        return self._values.get(name, "").strip()

    def _wrong(self, name: str, sentence: str) -> None:
        self._problems.append(f"{name} {sentence}")

    def require(self, command: Command) -> None:
        for name, where in _required(command, self.has):
            if not self.has(name):
                self._wrong(name, f"is not set. {where}")

    def token(self, name: str, start: str) -> str:
        value = self._get(name)
        if value and not re.fullmatch(rf"{start}[A-Za-z0-9-]+", value):
            self._wrong(name, f"must start with {start} and hold only letters, digits and dashes.")
        return value

    def signing_secret(self) -> str:
        value = self._get("SLACK_SIGNING_SECRET")
        if value.startswith(("xox", "xapp-")) or re.search(r"\s|[\"']", value):
            self._wrong(
                "SLACK_SIGNING_SECRET",
                "does not look like one. Copy it from Basic Information, App Credentials.",
            )
        return value

    def api_url(self) -> str:
        value = self._get("SLACK_API_URL") or SLACK
        parts = _split(value)
        if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
            self._wrong("SLACK_API_URL", f"must be an address like {SLACK}")
        elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            self._wrong("SLACK_API_URL", "must start with https:// (http only for this machine).")
        return value if value.endswith("/") else f"{value}/"

    def database_url(self) -> str:
        value = self._get("DATABASE_URL")
        if not value:
            return _default_url()
        value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
        try:
            url = sa.make_url(value)
        except (sa.exc.ArgumentError, ValueError):
            url = None
        if url is None or url.drivername not in ("sqlite", "sqlite+pysqlite", _POSTGRES):
            self._wrong(
                "DATABASE_URL",
                "must be sqlite:////full/path/to/file.sqlite3 or postgresql://user@host/name.",
            )
            return ""
        if url.drivername != _POSTGRES and (url.database or ":memory:") == ":memory:":
            self._wrong("DATABASE_URL", "names no file, so everything would be forgotten.")
        elif url.drivername != _POSTGRES and (url.database or "").startswith("file:"):
            self._wrong("DATABASE_URL", "must name the file by its path, without `file:`.")
        return value

    def coordinators(self) -> tuple[str, ...]:
        ids = dict.fromkeys(re.split(r"[\s,]+", self._get("COORDINATORS")))
        ids.pop("", None)
        if any(not re.fullmatch(r"[UW][A-Z0-9]{2,}", one) for one in ids):
            self._wrong(
                "COORDINATORS",
                "must be Slack member ids with commas between them, like U012AB3CD,U045EF6GH "
                "(in Slack: profile, three dots, Copy member ID).",
            )
        return tuple(ids)

    def port(self) -> int:
        return self._port("PORT") or 3000

    def metrics_port(self) -> int | None:
        port = self._port("METRICS_PORT")
        if port is not None and str(port) == (self._get("PORT") or "3000"):
            self._wrong("METRICS_PORT", "must be another port than PORT.")
        return port

    def _port(self, name: str) -> int | None:
        value = self._get(name)
        if not value:
            return None
        if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
            self._wrong(name, "must be a number from 1 to 65535.")
            return None
        return int(value)

    def log_level(self) -> str:
        value = (self._get("LOG_LEVEL") or "INFO").upper()
        if value not in LEVELS:
            self._wrong("LOG_LEVEL", f"must be one of {', '.join(LEVELS)}.")
            return "INFO"
        return value


_POSTGRES = "postgresql+psycopg"

_BOT_TOKEN = (
    "SLACK_BOT_TOKEN",
    "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions on your app's page.",
)
_SECRET = (
    "SLACK_SIGNING_SECRET",
    "Copy it from Basic Information, App Credentials, on your app's page.",
)
_APP_TOKEN = (
    "SLACK_APP_TOKEN",
    "For Socket Mode make an App-Level Token (xapp-…) with connections:write under Basic "
    "Information; for HTTP set SLACK_SIGNING_SECRET instead.",
)


def _required(command: Command, has: Callable[[str], bool]) -> tuple[tuple[str, str], ...]:
    """(name, where to find it) of what `command` cannot do without."""
    if command == "web":
        return (_BOT_TOKEN, _SECRET)
    if command in ("worker", "replay"):
        return (_BOT_TOKEN,)
    if command in ("run", "doctor"):
        entrance = () if has("SLACK_SIGNING_SECRET") else (_APP_TOKEN,)
        return (_BOT_TOKEN, *entrance)
    return ()


def _default_file() -> Path:
    """In the user's data folder: one fixed place, whatever folder the bot starts in."""
    return Path.home() / ".local" / "share" / "cohort-bot" / "cohort-bot.sqlite3"


def _default_url() -> str:
    return f"sqlite:///{_default_file()}"


def _split(value: str) -> SplitResult | None:
    try:
        return urlsplit(value)
    except ValueError:
        return None
