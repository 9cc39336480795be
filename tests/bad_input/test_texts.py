"""Any text in every field: kept as it was written, shown to be read, and never obeyed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot import limits
from bot.gratitude.model import Thanks
from bot.sandbox.conversations import elements
from tests.support import people
from tests.support.town import Town

TEXTS = {
    "broadcasts": "<!channel> <!here> <@U0KEN> <#C1|x> <https://evil.example|your bank> & *b* `c`",
    "right to left": "\u202eשלום עולם مرحبا\u202c",
    "emoji": "👩🏽‍🚀 🏳️‍🌈 :tada: ✓",
    "not storable": "a\x00b\ud83dc",
    "long": "é" * 3000,
    "quotes": "'); DROP TABLE person; -- {words} %s \\ \"",
}


def kept(words: str, most: int) -> str:
    return words[:most].replace("\x00", "").replace("\ud83d", "").strip()


@pytest.fixture(params=TEXTS, ids=list(TEXTS))
def words(request: pytest.FixtureRequest) -> str:
    return TEXTS[request.param]


@pytest.fixture
def calls(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Every call the bot makes."""
    made: list[tuple[str, Any]] = []
    call = town.slack.answer

    def answer(method: str, args: Any, token: str | None) -> Any:
        made.append((method, args))
        return call(method, args, token)

    monkeypatch.setattr(town.slack, "answer", answer)
    return made


def mrkdwn(part: Any) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn: of such objects, and of messages themselves."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield str(part["text"])
        if isinstance(part.get("text"), str) and "type" not in part:
            yield part["text"]
        for inner in part.values():
            yield from mrkdwn(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from mrkdwn(inner)


def live(town: Town, words: str) -> None:
    """A profile, a request, a meeting, its summary, a check-in and thanks, all with the words."""
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    with town.db.begin() as session:
        cohort = (
            people.a_cohort(session, words.strip("\x00")[:20], channel=town.channel.id)
            if ("\x00" not in words)
            else people.a_cohort(session, channel=town.channel.id)
        )
        people.a_coordinator(session, cohort)
        people.an_intern(session, cohort, "Ana Silva", profile=False)
        people.a_mentor(session, cohort)
    ana, ben = town.seat("U0ANA"), town.seat("U0BEN")
    ben.command("/mentor", "profile")
    assert ben.submit({"how": words[:300]}).ok
    ben.close(clear=True)
    ana.command("/mentor", "profile")
    assert ana.submit({"goal_1": words[:150], "skills_1": ["presenting"]}).ok
    ana.submit()
    assert ana.submit({"note": words[:500]}).ok
    ana.command("/mentor-request")
    ana.submit()
    ana.click(ana.modal, "choice.add")
    assert ana.submit({"line": words[:300]}).ok
    town.live(hours=2)
    assert ben.click(ben.dm[-1], "offer.accept").ok
    town.settle()
    [group] = ana.groups
    ana.click(ana.messages(group)[-1], "pairing.kit")
    ana.close()
    ana.command("/mentor", "meet")
    form = {"date": "2026-06-09", "time": "15:00", "minutes": "30", "place": words[:200]}
    assert ana.submit(form).ok
    town.live(until=datetime(2026, 6, 9, 15, 0, tzinfo=UTC))
    ana.click(next(m for m in reversed(ana.dm) if "Yes, we met" in m.button_labels), "meeting.yes")
    assert ana.submit({"insight": words[:300], "what~0": words[:200]}).ok
    town.live(until=datetime(2026, 6, 17, 12, 0, tzinfo=UTC))
    ana.click(next(m for m in reversed(ana.dm) if "Answer" in m.button_labels), "check_in.answer")
    scores = {"open_with": "4", "agree": "4", "moved_forward": "4"}
    assert ana.submit(scores | {"wish": words[:500], "wish_for": "pair"}).ok
    ana.command("/mentor", "thanks")
    assert ana.submit({"to": "U0BEN", "words": words[:600]}).ok
    town.live(days=6)
    for seat in (ana, ben, town.seat("U0PRIYA")):
        seat.open_home()
        seat.command("/mentor")
    town.seat("U0PRIYA").command("/cohort", "people")


def test_words_are_shown_and_never_obeyed(
    town: Town, calls: list[tuple[str, Any]], words: str
) -> None:
    live(town, words)
    assert town.seat("U0ANA").notices == []
    assert [letter.reason for letter in town.letters() if letter.state == "failed"] == []
    for method, args in calls:
        for text in mrkdwn(args):
            for order in ("<!channel", "<!here", "<@U0KEN", "<#C1", "<https://evil"):
                assert order not in text, (method, text)
    if words.startswith("<!channel>"):
        shown = "\n".join(message.texts() for message in town.seat("U0BEN").dm)
        assert "&lt;!channel&gt; &lt;!here&gt; &lt;@U0KEN&gt;" in shown
    with town.db.read() as session:
        assert session.scalars(sa.select(Thanks.words)).one() == kept(words, 600)
    for message in town.seat("U0BEN").dm:
        assert limits.check_message({"text": message.text, "blocks": message.blocks}) == []


@pytest.mark.parametrize("empty", ["   ", "\x00", "\n\n"])
def test_nothing_but_space_is_nothing_in_a_required_field(small_town: Town, empty: str) -> None:
    town = small_town
    with town.db.begin() as session:
        cohort = people.a_cohort(session)
        people.an_intern(session, cohort)
        people.a_mentor(session, cohort)
    ana = town.seat("U0ANA")
    ana.command("/mentor", "thanks")
    outcome = ana.submit({"to": "U0BEN", "words": empty})
    assert outcome.errors == {"words": "Write what they did, in your own words."}
    ana.command("/mentor", "profile")
    outcome = ana.submit({"goal_1": empty})
    assert list(outcome.errors) == ["goal_1"]
    with town.db.read() as session:
        assert session.scalars(sa.select(Thanks)).all() == []


def test_the_words_of_a_command_are_quoted_and_never_obeyed(small_town: Town) -> None:
    with small_town.db.begin() as session:
        people.an_intern(session, people.a_cohort(session))
    ana = small_town.seat("U0ANA")
    for word in ("<!channel>", "`<@U0KEN>`", "x" * 3000, "\u202eabc", "payload={}"):
        answer = ana.command("/mentor", word)
        assert answer.message is not None
        assert "I do not know" in answer.message.text
        assert not [text for text in mrkdwn(answer.answer.json()) if "<!channel" in text]
        assert all("<@U0KEN" not in text for text in mrkdwn(answer.answer.json()))
    assert not list(elements(answer.message.blocks))
