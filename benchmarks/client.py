"""C1: what a message costs over TLS, with the bot's client and with the SDK's.

A server in a process of its own takes every call, over TLS 1.3 with HTTP/1.1, and counts the
handshakes. This process posts the same reminder so many times with each client, one call after the
other; the figure is this process's CPU time for each message, so the server's does not count. The
SDK's client is a `WebClient` as its documentation makes one, trusting the same certificate.
"""

import http.client
import json
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from slack_sdk import WebClient

from benchmarks import reminders
from benchmarks.instant import TOKEN
from benchmarks.places import Places
from benchmarks.scale import Scale
from benchmarks.table import Line, Row, Skipped, Unit
from bot.outbox import Letter, call
from bot.slack import slack_client

_ANSWER = json.dumps({"ok": True, "channel": "D0P", "ts": "1700000000.000100"}).encode()


def measure(scale: Scale, places: Places) -> list[Line]:
    """CPU time of each message and handshakes of all, in turn."""
    if not find_spec("trustme"):
        what = "Install the extra: pip install 'cohort-bot[benchmarks]'."
        return [Skipped("C1 calls over TLS", f"It needs a certificate of its own. {what}")]
    with _server(places.folder) as (port, trusted):
        url = f"https://localhost:{port}/api/"
        trust = ssl.create_default_context(cafile=str(trusted))
        ours, theirs = slack_client(TOKEN, url), WebClient(TOKEN, base_url=url)
        ours.ssl = theirs.ssl = trust
        spent: dict[WebClient, list[float]] = {ours: [], theirs: []}
        handshakes: dict[WebClient, int] = {ours: 0, theirs: 0}
        for _ in range(scale.rounds):
            for client, found in spent.items():
                before = _handshakes(port, trust)
                found.append(_cpu(client, scale.calls))
                # Asking for the number took one.
                handshakes[client] += _handshakes(port, trust) - before - 1
    calls = scale.rounds * scale.calls
    note = (
        "What is left is the message's own: JSON, headers, encryption, and the SDK's checks of "
        "arguments."
    )
    each = 1_000 / calls
    return [
        Row(
            "C1 CPU of a message over TLS",
            median(spent[ours]),
            median(spent[theirs]),
            "WebClient",
            1 / 4,
            note=note,
        ),
        Row(
            "C1 handshakes of 1,000 messages",
            handshakes[ours] * each,
            handshakes[theirs] * each,
            "WebClient",
            max(10.0, each),
            Unit.COUNT,
            absolute=True,
            note="Each call opens a connection of its own.",
        ),
    ]


def _cpu(client: WebClient, times: int) -> float:
    """CPU seconds of this process for each of so many posts."""
    message = reminders.render(None, Letter(id=1), reminders.MORNING)  # type: ignore[arg-type]
    begun = time.process_time()
    for number in range(times):
        call.post(client, f"U0P{number:06d}", message, "marker", None)
    return (time.process_time() - begun) / times


# ---- the server


@contextmanager
def _server(folder: Path) -> Iterator[tuple[int, Path]]:
    """A child with a certificate for localhost; yields its port and whom to trust."""
    import trustme

    authority = trustme.CA()
    trusted, own = folder / "trusted.pem", folder / "own.pem"
    authority.cert_pem.write_to_path(str(trusted))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(own))
    child = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.client", str(own)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None  # noqa: S101 (asked for above)
    assert child.stdout is not None  # noqa: S101
    try:
        yield int(child.stdout.readline()), trusted
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(15)


def _handshakes(port: int, trust: ssl.SSLContext) -> int:
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=trust)
    connection.request("GET", "/handshakes")
    answer = connection.getresponse().read()
    connection.close()
    return int(answer)


class _Server(ThreadingHTTPServer):
    """Shakes hands in the connection's own thread, and counts."""

    daemon_threads = True
    handshakes = 0

    def __init__(self, certificate: str) -> None:
        super().__init__(("localhost", 0), _Answer)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._counting = threading.Lock()

    def finish_request(self, request: object, client_address: object) -> None:
        with self._context.wrap_socket(request, server_side=True) as secure:  # type: ignore[arg-type]
            with self._counting:
                self.handshakes += 1
            super().finish_request(secure, client_address)


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say(_ANSWER)

    def do_GET(self) -> None:
        self._say(str(self.server.handshakes).encode())

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Nothing is written for each call."""


def _child(certificate: str) -> None:
    server = _Server(certificate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)  # noqa: T201 (how the parent learns it)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    _child(sys.argv[1])
