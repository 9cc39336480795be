"""A peer on a real socket that does to connections what networks and servers do."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

Act = Callable[[socket.socket], bool]


def answered(line: socket.socket, body: Any = None, status: str = "200 OK", **headers: str) -> bool:
    """Answer, and keep the connection."""
    said = (json.dumps({"ok": True, "channel": "D1", "ts": "1.2"} | (body or {}))).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}"
    line.sendall(f"{head}Content-Length: {len(said)}\r\n\r\n".encode() + said)
    return True


def hung_up(line: socket.socket) -> bool:
    """Close without a word."""
    return False


def cut_short(line: socket.socket) -> bool:
    """Half an answer, then the connection is gone."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{")
    return False


def then_gone(line: socket.socket) -> bool:
    """Answer as if the connection stayed, and close it: what an idle time-out looks like."""
    answered(line)
    return False


class Peer:
    """Listens; notes each request (head and body); does what it was told, else answers well."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[tuple[str, bytes]] = []
        self.acts: list[Act] = []
        self.accepting: Callable[[], object] = lambda: None
        self.closed = threading.Event()
        self._bound = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._bound.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._bound.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _address = self._bound.accept()
            except OSError:
                return
            self.connections += 1
            self.accepting()
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            while self._one(line):
                pass
        self.closed.set()

    def _one(self, line: socket.socket) -> bool:
        got = b""
        while b"\r\n\r\n" not in got:
            piece = line.recv(65536)
            if not piece:
                return False
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        text = head.decode()
        lengths = [x for x in text.splitlines() if x.lower().startswith("content-length:")]
        length = int(lengths[0].split(":")[1]) if lengths else 0
        while len(body) < length:
            piece = line.recv(65536)
            if not piece:
                return False
            body += piece
        self.requests.append((text, body))
        act = self.acts.pop(0) if self.acts else answered
        return act(line)
