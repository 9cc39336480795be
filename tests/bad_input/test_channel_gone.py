"""A coordinators' channel that is not there any more, and a bot that was removed: words to who
is looking, letters on a list, nothing lost."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.cohort import people as cohort_people
from bot.cohort.model import Cohort, Membership, Workspace
from bot.outbox.model import LetterState
from tests.pairing import scene
from tests.support import people
from tests.support.town import Town

Trouble = Callable[[Town], object]
TROUBLES: dict[str, Trouble] = {
    "not inside": lambda town: town.slack.leave(town.channel.id, town.slack.bot_user_id),
    "archived": lambda town: town.slack.archive(town.channel.id),
}


def found(town: Town) -> None:
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        people.a_coordinator(session, cohort)
        people.a_mentor(session, cohort)
        scene.asking(session, cohort, "Ana Silva", "Ben")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_letter_to_a_channel_that_is_gone_is_on_the_list_and_goes_again(
    small_town: Town, trouble: str
) -> None:
    town = small_town
    found(town)
    town.live(hours=2)
    TROUBLES[trouble](town)
    ben, priya = town.seat("U0BEN"), town.seat("U0PRIYA")
    assert ben.click(ben.dm[-1], "offer.accept").ok
    town.live(hours=1)
    failed = [letter for letter in town.letters() if letter.state is LetterState.FAILED]
    assert [letter.channel for letter in failed] == [town.channel.id]
    assert len(town.seat("U0ANA").groups) == 1  # the others got theirs
    priya.command("/cohort")
    said = priya.read_aloud(priya.modal)
    assert "1 letter" in said

    town.slack.conversations[town.channel.id].archived = False
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    priya.click(priya.modal, "undelivered.open")
    priya.click(priya.modal, "undelivered.again")
    town.settle()
    assert [m for m in town.channel_messages() if "New pair: Ana Silva" in m.texts()]
    assert [x for x in town.letters() if x.state is LetterState.FAILED] == []


def test_a_public_channel_and_one_without_the_bot_are_refused_beside_the_field(
    small_town: Town,
) -> None:
    town = small_town
    public = town.slack.add_channel("everybody", members=["U0PRIYA"], bot=True)
    strange = town.slack.add_channel("closed", private=True, members=["U0PRIYA"])
    old = town.slack.add_channel("old", private=True, members=["U0PRIYA"], bot=True)
    town.slack.archive(old.id)
    priya = town.seat("U0PRIYA")
    priya.command("/cohort", "new")
    form = {"name": "Summer", "starts_on": "2026-06-08", "weeks": "12", "coordinators": ["U0PRIYA"]}
    for channel, why in (
        (public, "Everybody can read #everybody"),
        (strange, "I am not in"),
        (old, "#old is archived"),
    ):
        outcome = priya.submit(form | {"channel": channel.id})
        assert why in outcome.errors["channel"]
    with town.db.read() as session:
        assert session.scalars(sa.select(Cohort)).all() == []


@pytest.mark.parametrize("how", ["uninstall", "revoke_token"])
def test_a_removed_bot_keeps_everything_and_calls_nobody(town: Town, how: str) -> None:
    found(town)
    getattr(town.slack, how)()
    with town.db.read() as session:
        assert session.scalars(sa.select(Workspace)).one().stopped_reason
    calls = len(town.slack.log)
    town.live(days=2)
    asked = [e for e in list(town.slack.log)[calls:] if e.direction == "from_bot"]
    assert asked == []
    waiting = [x for x in town.letters("offer") if x.state is LetterState.PENDING]
    assert len(waiting) == 1


def test_a_removed_person_is_told_whom_to_ask(small_town: Town) -> None:
    town = small_town
    found(town)
    with town.db.begin() as session:
        ana = session.scalars(
            sa.select(Membership)
            .join(Membership.person)
            .where(Membership.person.has(slack_id="U0ANA"))
        ).one()
        cohort_people.remove(session, ana, now=town.clock())
    seat = town.seat("U0ANA")
    for name, word in (("/mentor", ""), ("/mentor-request", ""), ("/mentor", "leave")):
        answer = seat.command(name, word)
        assert answer.message is not None
        assert "You are no longer in Summer interns. Questions: <@U0PRIYA>." in answer.message.text


def test_an_account_that_is_off_is_told_so(small_town: Town) -> None:
    found(small_town)
    small_town.slack.deactivate("U0BEN")
    answer = small_town.seat("U0BEN").command("/mentor")
    assert answer.message is not None
    assert "this account is switched off" in answer.message.text
    small_town.slack.reactivate("U0BEN")
    answer = small_town.seat("U0BEN").command("/mentor")
    assert "switched off" not in answer.message.text
