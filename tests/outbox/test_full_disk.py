"""No room left on the disk: nothing is said to be saved, nothing is sent that cannot be noted, and
all goes on when there is room again."""

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.clicks import Clicks
from benchmarks.faults.crew import Child, wait_until
from bot.outbox import LetterState
from tests.support.scene import Scene, a_scene, every_letter_once


@pytest.fixture
def scene(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Scene]:
    path = tmp_path / "small.sqlite3"
    shutil.copy(migrated_sqlite, path)
    with a_scene(f"sqlite:///{path}", tmp_path, people=20) as made:
        yield made


def room(child: Child, most: int) -> None:
    """How large a file this process may write; the disk's end, for it alone."""
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def click(web: Child, scene: Scene, number: int) -> bool:
    """Whether the click was acknowledged, which means: saved."""

    class Only:
        members = (web,)

    only: Any = Only()
    town = scene.town
    clicks = Clicks(only, town.people, town.workspace.team_id, seed=1, count=1, seconds=1)
    clicks._click(number, town.people[0])
    return number in clicks.acknowledged


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_a_click_on_a_full_disk_is_not_acknowledged_and_works_again_later(scene: Scene) -> None:
    web = scene.web()
    web.ready()
    assert click(web, scene, 1)
    room(web, 1)
    assert not click(web, scene, 2)
    pending = scene.count(LetterState.PENDING)
    assert pending == 1, "what was refused left nothing"
    room(web, resource.RLIM_INFINITY)
    assert click(web, scene, 2)
    assert scene.count(LetterState.PENDING) == 2


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_a_worker_on_a_full_disk_sends_nothing_it_cannot_note_and_goes_on_later(
    scene: Scene,
) -> None:
    scene.post(20)
    worker = scene.worker()
    worker.ready()
    scene.stored(1)
    room(worker, 1)
    scene.more(20)
    wait_until(lambda: scene.log.stat().st_size > 0, 60, "it did not complain")
    known = scene.count(LetterState.SENT)
    # What was on its way when the disk was full is stored, and looked up later.
    assert known <= len(scene.ledger) <= 20
    room(worker, resource.RLIM_INFINITY)
    every_letter_once(scene.settled(), 40)
    assert worker.alive
