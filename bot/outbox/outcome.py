"""What each answer of Slack means for a letter: one table.

Every error code that Slack's pages name for the methods the bot writes and looks up with, and
the codes any method can answer. One that is not listed is final for this letter and shown to
the coordinators; it stops nobody else.
"""

from collections.abc import Iterable
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


class Whom(StrEnum):
    """Who can do something about it, and reads the advice."""

    NOBODY = "nobody"
    COORDINATORS = "coordinators"  # beside the letter that did not arrive, and in the notice
    OPERATOR = "operator"  # in the log; coordinators are asked to pass it on


@dataclass(frozen=True)
class Outcome:
    then: Then
    advice: str = ""
    whom: Whom = Whom.NOBODY

    @property
    def for_coordinators(self) -> str:
        """The advice as coordinators read it."""
        return f"Ask whoever runs me: {self.advice}" if self.whom is Whom.OPERATOR else self.advice


def _same(outcome: Outcome, *codes: str) -> Iterable[tuple[str, Outcome]]:
    return ((code, outcome) for code in codes)


def _tell(then: Then, advice: str) -> Outcome:
    return Outcome(then, advice, Whom.COORDINATORS)


def _operator(then: Then, advice: str) -> Outcome:
    return Outcome(then, advice, Whom.OPERATOR)


_LATER = Outcome(Then.RETRY)
_UNCLEAR = Outcome(Then.UNCLEAR)
_NOTHING_TO_EDIT = Outcome(Then.GIVE_UP)
_GONE = _tell(Then.PERSON_GONE, "They left the workspace or cannot be reached there.")
_INVITE = _tell(Then.STOP_CHANNEL, "Type /invite @cohort-bot in the channel.")
_ARCHIVED = _tell(
    Then.STOP_CHANNEL, "It is archived or locked. Choose another channel in /cohort settings."
)
_POSTING = _tell(
    Then.STOP_CHANNEL,
    "Slack lets only some people write there. Allow the bot, or choose another channel in "
    "/cohort settings.",
)
_RULE = _tell(Then.GIVE_UP, "A rule of this workspace forbids this message. Ask its admins.")
_OUTSIDE = _tell(Then.GIVE_UP, "Somebody from outside needs to share a channel with them first.")
_REINSTALL = _operator(
    Then.STOP_WORKSPACE, "install the app again and check SLACK_BOT_TOKEN (python -m bot doctor)."
)
_ADMINS = _operator(
    Then.STOP_WORKSPACE, "an admin of the workspace has restricted the app; ask to allow it."
)
_SCOPE = _operator(
    Then.STOP_WORKSPACE,
    "the app lacks a permission: paste python -m bot manifest and install the app again.",
)
_OURS = _operator(Then.GIVE_UP, "the bot asked Slack for something impossible; update it.")
_TOO_LONG = Outcome(Then.PLAIN)

OUTCOMES: dict[str, Outcome] = dict(
    (
        # Not now.
        *_same(_LATER, "ratelimited", "rate_limited", "external_channel_migrating"),
        *_same(_LATER, "team_added_to_org"),
        (
            "message_limit_exceeded",
            _tell(Then.RETRY, "This workspace has reached its limit of messages; they go later."),
        ),
        # It may have happened all the same.
        *_same(_UNCLEAR, "service_unavailable", "internal_error", "fatal_error"),
        *_same(_UNCLEAR, "request_timeout", "update_failed"),
        # Nobody is there.
        *_same(_GONE, "user_disabled", "user_not_found", "user_not_visible", "users_not_found"),
        ("cannot_dm_bot", _tell(Then.GIVE_UP, "This is a bot: nobody would read it.")),
        # The channel.
        *_same(_INVITE, "not_in_channel", "channel_not_found", "no_permission"),
        *_same(_INVITE, "channel_is_limited_access"),
        *_same(_ARCHIVED, "is_archived", "is_inactive"),
        *_same(_POSTING, "restricted_action_read_only_channel"),
        *_same(_POSTING, "restricted_action_thread_only_channel"),
        # The app, for everybody.
        *_same(_REINSTALL, "account_inactive", "invalid_auth", "not_authed", "token_revoked"),
        *_same(_REINSTALL, "token_expired", "org_login_required", "not_allowed_token_type"),
        *_same(_REINSTALL, "app_uninstalled", "tokens_revoked"),  # the events that say so
        *_same(_ADMINS, "team_access_not_granted", "access_denied", "app_access_restricted"),
        *_same(_ADMINS, "accesslimited", "ekm_access_denied", "enterprise_is_restricted"),
        *_same(_ADMINS, "two_factor_setup_required"),
        ("missing_scope", _SCOPE),
        # This message.
        *_same(_TOO_LONG, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"),
        *_same(_RULE, "restricted_action", "restricted_action_non_threadable_channel"),
        *_same(_RULE, "restricted_action_thread_locked", "cannot_reply_to_message"),
        *_same(_RULE, "slack_connect_file_link_sharing_blocked"),
        *_same(_RULE, "slack_connect_canvas_sharing_blocked"),
        *_same(_RULE, "slack_connect_lists_sharing_blocked"),
        (
            "messages_tab_disabled",
            _operator(Then.GIVE_UP, "switch on the app's Messages tab (python -m bot manifest)."),
        ),
        (
            "not_enabled",
            _operator(Then.GIVE_UP, "switch on the app's Home tab (python -m bot manifest)."),
        ),
        ("user_not_in_channel", _tell(Then.GIVE_UP, "They are not in that channel.")),
        *_same(_OUTSIDE, "invalid_user_combination"),
        # The edit's target is gone or too old: there is nothing to bring up to date.
        *_same(_NOTHING_TO_EDIT, "message_not_found", "cant_update_message", "edit_window_closed"),
        *_same(_NOTHING_TO_EDIT, "block_mismatch", "streaming_state_conflict", "hash_conflict"),
        # Nothing we send should ever be answered with these.
        *_same(_OURS, "no_text", "msg_too_long", "view_too_large", "duplicate_external_id"),
        *_same(_OURS, "too_many_attachments", "attachment_payload_limit_exceeded"),
        *_same(_OURS, "invalid_attachments", "markdown_text_conflict", "as_user_not_supported"),
        *_same(_OURS, "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"),
        *_same(_OURS, "metadata_must_be_sent_from_app", "send_on_behalf_not_allowed"),
        *_same(_OURS, "team_not_found", "too_many_users", "not_enough_users"),
        *_same(_OURS, "users_list_not_supplied", "method_not_supported_for_channel_type"),
        *_same(_OURS, "invalid_cursor", "invalid_ts_oldest", "invalid_ts_latest"),
        *_same(_OURS, "invalid_metadata_filter_keys", "missing_profile_id", "not_implemented"),
        *_same(_OURS, "invalid_arguments", "invalid_arg_name", "invalid_array_arg"),
        *_same(_OURS, "invalid_charset", "invalid_form_data", "invalid_post_type"),
        *_same(_OURS, "missing_post_type", "invalid_json", "unknown_method"),
        *_same(_OURS, "method_deprecated", "deprecated_endpoint"),
    )
)

_NO_LOOK = Outcome(Then.GIVE_UP)
_HISTORY = _operator(Then.GIVE_UP, "without im:history letters with a lost answer stay unknown.")
_GROUPS = _operator(
    Then.GIVE_UP, "the app lacks mpim:write: paste python -m bot manifest and install it again."
)
_BY_METHOD: dict[tuple[str, str], Outcome] = {
    # A look-up that is not possible says nothing about who or what it is about.
    ("conversations.history", "missing_scope"): _HISTORY,
    **{
        ("conversations.history", code): _NO_LOOK
        for code in ("channel_not_found", "not_in_channel", "channel_is_limited_access")
    },
    ("conversations.open", "missing_scope"): _GROUPS,
    ("conversations.open", "channel_not_found"): _NO_LOOK,
}


def outcome(code: str, method: str = "") -> Outcome:
    """What an error code means, of this method; unlisted codes give this one letter up."""
    return _BY_METHOD.get((method, code)) or OUTCOMES.get(code, Outcome(Then.GIVE_UP))
