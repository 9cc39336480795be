"""The coordinators' channel lets nothing through: who hears of it, and how it is mended."""

from typing import Any

import pytest

from bot import outbox
from bot.cohort import messages, roster, undelivered
from bot.outbox import LetterState, stopped
from bot.outbox.model import Letter
from tests.support.people import a_cohort, a_coordinator, a_person
from tests.support.screens import texts


@pytest.fixture
def priya(small_town: Any) -> Any:
    small_town.slack.join(small_town.channel.id, small_town.slack.bot_user_id)
    with small_town.db.begin() as session:
        for name in ("Summer interns", "Autumn interns"):
            cohort = a_cohort(session, name, channel=small_town.channel.id)
            a_coordinator(session, cohort, "Priya Nair")
    return small_town.seat("U0PRIYA")


def refuse(town: Any, code: str) -> None:
    """What the sender does when Slack refuses the channel."""
    here = town.person("U0PRIYA").workspace_id
    with town.db.begin() as session:
        if stopped.stop(session, here, town.channel.id, code, town.clock()):
            undelivered.channel_stopped(session, here, town.channel.id, code, town.clock())


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("not_in_channel", "Type /invite @cohort-bot in the channel."),
        ("channel_not_found", "Type /invite @cohort-bot in the channel."),
        ("is_archived", "Choose another channel in /cohort settings."),
        ("restricted_action_read_only_channel", "Slack lets only some people write there."),
    ],
)
def test_coordinators_read_once_what_to_do(
    small_town: Any, priya: Any, code: str, advice: str
) -> None:
    for _ in range(3):
        refuse(small_town, code)
        small_town.settle()
    (message,) = [m for m in priya.dm if "I cannot write in" in m.text]
    assert f"<#{small_town.channel.id}>" in message.text
    assert advice in message.texts()
    assert message.button_labels == ["Show letters", "Settings"]


def test_the_notice_waits_for_the_morning_and_is_dropped_when_all_is_well(
    small_town: Any, priya: Any
) -> None:
    small_town.live(hours=13)
    refuse(small_town, "not_in_channel")
    small_town.settle()
    assert not [m for m in priya.dm if "I cannot write in" in m.text]
    with small_town.db.begin() as session:
        stopped.open_again(session, small_town.channel.id)
    small_town.live(days=1)
    assert not [m for m in priya.dm if "I cannot write in" in m.text]
    reasons = {letter.reason for letter in small_town.letters("channel.stopped")}
    assert reasons == {"the channel takes letters again"}


def test_sending_a_letter_again_opens_its_channel(small_town: Any, priya: Any) -> None:
    refuse(small_town, "not_in_channel")
    with small_town.db.begin() as session:
        lost = a_lost_line(small_town, session)
        priya_nair = a_person(session, "Priya Nair")
        undelivered.send_again(session, lost, by=priya_nair, now=small_town.clock())
        assert stopped.is_stopped(session, {small_town.channel.id}, small_town.clock()) == {}


def a_lost_line(town: Any, session: Any) -> int:
    cohort = a_cohort(session, "Winter interns", channel=town.channel.id)
    a_coordinator(session, cohort, "Priya Nair")
    made = outbox.post(
        session,
        messages.CLOSING_LINE,
        key="line",
        workspace_id=cohort.workspace_id,
        cohort_id=cohort.id,
        channel=town.channel.id,
        now=town.clock(),
    )
    assert made is not None
    letter = session.get_one(Letter, made)
    letter.state, letter.reason = LetterState.FAILED, "not_in_channel"
    session.flush()
    return made


def test_the_status_says_when_nothing_goes_at_all(small_town: Any, priya: Any) -> None:
    with small_town.db.begin() as session:
        roster.stop(session, "token_expired")
    priya.command("/cohort", "status")
    shown = texts(priya.modal)
    assert "○ All letters wait; none is lost. Ask whoever runs me: install the app" in shown


def test_who_types_a_command_while_slack_refuses_the_token_reads_why(
    small_town: Any, priya: Any
) -> None:
    small_town.slack.faults.error("views.open", "invalid_auth")
    answer = priya.command("/cohort", "status")
    assert answer.message is not None
    assert "Letters wait; none is lost." in answer.message.text
