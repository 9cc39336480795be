"""Everything anybody could do, delivered four times: at once, to two processes, and to a third one
that was started afterwards. One effect, one answer."""

import io
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bot import broken
from bot.app import AWAY, AWAY_LATE, build_app
from bot.database import Database
from bot.sandbox.delivery import Answer, Delivery, request_of, to_bolt_app
from bot.switchboard import Switchboard
from tests.bad_input.test_wrong_shapes import all_requests
from tests.bad_input.village import Possible, Village, kept
from tests.support.databases import nothing_kept

# Drawn anew for every row.
RANDOM = {"letter": ("marker", "key")}


@contextmanager
def copied(village: Village, path: Path) -> Iterator[str]:
    """The village's database in a file of its own."""
    here = str(village.db.url.database)
    with closing(sqlite3.connect(here)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    yield f"sqlite:///{path}"
    path.unlink()


class Process:
    """One more process that serves the village."""

    def __init__(self, village: Village, url: str) -> None:
        self.db = Database(url, role="web")
        self.app: Switchboard = build_app(
            village.settings,
            self.db,
            village.clock,
            village.client,  # type: ignore[arg-type]
        )
        self._deliver = to_bolt_app(self.app)

    def deliver(self, request: Delivery) -> Answer:
        """The answer; what has time until it is out is done."""
        answer = self._deliver(request)
        self.app.settle()
        return answer


def request(village: Village, one: Possible) -> Delivery:
    return request_of(one.kind, one.what, village.fresh(one), secret=village.slack.signing_secret)


def rows(db: Database) -> Any:
    """Every row, without what is drawn at random."""
    found = kept(db)
    for table, columns in RANDOM.items():
        for row in found[table]:
            for column in columns:
                row.pop(column, None)
    return found


def differences(expected: Any, found: Any) -> list[str]:
    """What two databases hold that is not the same, row by row."""
    return [
        f"{table}: {[item for item in one.items() if other.get(item[0]) != item[1]]} {one['id']}"
        for table, wanted in expected.items()
        for one, other in zip_longest(wanted, found[table], fillvalue={"id": None})
        if one != other
    ]


def test_four_deliveries_to_three_processes_are_one(village: Village, tmp_path: Path) -> None:
    known = all_requests(village)
    with (
        copied(village, tmp_path / "once.sqlite3") as once_url,
        copied(village, tmp_path / "often.sqlite3") as often_url,
        ThreadPoolExecutor(4) as threads,
    ):
        once = Process(village, once_url)
        first, second = Process(village, often_url), Process(village, often_url)
        wrong = []
        for one in known:
            once.deliver(request(village, one))
            sent = request(village, one)
            places = (first, first, second, second)
            answers = list(threads.map(lambda place, sent=sent: place.deliver(sent), places))
            restarted = Process(village, often_url)
            answers.append(restarted.deliver(sent))
            restarted.db.close()
            said = {(answer.status, answer.body) for answer in answers}
            if len(said) != 1 or answers[0].status != 200:
                wrong.append(f"{one.what}: {[(a.status, a.body[:200]) for a in answers]}")
        assert wrong == []
        expected, found = rows(once.db), rows(first.db)
        assert differences(expected, found) == []
        for place in (once, first, second):
            place.db.close()


def test_nothing_is_called_saved_that_could_not_be_committed(
    village: Village, tmp_path: Path
) -> None:
    with copied(village, tmp_path / "full.sqlite3") as url:
        place = Process(village, url)
        place.app.settle()
        before = kept(place.db)
        log, wrong, failed = village.slack.log, [], 0
        with nothing_kept(place.db, "database or disk is full") as tried:
            for one in all_requests(village):
                tried.clear()
                entries = list(log)
                seen = entries[-1].n if entries else 0
                answer = place.deliver(request(village, one))
                told = [answer.body, *(str(dict(entry.request)) for entry in log.after(seen))]
                if not tried:
                    continue
                failed += 1
                if one.kind == "events_api":
                    fine = answer.status == 500
                else:
                    fine = any(words in said for said in told for words in (AWAY, AWAY_LATE))
                if not fine:
                    wrong.append(f"{one.what}: {answer.status} {answer.body[:200]}")
        assert wrong == []
        assert failed > 50
        assert kept(place.db) == before
        place.db.close()


def test_whatever_breaks_gives_a_reference_and_is_kept_and_no_content_is_logged(
    village: Village, tmp_path: Path, lines: io.StringIO
) -> None:
    with copied(village, tmp_path / "broken.sqlite3") as url:
        place = Process(village, url)

        @place.app.use
        def break_everything() -> None:
            raise RuntimeError("saffron")

        known = all_requests(village)
        log, wrong = village.slack.log, []
        for one in known:
            entries = list(log)
            seen = entries[-1].n if entries else 0
            answer = place.deliver(request(village, one))
            kept_now = broken.listed(place.db)
            reference = kept_now[-1].reference
            told = [answer.body, *(str(dict(entry.request)) for entry in log.after(seen))]
            if one.kind == "events_api":
                fine = answer.status == 500
            else:
                fine = answer.status == 200 and any(reference in said for said in told)
            if not fine or f"reference={reference}" not in lines.getvalue():
                wrong.append(f"{one.what}: {answer.status} {answer.body[:200]}")
        assert wrong == []
        assert len(kept_now) == len(known)
        assert "saffron" not in lines.getvalue()
        place.db.close()
