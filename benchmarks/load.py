"""The load: signed requests over kept connections, timed from the first byte to the last."""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from typing import Self
from urllib.parse import urlsplit

from slack_sdk.signature import SignatureVerifier

from benchmarks.children import SECRET
from bot.manifest import ENTRANCE

_SIGNER = SignatureVerifier(SECRET)


class Caller:
    """One kept connection to a server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=10
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def ask(self, body: bytes) -> float:
        """Seconds until the answer was read. Raises RuntimeError for anything but a 200; the
        signature is made before the time runs."""
        headers = _signed(body)
        begun = time.perf_counter()
        self._connection.request("POST", ENTRANCE, body, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        taken = time.perf_counter() - begun
        if answer.status != 200 or b"reference" in said:
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        return taken


def one_by_one(url: str, bodies: Sequence[bytes]) -> list[float]:
    """Seconds of each request, one after the other."""
    with Caller(url) as caller:
        return [caller.ask(body) for body in bodies]


def at_once(url: str, bodies: Sequence[bytes], callers: int) -> list[float]:
    """The same from several callers, each asking again as soon as it has its answer."""
    shares = [bodies[number::callers] for number in range(callers)]
    with ThreadPoolExecutor(callers) as people:
        return [
            taken
            for share in people.map(lambda part: one_by_one(url, part), shares)
            for taken in share
        ]


def percentile(taken: Sequence[float], percent: int) -> float:
    """The time that `percent` of the requests kept below."""
    return quantiles(taken, n=100, method="inclusive")[percent - 1]


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = _SIGNER.generate_signature(timestamp=stamp, body=body)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature or "",
    }
