"""Each error code of Slack has its outcome on purpose, and what follows from it."""

from typing import Any

import pytest

from bot.clock import MovableClock
from bot.outbox import LetterState
from bot.outbox.outcome import OUTCOMES, Then, Whom, outcome
from tests.outbox.test_sender import NOTE, Post

# Slack's method pages, and its page of errors any method can answer.
DOCUMENTED = {
    "any method": """access_denied accesslimited account_inactive deprecated_endpoint
        ekm_access_denied enterprise_is_restricted fatal_error internal_error invalid_arg_name
        invalid_arguments invalid_array_arg invalid_auth invalid_charset invalid_form_data
        invalid_post_type method_deprecated missing_post_type missing_scope no_permission
        not_allowed_token_type not_authed org_login_required ratelimited request_timeout
        service_unavailable team_access_not_granted team_added_to_org token_expired token_revoked
        two_factor_setup_required""",
    "chat.postMessage": """app_access_restricted as_user_not_supported
        attachment_payload_limit_exceeded cannot_reply_to_message channel_not_found invalid_blocks
        invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_archived
        markdown_text_conflict message_limit_exceeded messages_tab_disabled
        metadata_must_be_sent_from_app metadata_too_large msg_blocks_too_long no_text
        not_in_channel rate_limited restricted_action restricted_action_non_threadable_channel
        restricted_action_read_only_channel restricted_action_thread_locked
        restricted_action_thread_only_channel send_on_behalf_not_allowed
        slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_lists_sharing_blocked team_not_found too_many_attachments""",
    "chat.update": """block_mismatch cant_update_message channel_not_found edit_window_closed
        external_channel_migrating invalid_attachments is_inactive message_not_found msg_too_long
        no_text streaming_state_conflict update_failed""",
    "chat.postEphemeral": """cannot_reply_to_message channel_not_found invalid_attachments
        is_archived messages_tab_disabled msg_too_long not_in_channel restricted_action
        user_not_in_channel""",
    "views.publish": """duplicate_external_id hash_conflict missing_profile_id not_enabled
        not_implemented view_too_large""",
    "conversations.open": """channel_not_found invalid_user_combination
        method_not_supported_for_channel_type not_enough_users too_many_users user_disabled
        user_not_found user_not_visible users_list_not_supplied""",
    "conversations.history": """channel_is_limited_access channel_not_found invalid_cursor
        invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest not_in_channel""",
}
CODES = sorted({code for codes in DOCUMENTED.values() for code in codes.split()})
OF = {then: sorted(c for c in CODES if OUTCOMES[c].then is then) for then in Then}
CHANNEL = sorted({*OF[Then.STOP_CHANNEL]})
# One of each sort: that the others are final too is what the table says.
FINAL = ["messages_tab_disabled", "restricted_action", "cannot_dm_bot", "a_code_of_next_year"]
LANES = 8  # letters on their way at the same time, at most


@pytest.mark.parametrize("code", CODES)
def test_a_documented_code_is_in_the_table_on_purpose(code: str) -> None:
    found = OUTCOMES[code]
    assert bool(found.advice) == (found.whom is not Whom.NOBODY)
    if found.then in (Then.STOP_CHANNEL, Then.STOP_WORKSPACE, Then.PERSON_GONE):
        assert found.advice.endswith(".")


def test_nothing_that_may_have_happened_is_ever_repeated_blindly() -> None:
    for code in ("internal_error", "fatal_error", "service_unavailable", "request_timeout"):
        assert outcome(code).then is Then.UNCLEAR


def test_a_look_up_that_is_refused_says_nothing_about_who_it_is_about() -> None:
    for code in ("missing_scope", "channel_not_found", "not_in_channel"):
        assert outcome(code, "conversations.history").then is Then.GIVE_UP


# ---- what follows (on SQLite: no code has to do with the database)


@pytest.fixture
def post(sqlite_db: Any, clock: MovableClock) -> Post:
    return Post(sqlite_db, clock)


def posts(post: Post) -> int:
    return len([entry for entry in post.slack.log if entry.what == "chat.postMessage"])


@pytest.mark.parametrize("code", FINAL)
def test_a_final_code_fails_this_letter_visibly_and_others_go(post: Post, code: str) -> None:
    post.slack.faults.error("chat.postMessage", code, when=lambda call: call["channel"] == "U0ANA")
    post.put(NOTE, "a")
    post.put(NOTE, "b", to="U0BEN")
    post.sender.drain()
    assert (post.letter("a").state, post.letter("a").reason) == (LetterState.FAILED, code)
    assert post.letter("b").state is LetterState.SENT
    assert posts(post) == 2


@pytest.mark.parametrize("code", [*OF[Then.PERSON_GONE], *CHANNEL])
def test_a_person_slack_does_not_find_gets_nothing_more(
    post: Post, clock: MovableClock, code: str
) -> None:
    post.slack.faults.error("chat.postMessage", code)
    post.put(NOTE, "a")
    post.sender.drain()
    post.put(NOTE, "b")
    post.sender.drain()
    assert (post.letter("a").state, post.letter("a").reason) == (LetterState.FAILED, code)
    later = post.letter("b")
    assert (later.state, later.reason) == (LetterState.CANCELLED, "the person has left Slack")
    assert posts(post) == 1


@pytest.mark.parametrize("code", CHANNEL)
def test_a_channel_code_fails_the_letter_with_it_and_others_go(post: Post, code: str) -> None:
    post.slack.faults.error(
        "chat.postMessage", code, when=lambda call: call["channel"] == post.channel
    )
    post.put(NOTE, "a", channel=post.channel)
    post.put(NOTE, "b")
    post.sender.drain()
    assert (post.letter("a").state, post.letter("a").reason) == (LetterState.FAILED, code)
    assert post.letter("b").state is LetterState.SENT


@pytest.mark.parametrize("code", OF[Then.STOP_WORKSPACE])
def test_a_code_that_stops_the_workspace_costs_no_letter_and_no_further_call(
    post: Post, clock: MovableClock, code: str
) -> None:
    post.slack.faults.error("chat.postMessage", code, times=1000)
    for n in range(20):
        post.put(NOTE, f"{n}", to="U0BEN" if n % 2 else "U0ANA")
    post.sender.drain()
    calls = posts(post)
    clock.move(hours=5)
    post.sender.drain()
    assert posts(post) == calls
    assert {post.letter(f"{n}").state for n in range(20)} == {LetterState.PENDING}


def test_a_token_revoked_in_mid_batch_costs_at_most_one_call_for_each_lane(post: Post) -> None:
    for n in range(40):
        post.put(NOTE, f"{n}", to="U0BEN" if n % 2 else "U0ANA")
    post.slack.faults.error("chat.postMessage", "token_revoked", times=1000)
    post.sender.drain()
    assert posts(post) <= LANES


@pytest.mark.parametrize("code", [*OF[Then.RETRY], *OF[Then.UNCLEAR]])
def test_a_passing_trouble_ends_in_one_message(post: Post, clock: MovableClock, code: str) -> None:
    post.slack.faults.error("chat.postMessage", code)
    post.put(NOTE, "a")
    for _ in range(3):
        post.sender.drain()
        clock.move(seconds=601)
    post.sender.drain()
    assert post.letter("a").state is LetterState.SENT
    assert len(post.read()) == 1
