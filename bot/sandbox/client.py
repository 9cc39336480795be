"""A slack_sdk client whose calls go straight into the workspace."""

import json as json_module
from collections.abc import Mapping
from dataclasses import replace
from http.client import IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.sandbox.api import ApiAnswer
from bot.sandbox.respond import respond

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


class InProcessClient(WebClient):
    """Answers and errors are the SDK's own: SlackResponse, SlackApiError; a broken
    connection raises what it raises over HTTP. Posting to a response_url works too:
    `client.api_call(url, json={...})`, as over HTTP."""

    def __init__(self, workspace: "Workspace", token: str | None = None) -> None:
        super().__init__(
            token=workspace.bot_token if token is None else token,
            base_url="https://sandbox.invalid/api/",
            retry_handlers=[],
        )
        self.workspace = workspace

    def with_token(self, token: str) -> "InProcessClient":
        """The same workspace with another token."""
        return InProcessClient(self.workspace, token)

    def __copy__(self) -> "InProcessClient":
        return InProcessClient(self.workspace, self.token)

    def __deepcopy__(self, memo: object) -> "InProcessClient":
        return self.__copy__()

    def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: Json | None = None,
        data: Any = None,
        params: Json | None = None,
        json: Json | None = None,
        headers: Json | None = None,
        auth: Json | None = None,
    ) -> SlackResponse:
        """Call a method, or post to a response_url, of the workspace."""
        args: Json = {**_strings(params), **_strings(data), **(json or {})}
        args = {name: value for name, value in args.items() if value is not None}
        token = args.pop("token", None) or _bearer(headers) or self.token
        response = self._ask(api_method, args, token, http_verb)
        response.validate()  # type: ignore[no-untyped-call]
        return response

    def respond(self, response_url: str, **body: Any) -> None:
        """Answer a click by its response_url."""
        self.api_call(response_url, json=body)

    def _ask(self, api_method: str, args: Json, token: str | None, verb: str) -> SlackResponse:
        answer = self._answer(api_method, args, token)
        if answer.status == 0 or answer.after:
            raise self._broken(answer)
        return SlackResponse(
            client=self,
            http_verb=verb,
            api_url=f"{self.base_url}{api_method}",
            req_args={"params": args},
            data=answer.body,
            headers=dict(answer.headers),
            status_code=answer.status,
        )

    def _broken(self, answer: ApiAnswer) -> Exception:
        """What a client over HTTP raises; nobody really waits for one that hangs."""
        if answer.late is not None:
            self.workspace.late.append(answer.late)
        if answer.after:
            return TimeoutError("timed out")
        if answer.broken == "reset":
            return ConnectionResetError("Connection reset by peer")
        if answer.broken == "cut":
            return IncompleteRead(b"{", 63)
        return RemoteDisconnected("Remote end closed connection without response")

    def _answer(self, api_method: str, args: Json, token: str | None) -> ApiAnswer:
        # A copy made of JSON, so neither side holds the other's lists.
        sent = json_module.loads(json_module.dumps(args))
        if "://" in api_method:
            return respond(self.workspace, urlsplit(api_method).path.rsplit("/", 1)[-1], sent)
        answer = self.workspace.answer(api_method, sent, token)
        body = json_module.loads(json_module.dumps(answer.body))
        return replace(answer, body=body)

    def _request_for_pagination(self, api_url: str, req_args: Json) -> Json:
        """The next page, for iterating over a SlackResponse."""
        name = api_url.removeprefix(self.base_url)
        answer = self._answer(name, dict(req_args.get("params") or {}), self.token)
        return {"status_code": answer.status, "headers": answer.headers, "data": answer.body}


def _strings(given: Any) -> Json:
    """Form arguments as they look after the SDK has encoded them."""
    if not isinstance(given, Mapping):
        return {}
    encoded: Json = {}
    for name, value in given.items():
        if isinstance(value, bool):
            encoded[name] = "1" if value else "0"
        elif value is not None:
            encoded[name] = value if isinstance(value, str) else str(value)
    return encoded


def _bearer(headers: Mapping[str, str] | None) -> str | None:
    value = (headers or {}).get("Authorization", "")
    return value.removeprefix("Bearer ") or None
