"""Saying thanks as people do it: command, shortcut, prompt, answer."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.gratitude import prompts
from bot.gratitude.model import Thanks, ThanksWeek
from bot.pairing.model import PairingState
from tests.support import people


@pytest.fixture
def paired(town: Any) -> Any:
    """Ana and Ben are a pair of a cohort that Priya coordinates."""
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
        people.a_coordinator(session, cohort)
        people.a_person(session, "Ken Abe")
        prompts.plan(session, cohort.id, town.clock())
    return town


def stored(town: Any) -> list[Thanks]:
    with town.db.read() as session:
        return list(session.scalars(sa.select(Thanks)))


def test_thanks_reach_one_person_as_a_private_letter(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    ana.command("/mentor", "thanks")
    assert ana.modal["blocks"][1]["element"]["initial_user"] == "U0BEN"
    ana.submit({"words": "You read my draft twice.\nNow I present without notes."})
    assert ana.modal["blocks"][0]["text"]["text"] == "● Your thanks are on their way to Ben."
    paired.live(hours=3)
    told = paired.seat("U0BEN").dm[-1]
    assert told.blocks[0]["text"]["text"] == "*Ana Silva thanks you*"
    assert told.blocks[1]["text"]["text"] == (
        "> You read my draft twice.\n> Now I present without notes."
    )
    assert told.blocks[-1]["elements"][0]["text"] == (
        "Only you and Ana see this. The menu pauses letters."
    )
    assert paired.channel_messages() == []


def test_thanks_can_be_sent_back(paired: Any) -> None:
    ana, ben = paired.seat("U0ANA"), paired.seat("U0BEN")
    ana.shortcut("thanks.shortcut")
    ana.submit({"words": "Thank you."})
    paired.live(hours=3)
    ben.click(ben.dm[-1], "thanks.back")
    assert ben.modal["blocks"][1]["element"]["initial_user"] == "U0ANA"
    ben.submit({"words": "You asked good questions."})
    paired.live(hours=3)
    assert ana.dm[-1].blocks[0]["text"]["text"] == "*Ben Ito thanks you*"


def test_nobody_answers_thanks_that_went_to_somebody_else(paired: Any) -> None:
    ana, ben = paired.seat("U0ANA"), paired.seat("U0BEN")
    ana.command("/mentor", "thanks")
    ana.submit({"words": "Thank you."})
    paired.live(hours=3)
    mine = stored(paired)[0].id
    ana.close()
    ben.forge(ben.dm[-1], "thanks.back", str(mine + 1))
    assert ben.modal is None
    assert "not for you" in ben.ephemerals[-1].text
    ana.command("/mentor", "thanks")
    ana.close()
    ana.write("hello")
    ana.forge(ana.dm[0], "thanks.back", str(mine))
    assert ana.modal is None


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("U0ANA", "That is you. Choose somebody who helped you."),
        ("U0KEN", "Ken is not in your cohort. You can write to Ken directly."),
        ("bot", "That is an app, it cannot read thanks. Choose a person."),
    ],
)
def test_who_cannot_be_thanked_is_said_beside_the_field(paired: Any, to: str, words: str) -> None:
    ana = paired.seat("U0ANA")
    ana.command("/mentor", "thanks")
    with paired.db.read() as session:
        bot = people.a_workspace(session).bot_user_id
    outcome = ana.submit({"to": bot if to == "bot" else to, "words": "Thank you."})
    assert outcome.errors == {"to": words}
    assert stored(paired) == []


def test_thanks_without_words_are_refused_beside_the_field(paired: Any) -> None:
    ana = paired.seat("U0ANA")
    ana.command("/mentor", "thanks")
    outcome = ana.submit({"words": "   "})
    assert outcome.errors == {"words": "Write what they did, in your own words."}


def test_somebody_who_left_slack_is_not_thanked(paired: Any) -> None:
    with paired.db.begin() as session:
        people.a_person(session, "Ben Ito").left_slack_at = paired.clock()
    ana = paired.seat("U0ANA")
    ana.command("/mentor", "thanks")
    outcome = ana.submit({"to": "U0BEN", "words": "Thank you."})
    assert outcome.errors == {"to": "Ben is no longer in this workspace. Priya Nair knows."}


def test_a_stranger_hears_whom_to_ask(paired: Any) -> None:
    ken = paired.seat("U0KEN")
    ken.command("/mentor", "thanks")
    assert ken.modal is None
    assert "You are not in a mentorship cohort yet." in ken.ephemerals[-1].text


def test_the_question_shows_what_became_of_it(paired: Any) -> None:
    with paired.db.read() as session:
        opens = session.scalars(sa.select(sa.func.min(ThanksWeek.opens_at))).one()
    paired.live(until=opens + timedelta(hours=1))
    ana, ben = paired.seat("U0ANA"), paired.seat("U0BEN")
    ana.click(ana.dm[-1], "thanks.write")
    ana.submit({"words": "Thank you."})
    assert ana.modal is None
    ben.click(ben.dm[-1], "thanks.skip")
    ben.click(ben.dm[-1], "thanks.skip")
    paired.settle()
    assert [b["type"] for b in ana.dm[-1].blocks] == ["section", "context"]
    assert ana.dm[-1].blocks[0]["text"]["text"] == "*You thanked Ben Ito*"
    question = next(m for m in ben.dm if "No thanks" in m.text)
    assert [e["action_id"] for e in question.blocks[1]["elements"]] == ["thanks.write"]
    assert len(stored(paired)) == 1


def test_a_question_without_a_pairing_any_more_is_not_sent(paired: Any) -> None:
    with paired.db.read() as session:
        opens = session.scalars(sa.select(sa.func.min(ThanksWeek.opens_at))).one()
    with paired.db.begin() as session:
        week = session.scalars(sa.select(ThanksWeek).order_by(ThanksWeek.week)).first()
        prompts.ask(session, week.id, opens)
        pairing = session.scalars(sa.select(people.Pairing)).one()
        pairing.state = PairingState.ENDED
    paired.live(until=opens + timedelta(hours=1))
    assert paired.seat("U0ANA").dm == []
    assert {x.reason for x in paired.letters("thanks.prompt")} == {"no pairing any more"}
