"""How the workspace says no: to the app (ApiError) and to a person at the screen (Refused)."""

from typing import Any


class ApiError(Exception):
    """The Web API answers {"ok": false, "error": code, …}."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


class Refused(LookupError):
    """Slack's client would not let the person do this; the text says why."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
