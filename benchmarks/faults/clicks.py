"""People who click: each click arrives twice at once, and a third time later."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

from benchmarks.faults.children import CLICK, SECRET
from benchmarks.faults.crew import Crew
from bot.manifest import ENTRANCE
from bot.sandbox.delivery import Answer, Delivery, request_of, to_url


class Clicks:
    """Clicks `count` times in `seconds`, on a web child that may be dead at times."""

    def __init__(
        self, crew: Crew, people: list[str], team: str, *, seed: int, count: int, seconds: float
    ) -> None:
        self._crew, self._people, self._team = crew, people, team
        self._random = Random(f"{seed}:clicks")  # noqa: S311
        self._count, self._seconds = count, seconds
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        # Clicks that were answered with 200: what was asked for is saved.
        self.acknowledged: set[int] = set()
        self.requests = 0

    def start(self) -> None:
        """Begin to click."""
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Returns when everybody has clicked; nobody clicks any more after `seconds`."""
        self._thread.join(seconds)
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        with ThreadPoolExecutor(4) as fingers:
            for number in range(self._count):
                if self._stop.is_set():
                    return
                user = self._random.choice(self._people)
                fingers.submit(self._click, number, user)
                fingers.submit(self._click, number, user)
                if number:
                    fingers.submit(self._click, self._random.randrange(number), user)
                self._stop.wait(self._random.expovariate(1) * self._seconds / self._count)

    def _click(self, number: int, user: str) -> None:
        url = self._crew.members[0].ready().get("url", "")
        answer = to_url(url + ENTRANCE)(self._request(number, user))
        with self._lock:
            self.requests += 1
            if _saved(answer):
                self.acknowledged.add(number)

    def _request(self, number: int, user: str) -> Delivery:
        button = {
            "type": "button",
            "action_id": CLICK,
            "block_id": "buttons",
            "value": str(number),
            "action_ts": f"{number}.5",
            "text": {"type": "plain_text", "text": "Send me one"},
        }
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": user, "name": user, "team_id": self._team},
            "api_app_id": "A0SANDBOX",
            "token": "verification",
            "team": {"id": self._team, "domain": "sandbox"},
            "trigger_id": f"{number}.1.abc",
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "D0"},
            "channel": {"id": "D0", "name": "directmessage"},
            "message": {"type": "message", "ts": "1.1", "text": "x"},
            "actions": [button],
        }
        return request_of("interactive", "block_actions", payload, secret=SECRET)


def _saved(answer: Answer) -> bool:
    return answer.status == 200
