"""Channels that are stopped: said once, tried once an hour, opened by whoever mends them."""

from datetime import timedelta

from bot.database import Database
from bot.outbox import stopped
from tests.support.people import START, a_workspace

HOUR = timedelta(hours=1)


def test_a_channel_is_stopped_once_and_known_with_its_code(db: Database) -> None:
    with db.begin() as session:
        here = a_workspace(session).id
        assert stopped.stop(session, here, "C1", "not_in_channel", START) is True
        assert stopped.stop(session, here, "C1", "is_archived", START) is False
        assert stopped.is_stopped(session, {"C1", "C2"}, START) == {"C1": "is_archived"}
        assert stopped.is_stopped(session, set(), START) == {}


def test_one_letter_an_hour_tries_again(db: Database) -> None:
    with db.begin() as session:
        here = a_workspace(session).id
        stopped.stop(session, here, "C1", "not_in_channel", START)
        assert stopped.may_try(session, "C1", START) is False
        assert stopped.may_try(session, "C2", START) is True
        later = START + HOUR
        assert stopped.is_stopped(session, {"C1"}, later) == {}
        assert [stopped.may_try(session, "C1", later) for _ in range(3)] == [True, False, False]
        assert stopped.is_stopped(session, {"C1"}, later) == {"C1": "not_in_channel"}
        # It failed as well: that is no news, and the next try is an hour away.
        assert stopped.stop(session, here, "C1", "not_in_channel", later) is False
        assert stopped.may_try(session, "C1", later + HOUR) is True


def test_a_channel_opened_again_is_as_good_as_new(db: Database) -> None:
    with db.begin() as session:
        here = a_workspace(session).id
        stopped.stop(session, here, "C1", "not_in_channel", START)
        assert stopped.open_again(session, "C1") is True
        assert stopped.open_again(session, "C1") is False
        assert stopped.is_stopped(session, {"C1"}, START) == {}
        assert stopped.stop(session, here, "C1", "not_in_channel", START) is True
