"""Whether they met, the summary, the actions, the rhythm and the facts, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.cohort.model import Cohort
from bot.database import Database
from bot.meeting import actions, facts, meetings, record, rhythm, summary
from bot.meeting import letters as the_letters
from bot.meeting import messages as m
from bot.meeting import messages_after as after
from bot.meeting import messages_rhythm as words
from bot.meeting.model import Action, ActionState, Answer, MeetingState, Smaller, WeekChoice
from bot.outbox.model import LetterState
from bot.pairing.model import PairingState
from bot.refusal import FormChanged, NotYours
from tests.meeting.rows import AT, NOW, away, letters, two

OVER = AT + timedelta(hours=1)
SILENT_AFTER = timedelta(hours=96)
THURSDAY = NOW + timedelta(days=3)  # three working days into the programme
DUE = date(2026, 6, 23)


def test_both_are_asked_with_one_reminder_and_then_it_is_not_known(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        assert meeting.ask_at is None
        asked = letters(session, after.ASK)
        assert {x.person_id for x in asked} == {pair.ana.id, pair.ben.id}
        go_out(session, meeting, OVER)
        again = letters(session, after.ASK_AGAIN)
        assert [x.due_at - OVER for x in again] == [timedelta(hours=48)] * 2
        record.settle(session, meeting.id, OVER + SILENT_AFTER)
        assert (meeting.state, meeting.settle_at) == (MeetingState.UNKNOWN, None)


def test_a_cohort_says_itself_when_to_ask_again_to_stop_and_when_a_summary_stands(
    db: Database,
) -> None:
    with db.begin() as session:
        pair = two(session)
        figures = {"ask_again_hours": 24, "ask_stop_hours": 60, "summary_hours": 48}
        pair.pairing.cohort.settings = figures
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        go_out(session, meeting, OVER)
        again = letters(session, after.ASK_AGAIN)
        assert [x.due_at - OVER for x in again] == [timedelta(hours=24)] * 2
        assert meeting.settle_at == OVER + timedelta(hours=60)
        record.answer(session, meeting, Answer.YES, by=pair.ana, now=OVER)
        summary.save(session, meeting, "Trust the pause.", opened_on=0, by=pair.ana, now=OVER)
        assert meeting.stands_at == OVER + timedelta(hours=48)


def test_the_reminder_and_the_silence_count_from_when_somebody_was_really_asked(
    db: Database,
) -> None:
    monday = OVER + timedelta(days=3)
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        assert letters(session, after.ASK_AGAIN) == []
        # Nobody has read the question, so silence says nothing yet.
        for asked in letters(session, after.ASK):
            asked.due_at = monday
        record.settle(session, meeting.id, OVER + SILENT_AFTER)
        assert meeting.state is MeetingState.PLANNED
        assert meeting.settle_at == OVER + 2 * SILENT_AFTER
        go_out(session, meeting, monday)
        again = letters(session, after.ASK_AGAIN)
        assert {x.due_at for x in again} == {monday + timedelta(hours=48)}
        record.settle(session, meeting.id, OVER + 2 * SILENT_AFTER)
        assert meeting.state is MeetingState.UNKNOWN


def go_out(session, meeting, now):  # type: ignore[no-untyped-def]
    """The questions reach their readers."""
    for asked in letters(session, after.ASK):
        assert the_letters.did_you_meet(session, asked, now)
        asked.state, asked.sent_ts = LetterState.SENT, "1.0"
    session.flush()


@pytest.mark.parametrize(
    ("anas", "bens", "state"),
    [
        (Answer.YES, None, MeetingState.HELD),
        (None, Answer.YES, MeetingState.HELD),
        (Answer.NO, Answer.YES, MeetingState.HELD),
        (Answer.YES, Answer.NO, MeetingState.HELD),
        (Answer.NO, None, MeetingState.NOT_HELD),
        (Answer.MOVED, Answer.NO, MeetingState.NOT_HELD),
    ],
)
def test_a_yes_from_either_side_is_enough(
    db: Database, anas: Answer | None, bens: Answer | None, state: MeetingState
) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        go_out(session, meeting, OVER)
        for person, said in ((pair.ana, anas), (pair.ben, bens)):
            if said:
                assert record.answer(session, meeting, said, by=person, now=OVER)
                assert not record.answer(session, meeting, said, by=person, now=OVER)
        assert meeting.state is state
        assert record.answers(meeting, pair.ana.id) == (anas, bens)
        reminders = letters(session, after.ASK_AGAIN)
        assert {x.state for x in reminders} == {LetterState.CANCELLED}


def test_a_meeting_to_come_cannot_have_been_held(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        with pytest.raises(record.StillToCome, match="Tue 16 June, 15:00"):
            record.answer(session, meeting, Answer.YES, by=pair.ana, now=NOW)


def test_a_yes_counts_even_after_the_silence(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        go_out(session, meeting, OVER)
        record.settle(session, meeting.id, OVER + SILENT_AFTER)
        assert meeting.state is MeetingState.UNKNOWN
        record.answer(session, meeting, Answer.YES, by=pair.ben, now=OVER + timedelta(days=9))
        assert meeting.state is MeetingState.HELD


def test_a_moved_meeting_starts_afresh(db: Database) -> None:
    new = AT + timedelta(days=2)
    with db.begin() as session:
        pair = two(session)
        meeting = pair.plan(session)
        record.ask(session, meeting.id, OVER)
        record.answer(session, meeting, Answer.MOVED, by=pair.ana, now=OVER)
        meetings.move(session, meeting, by=pair.ana, version=1, starts_at=new, minutes=30, now=OVER)
        assert (meeting.state, meeting.intern_answer) == (MeetingState.PLANNED, None)
        record.ask(session, meeting.id, new + timedelta(hours=1))
        assert len(letters(session, after.ASK)) == 4


# ---- summary and actions


def held(session, pair):  # type: ignore[no-untyped-def]
    meeting = pair.plan(session)
    record.answer(session, meeting, Answer.YES, by=pair.ana, now=OVER)
    return meeting


def keep(session, meeting, pair, text="Send Ben the draft", owner=None, editing=None, by=None):  # type: ignore[no-untyped-def]
    owner = owner or pair.ana
    entry = after.Entry(text, owner.id, DUE) if text else None
    summary.keep(session, meeting, entry, editing=editing, by=by or pair.ana, now=OVER)


def test_drafts_are_seen_by_their_writer_until_the_summary_is_saved(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = held(session, pair)
        keep(session, meeting, pair)
        keep(session, meeting, pair)  # the same button twice
        assert [a.text for a in summary.shown(session, meeting, pair.ana.id)] == [
            "Send Ben the draft"
        ]
        assert not summary.shown(session, meeting, pair.ben.id)
        assert not actions.open_of(session, pair.ana.id)
        summary.save(session, meeting, "Ask early", opened_on=0, by=pair.ana, now=OVER)
        assert [a.text for a in actions.open_of(session, pair.ana.id)] == ["Send Ben the draft"]
        assert [x.person_id for x in letters(session, after.SUMMARY_SAVED)] == [pair.ben.id]
        action = summary.shown(session, meeting, pair.ben.id)[0]
        assert action.remind_at == datetime(2026, 6, 22, 7, 0, tzinfo=UTC)  # Monday, 9:00 Berlin


def test_three_actions_are_enough_and_an_emptied_one_goes(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = held(session, pair)
        for n in range(3):
            keep(session, meeting, pair, f"Action {n}")
        with pytest.raises(summary.EnoughActions):
            keep(session, meeting, pair, "One more")
        first = summary.shown(session, meeting, pair.ana.id)[0]
        keep(session, meeting, pair, "", editing=first.id)
        left = summary.shown(session, meeting, pair.ana.id)
        assert [a.text for a in left] == ["Action 1", "Action 2"]


def test_a_draft_of_the_other_one_cannot_be_edited(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = held(session, pair)
        keep(session, meeting, pair)
        draft = summary.shown(session, meeting, pair.ana.id)[0]
        with pytest.raises(NotYours):
            keep(session, meeting, pair, "Mine now", editing=draft.id, by=pair.ben)


def test_two_who_write_at_once_do_not_overwrite_each_other(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = held(session, pair)
        summary.save(session, meeting, "Ask early", opened_on=0, by=pair.ana, now=OVER)
        with pytest.raises(FormChanged, match="Ana has saved a summary"):
            summary.save(session, meeting, "Ask late", opened_on=0, by=pair.ben, now=OVER)
        seen = summary.seen(meeting)
        later = OVER + timedelta(hours=1)
        summary.save(session, meeting, "Ask often", opened_on=seen, by=pair.ben, now=later)
        assert (meeting.insight, meeting.insight_by) == ("Ask often", pair.ben.id)
        assert meeting.stands_at == OVER + timedelta(hours=72)


def test_a_summary_stands_after_three_days(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        meeting = held(session, pair)
        with pytest.raises(summary.NotHeld):
            summary.check_open(pair.plan(session, at=AT + timedelta(days=7), now=OVER))
        summary.save(session, meeting, "Ask early", opened_on=0, by=pair.ana, now=OVER)
        keep(session, meeting, pair, "Never saved")
        summary.stand(session, meeting.id, OVER + timedelta(hours=72))
        with pytest.raises(summary.SummaryStands):
            summary.check_open(meeting)
        assert not summary.shown(session, meeting, pair.ana.id)


def saved_action(session, pair) -> Action:  # type: ignore[no-untyped-def]
    meeting = held(session, pair)
    keep(session, meeting, pair)
    summary.save(session, meeting, "", opened_on=0, by=pair.ana, now=OVER)
    return actions.open_of(session, pair.ana.id)[0]


def test_an_action_is_its_owners_and_reminds_only_them_once_a_date(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        action = saved_action(session, pair)
        with pytest.raises(NotYours):
            actions.owned(session, action.id, pair.ben)
        assert action.remind_at is not None
        actions.remind(session, action.id, action.remind_at)
        actions.remind(session, action.id, OVER)
        assert [x.person_id for x in letters(session, after.ACTION_DUE)] == [pair.ana.id]
        actions.postpone(session, action, DUE + timedelta(days=7), now=OVER)
        assert action.remind_at == datetime(2026, 6, 29, 7, 0, tzinfo=UTC)
        actions.remind(session, action.id, action.remind_at)
        assert len(letters(session, after.ACTION_DUE)) == 2


def test_done_can_be_undone_and_twice_changes_nothing(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        action = saved_action(session, pair)
        actions.decide(session, action, ActionState.DONE, now=OVER)
        decided = action.decided_at
        actions.decide(session, action, ActionState.DONE, now=OVER + timedelta(hours=1))
        assert action.decided_at == decided
        assert not actions.open_of(session, pair.ana.id)
        actions.decide(session, action, ActionState.OPEN, now=OVER)
        assert actions.open_of(session, pair.ana.id) == [action]


def test_actions_end_with_the_pairing(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        action = saved_action(session, pair)
        pair.pairing.state, pair.pairing.ended_at = PairingState.ENDED, OVER
        session.flush()
        assert not actions.open_of(session, pair.ana.id)
        actions.remind(session, action.id, OVER)
        assert not letters(session, after.ACTION_DUE)


# ---- rhythm


def test_a_pair_without_a_meeting_is_nudged_once_each(db: Database) -> None:
    with db.begin() as session:
        pair = two(session, nudge_at=THURSDAY)
        rhythm.nudge_first(session, pair.pairing.id, THURSDAY)
        rhythm.nudge_first(session, pair.pairing.id, THURSDAY)
        assert len(letters(session, m.FIRST)) == 2
        assert pair.pairing.nudge_at is None


def test_the_wait_for_a_first_meeting_begins_with_the_programme(db: Database) -> None:
    """Paired a week before, or the start has moved since: three working days from the start."""
    with db.begin() as session:
        pair = two(session, nudge_at=NOW)
        rhythm.nudge_first(session, pair.pairing.id, NOW)
        assert not letters(session, m.FIRST)
        assert pair.pairing.nudge_at == THURSDAY


def test_a_pair_that_has_planned_is_not_nudged(db: Database) -> None:
    with db.begin() as session:
        pair = two(session, nudge_at=NOW)
        pair.plan(session)
        rhythm.nudge_first(session, pair.pairing.id, NOW)
        assert not letters(session, m.FIRST)


def test_the_nudge_waits_for_who_is_on_leave(db: Database) -> None:
    with db.begin() as session:
        pair = two(session, nudge_at=NOW)
        away(session, pair.ben, date(2026, 6, 8), date(2026, 6, 15))
        rhythm.nudge_first(session, pair.pairing.id, NOW)
        assert not letters(session, m.FIRST)
        assert pair.pairing.nudge_at == datetime(2026, 6, 15, 8, 0, tzinfo=UTC)  # 9:00 in Lisbon


def test_a_week_has_one_choice_and_the_last_one_counts(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        one = pair.pairing.id
        rhythm.skip_week(session, one, by=pair.ana, now=NOW)
        rhythm.skip_week(session, one, by=pair.ana, now=NOW)
        assert len(letters(session, words.WEEK)) == 1
        rhythm.choose_smaller(session, one, by=pair.ben, choice=Smaller.WRITTEN, now=NOW)
        assert len(letters(session, words.WEEK)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(WeekChoice)) == 1
        chosen = rhythm.this_week(session, [one], NOW)[one]
        assert (chosen.choice, chosen.chosen_by) == (Smaller.WRITTEN, pair.ben.id)
        assert not rhythm.this_week(session, [one], NOW + timedelta(days=7))


def test_only_the_two_choose_for_their_week(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        cho = two(session, "Cho Park", "Mia Chen").ana
        with pytest.raises(NotYours):
            rhythm.skip_week(session, pair.pairing.id, by=cho, now=NOW)


# ---- facts


def test_facts_of_pairs_take_the_same_queries_for_one_and_for_three(db: Database) -> None:
    with db.begin() as session:
        first = two(session)
        held(session, first)
        silent = two(session, "Cho Park", "Mia Chen")
        silent.plan(session)
        coming = two(session, "Dev Rao", "Tom Okafor")
        coming.plan(session, at=AT + timedelta(days=7))
        rhythm.skip_week(session, coming.pairing.id, by=coming.ana, now=OVER)
        ids = [x.pairing.id for x in (first, silent, coming)]
    with db.read() as session:
        counted: list[str] = []
        session.connection()  # begin first: only questions count
        bind = session.get_bind()
        sa.event.listen(bind, "before_cursor_execute", lambda *a: counted.append(a[2]))
        one = facts.of_pairings(session, ids[:1], OVER)
        for_one = len(counted)
        found = facts.of_pairings(session, ids, OVER)
        assert len(counted) - for_one == for_one
        assert one[ids[0]] == facts.PairFacts(held=(AT,))
        assert found[ids[1]] == facts.PairFacts(unanswered=True)
        assert found[ids[2]] == facts.PairFacts(planned=AT + timedelta(days=7), chosen=Smaller.SKIP)


def test_a_week_counts_pairs_and_names_nobody(db: Database) -> None:
    with db.begin() as session:
        pair = two(session)
        held(session, pair)
        other = pair.plan(session, at=AT + timedelta(days=1))
        record.answer(session, other, Answer.YES, by=pair.ben, now=AT + timedelta(days=2))
        cohort = session.scalars(sa.select(Cohort)).one()
        monday = datetime(2026, 6, 14, 22, 0, tzinfo=UTC)
        week = facts.week(session, cohort, monday, monday + timedelta(days=7))
        assert week == facts.Week(met=1, met_twice=1, meetings=2)
        assert facts.week(session, cohort, NOW, monday) == facts.Week()
        assert facts.totals(session, [pair.pairing.id]) == (2, 0)
