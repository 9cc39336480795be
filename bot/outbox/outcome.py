"""What each answer of Slack means for a letter: one table.

Codes from Slack's method pages. A code that is not listed is final for this letter and shown
to the coordinators; it stops nobody else.
"""

from dataclasses import dataclass
from enum import StrEnum


class Then(StrEnum):
    """What to do with the letter, and with what."""

    RETRY = "retry"  # nothing was stored: try again later
    GIVE_UP = "give up"  # this letter will never go
    PERSON_GONE = "person gone"  # nothing reaches this person any more
    STOP_CHANNEL = "stop channel"  # nothing reaches this channel any more
    STOP_WORKSPACE = "stop workspace"  # the app is gone or may not call: no call until reinstalled
    UNCLEAR = "unclear"  # Slack may have stored it: look before anything is repeated
    PLAIN = "plain"  # Slack refused a block: once more without charts


@dataclass(frozen=True)
class Outcome:
    then: Then
    advice: str = ""


_GONE = "They left the workspace or cannot be reached there."
_APP = "Install the app again (python -m bot manifest) and check SLACK_BOT_TOKEN."

OUTCOMES: dict[str, Outcome] = {
    "ratelimited": Outcome(Then.RETRY),
    "rate_limited": Outcome(Then.RETRY),
    "message_limit_exceeded": Outcome(Then.RETRY),
    "service_unavailable": Outcome(Then.UNCLEAR),
    "internal_error": Outcome(Then.UNCLEAR),
    "fatal_error": Outcome(Then.UNCLEAR),
    "request_timeout": Outcome(Then.UNCLEAR),
    "user_disabled": Outcome(Then.PERSON_GONE, _GONE),
    "user_not_found": Outcome(Then.PERSON_GONE, _GONE),
    "user_not_visible": Outcome(Then.PERSON_GONE, _GONE),
    "users_not_found": Outcome(Then.PERSON_GONE, _GONE),
    "not_in_channel": Outcome(Then.STOP_CHANNEL, "Type /invite @cohort-bot in the channel."),
    "channel_not_found": Outcome(Then.STOP_CHANNEL, "Type /invite @cohort-bot in the channel."),
    "is_archived": Outcome(Then.STOP_CHANNEL, "The channel is archived; choose another one."),
    "account_inactive": Outcome(Then.STOP_WORKSPACE, _APP),
    "invalid_auth": Outcome(Then.STOP_WORKSPACE, _APP),
    "not_authed": Outcome(Then.STOP_WORKSPACE, _APP),
    "token_revoked": Outcome(Then.STOP_WORKSPACE, _APP),
    "token_expired": Outcome(Then.STOP_WORKSPACE, _APP),
    "org_login_required": Outcome(Then.STOP_WORKSPACE, _APP),
    "team_access_not_granted": Outcome(Then.STOP_WORKSPACE, _APP),
    "missing_scope": Outcome(Then.GIVE_UP, "The app lacks a scope: run python -m bot doctor."),
    "invalid_blocks": Outcome(Then.PLAIN),
    "messages_tab_disabled": Outcome(Then.GIVE_UP, "Switch the app's Messages tab on."),
    "restricted_action": Outcome(Then.GIVE_UP, "A workspace rule forbids this message."),
    # The edit's target is gone or too old: there is nothing to bring up to date.
    "message_not_found": Outcome(Then.GIVE_UP),
    "cant_update_message": Outcome(Then.GIVE_UP),
    "edit_window_closed": Outcome(Then.GIVE_UP),
    "not_enabled": Outcome(Then.GIVE_UP, "Switch the app's Home tab on."),
    "user_not_in_channel": Outcome(Then.GIVE_UP),
}


def outcome(code: str) -> Outcome:
    """What an error code means; unlisted codes give this one letter up."""
    return OUTCOMES.get(code, Outcome(Then.GIVE_UP))
