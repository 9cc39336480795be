"""What follows for a letter that Slack did not take, or may have taken."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.outbox import call, stopped
from bot.outbox.model import Letter, LetterState, Program
from bot.outbox.outcome import Then
from bot.outbox.packing import finish, put_back, put_off
from bot.outbox.post import EDIT, HOME
from bot.outbox.recovery import BACKOFF

STILL_COMING = timedelta(seconds=20)
"""Real time after an answer got lost until the message is looked for: who gave up waiting, we or
a gateway on the way, cannot know that Slack did."""
WAITS = {"message_limit_exceeded": 600}
"""Seconds until the next try where Slack's code says that it takes long, and not how long."""


def note(
    session: Session,
    program: Program,
    letter: Letter,
    refused: call.Refused,
    now: datetime,
    still_coming: timedelta,
) -> None:
    """Write down what the refusal means for the letter, and for its person, channel or
    workspace."""
    unsent = letter.state is LetterState.CLAIMED  # opening the group failed: nothing was sent
    if refused.code == "ratelimited":
        # The bucket is closed for everybody; this letter keeps its place.
        letter.sent_at = None
        letter.attempt -= 0 if unsent else 1
        put_back(letter, "Slack asked to wait")
    elif refused.then is Then.RETRY or (unsent and refused.then is Then.UNCLEAR):
        letter.sent_at = None
        letter.attempt -= 0 if unsent else 1  # being told to wait is no attempt
        seconds = refused.retry_after or WAITS.get(refused.code, BACKOFF[0])
        put_off(letter, now + timedelta(seconds=seconds), "Slack asked to wait")
    elif refused.then is Then.UNCLEAR:
        # An edit or a Home tab can be repeated at once: it changes nothing a second time.
        waits = letter.kind not in (EDIT.name, HOME.name)
        letter.lease_until = system_clock() + (still_coming if waits else timedelta(0))
    elif refused.then is Then.STOP_WORKSPACE:
        program.stop(session, refused.code)
        letter.sent_at = None
        put_off(letter, now, "the app is not installed")
    else:
        letter.sent_at = None
        finish(letter, LetterState.FAILED, refused.code)
        if refused.then is Then.PERSON_GONE and letter.person_id is not None:
            program.person_gone(session, letter.person_id, now)
        if refused.then is Then.STOP_CHANNEL and letter.channel is not None:
            told = letter.workspace_id, letter.channel, refused.code, now
            if stopped.stop(session, *told):
                program.channel_stopped(session, *told)
