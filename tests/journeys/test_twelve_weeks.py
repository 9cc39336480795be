"""A cohort lives its whole programme; afterwards every letter is held against Slack's own record.

Seven interns and six mentors in four zones answer, forget, decline, pause, take leave, are
removed and switched off. What the letters promise is checked with nothing of the bot's own
arithmetic: plain dates, zones and counting.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot import program
from bot.clock import MovableClock
from bot.cohort.model import Person
from bot.demo import people as who
from bot.demo.acts import Learner
from bot.demo.prelude import HELPERS, LEARNERS
from bot.outbox.model import Budget, Letter, LetterState
from bot.pairing.model import Pairing, PairingState
from bot.sandbox.conversations import elements
from tests.support.databases import a_database
from tests.support.lives import Character, Life, done
from tests.support.town import Town

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 6, 8)
EMMAS_LEAVE = (date(2026, 7, 13), date(2026, 7, 27))

CHO = Learner(
    goals=(("Write better SQL", ("sql",)),),
    values=("craft", "autonomy", "learning"),
    style=(2, 2, 2, 3),
)
# Capacity one, so that Dev has to wait for Ravi.
RAVI = replace(HELPERS[who.RAVI], capacity=1)

CAST = (
    Character(who.ANA, LEARNERS[who.ANA], ("Mia Chen", "Ben Ito"), plans=1, thanks="write"),
    Character(who.CHO, CHO, ("Ben Ito",), plans=3, scores=("",), thanks="skip"),
    Character(who.DEV, LEARNERS[who.DEV], ("Ravi Shah",), plans=2, skips=True),
    Character(who.EMMA, LEARNERS[who.EMMA], ("Lea Moreau",), plans=2, thanks="write"),
    Character(who.FELIX, LEARNERS[who.FELIX], ("Nora Weiss",), met="", scores=("444", "")),
    Character(who.GRACE, LEARNERS[who.GRACE], ("Ravi Shah",), scores=("321",)),
    Character(who.HUGO, LEARNERS[who.HUGO], ("Tom Okafor",), plans=4, scores=("555", "222")),
    Character(who.BEN, HELPERS[who.BEN], thanks="skip"),
    Character(who.MIA, HELPERS[who.MIA], declines=("Ana Silva",)),
    Character(who.TOM, HELPERS[who.TOM], met="no", skips=True),
    Character(who.LEA, HELPERS[who.LEA], thanks="write"),
    Character(who.RAVI, RAVI, declines=(), overlooks=()),
    Character(who.NORA, HELPERS[who.NORA], met="", scores=("",)),
)
ZONES = {one.who.id: one.who.zone for one in CAST} | {who.PRIYA.id: who.PRIYA.zone}


def berlin(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


def live_a_summer(life: Life) -> None:
    """Twelve weeks from 8 June, with what happens to people on the way."""
    life.move_in()
    life.found(FIRST_DAY)
    life.add_people()
    life.live(berlin(6, 3))
    life.write_profiles()
    life.live(berlin(6, 4))
    for one in life.cast:
        # Dev comes when Ravi has said yes to Grace and overlooks everybody else.
        if one.asks and one.who is not who.DEV:
            life.ask(one.who, *one.asks)
    life.live(berlin(6, 9))
    life.ask(who.DEV)
    for person in (who.ANA, who.BEN, who.PRIYA):
        life.seat(person).open_home()
    life.live(berlin(6, 25))
    pause_letters(life, who.CHO)
    life.live(berlin(7, 1))
    life.take_leave(who.EMMA, *EMMAS_LEAVE)
    life.live(berlin(7, 15))
    remove(life, who.GRACE)
    life.live(berlin(7, 29))
    life.leave_slack(who.TOM)
    life.live(berlin(8, 3))
    say_thanks(life, who.BEN, who.ANA)
    life.live(berlin(9, 30))


def pause_letters(life: Life, person: who.Somebody) -> None:
    """From the menu of the newest letter."""
    seat = life.seat(person)
    message, option = next(
        (m, e["options"][0]["value"])
        for m in reversed(seat.dm)
        for _b, e in elements(m.blocks)
        if e.get("action_id") == "letter.menu"
    )
    done(seat.click(message, "letter.menu", option))
    life.town.settle()
    assert "Paused until" in seat.ephemerals[-1].texts()


def remove(life: Life, person: who.Somebody) -> None:
    """The coordinator takes somebody out, in the middle of the programme."""
    seat = life.seat(life.coordinator)
    done(seat.command("/cohort", "people"))
    while person.name not in seat.read_aloud(seat.modal or {}):
        done(seat.click(seat.modal, "people.next"))
    shown = seat.modal or {}
    [row] = [b for b in shown["blocks"] if person.name in str(b.get("text"))]
    menu = row["accessory"]
    done(seat.click(seat.modal, menu["action_id"], menu["options"][-1]["value"], row["block_id"]))
    done(seat.submit())
    seat.close(clear=True)
    life.gone.add(person.id)
    life.town.settle()


def say_thanks(life: Life, giver: who.Somebody, receiver: who.Somebody) -> None:
    seat = life.seat(giver)
    done(seat.shortcut("thanks.shortcut"))
    done(seat.submit({"to": receiver.id, "words": life.words.thanks}))
    seat.close()


THE_END = datetime(2026, 8, 28, 16, tzinfo=BERLIN)
# What edits a message, draws a Home tab or answers a click is no message of its own.
SILENT = ("edit", "home")
ONE_REMINDER = ("offer.reminder", "check_in.reminder", "meeting.ask_again", "action.due")


class Record:
    """What the database says went out, beside what Slack says."""

    def __init__(self, life: Life) -> None:
        self.life, self.town = life, life.town
        with self.town.db.read() as session:
            self.letters = list(session.scalars(sa.select(Letter).order_by(Letter.id)))
            self.slack_ids = {p.id: p.slack_id for p in session.scalars(sa.select(Person))}
        sent = [x for x in self.letters if x.state is LetterState.SENT]
        self.messages = [x for x in sent if x.kind not in SILENT]

    def to(self, letter: Letter) -> list[str]:
        """To whom, as Slack knows them; nobody for a channel."""
        people = [letter.person_id] if letter.person_id else letter.group or []
        return [self.slack_ids[i] for i in people]

    def calls(self, *methods: str) -> list[Any]:
        """What the bot asked of Slack with these methods."""
        log = self.town.slack.log
        return [e for e in log if e.direction == "from_bot" and e.what in methods]


def at_home(letter: Letter, slack_id: str) -> datetime:
    """When it was sent, on the recipient's own clock."""
    assert letter.sent_at is not None
    return letter.sent_at.astimezone(ZoneInfo(ZONES[slack_id]))


def working(moment: datetime) -> bool:
    """Monday to Friday, nine to five, on the clock the moment is told by."""
    return moment.weekday() < 5 and time(9) <= moment.time() < time(17)


def counted_days(record: Record) -> dict[str, list[date]]:
    """The local dates of the counted messages of each person; letters in one message are one."""
    seen: dict[tuple[str, str | None], date] = {}
    for letter in record.messages:
        if letter.budget is Budget.COUNTED:
            [person] = record.to(letter)
            seen[person, letter.sent_ts] = at_home(letter, person).date()
    days: dict[str, list[date]] = defaultdict(list)
    for (person, _ts), day in seen.items():
        days[person].append(day)
    return days


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def life(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    """The summer, lived once on each database."""
    folder = tmp_path_factory.mktemp("summer")
    with a_database(request, request.param, folder) as db:
        life = Life(Town(db, MovableClock(datetime(2026, 6, 1, 7, tzinfo=UTC))), CAST, who.PRIYA)
        live_a_summer(life)
        yield life


@pytest.fixture
def record(life: Life) -> Record:
    return Record(life)


def test_every_message_of_the_bot_is_one_letter_and_lies_where_it_belongs(record: Record) -> None:
    slack = record.town.slack
    posted = [e.answer for e in record.calls("chat.postMessage") if e.answer["ok"]]
    by_place = defaultdict(list)
    for letter in record.messages:
        by_place[letter.sent_channel, letter.sent_ts].append(letter)
    whispered = [x for x in record.messages if "channel" in x.data]
    assert {(a["channel"], a["ts"]) for a in posted} == set(by_place) - {
        (x.sent_channel, x.sent_ts) for x in whispered
    }
    assert len(posted) == len({a["ts"] for a in posted})
    for (channel, _ts), letters in by_place.items():
        place = slack.conversations[channel or ""]
        for letter in letters:
            people = record.to(letter)
            if letter in whispered:
                assert people[0] in place.members
            elif letter.channel:
                assert (place.kind, place.id) == ("channel", letter.channel)
            else:
                assert place.kind == ("mpim" if letter.group else "im")
                assert set(place.members) == {*people, slack.bot_user_id}


def test_nothing_slack_refused_and_nothing_broke(record: Record) -> None:
    log = record.town.slack.log
    answers = [(e.what, e.answer) for e in log if e.direction == "from_bot"]
    assert [a for a in answers if not a[1].get("ok")] == []
    assert [(e.what, e.answer) for e in log if e.direction == "to_bot" and e.status != 200] == []
    for one in record.life.cast:
        seat = record.town.seat(one.who.id)
        assert [m.text for m in seat.ephemerals if "not your doing" in m.text] == []
        assert seat.notices == []


def test_letters_come_in_working_hours_and_never_on_leave(record: Record) -> None:
    first, back = EMMAS_LEAVE
    checked = 0
    for letter in record.messages:
        if letter.budget is Budget.NOW or letter.channel:
            continue
        for person in record.to(letter):
            moment = at_home(letter, person)
            assert working(moment), (letter.kind, person, moment)
            away = person == who.EMMA.id and first <= moment.date() < back
            assert not away, (letter.kind, moment)
            checked += 1
    assert checked > 300


def test_nobody_gets_more_than_one_counted_letter_a_day_and_three_a_week(record: Record) -> None:
    for person, days in counted_days(record).items():
        assert max(Counter(days).values()) == 1, (person, days)
        for day in days:
            week = [d for d in days if day <= d < day + timedelta(days=7)]
            assert len(week) <= 3, (person, week)


def test_a_pause_holds_counted_letters_back_for_seven_days(record: Record) -> None:
    days = counted_days(record)[who.CHO.id]
    paused = [d for d in days if date(2026, 6, 26) <= d < date(2026, 7, 2)]
    assert paused == []
    assert any(d >= date(2026, 7, 2) for d in days)


def test_no_occasion_is_told_twice_and_there_is_one_reminder(record: Record) -> None:
    keys = [x.key for x in record.letters]
    assert len(keys) == len(set(keys))
    told: Counter[Any] = Counter()
    for letter in record.messages:
        # What was told under another heading of its own: a second nudge, a moved meeting.
        more = letter.data.get("step") or letter.data.get("version")
        if "channel" not in letter.data and letter.kind not in ("concern.again", "digest"):
            told[letter.kind, letter.subject, *record.to(letter), more] += 1
    assert [one for one, times in told.items() if times > 1] == []
    for kind in ONE_REMINDER:
        about = Counter((x.subject, *record.to(x)) for x in record.messages if x.kind == kind)
        assert set(about.values()) <= {1}, kind
    said = Counter(
        (e.request["channel"], e.request["text"], e.at.date())
        for e in record.calls("chat.postMessage")
    )
    assert [words for words, times in said.items() if times > 1] == []


def test_every_letter_ends_with_a_reason_where_it_was_not_sent(record: Record) -> None:
    final = {LetterState.SENT, LetterState.CANCELLED, LetterState.FAILED, LetterState.UNKNOWN}
    assert {x.state for x in record.letters} <= final
    for letter in record.letters:
        assert (letter.state is LetterState.SENT) or letter.reason, letter.kind
    unsent = [x for x in record.letters if x.state in (LetterState.FAILED, LetterState.UNKNOWN)]
    assert unsent == []


def test_after_the_end_there_is_one_closing_letter_each_and_silence(record: Record) -> None:
    late = [x for x in record.messages if x.sent_at and x.sent_at >= THE_END]
    assert {x.kind for x in late} == {"closing", "closing.line"}
    closed = Counter(person for x in late if x.kind == "closing" for person in record.to(x))
    here = {one.who.id for one in CAST} | {who.PRIYA.id}
    assert closed == Counter(here - {who.GRACE.id, who.TOM.id})
    with record.town.db.read() as session:
        states = set(session.scalars(sa.select(Pairing.state)))
    assert states == {PairingState.ENDED}


def test_whoever_is_out_hears_nothing_more(record: Record) -> None:
    for person, day in ((who.GRACE, date(2026, 7, 15)), (who.TOM, date(2026, 7, 29))):
        mine = [x for x in record.messages if person.id in record.to(x)]
        assert max(at_home(x, person.id).date() for x in mine) <= day


def test_the_digest_comes_every_monday_at_nine(record: Record) -> None:
    digests = [x.sent_at.astimezone(BERLIN) for x in record.messages if x.kind == "digest"]  # type: ignore[union-attr]
    wanted = [FIRST_DAY + timedelta(weeks=n) for n in range(12)]
    assert digests == [datetime.combine(day, time(9), BERLIN) for day in wanted]


def test_the_story_was_lived(record: Record) -> None:
    kinds = Counter(x.kind for x in record.messages)
    assert kinds["introduction"] == 7  # six at the start; Dev after the wait
    assert kinds["place"] == 1
    assert kinds["request.waiting"] == 1
    assert kinds["leave.back"] == 1
    assert kinds["person.gone"] == 1
    assert kinds["pairing.ended"] == 2  # Ravi reads of Grace, Hugo of Tom
    assert kinds["concern"] >= 3
    assert kinds["check_in.reminder"] >= 5
    assert kinds["concern.nudge"] >= 2
    assert kinds["thanks"] >= 5
    assert kinds["meeting.planned"] >= 40


def test_a_restart_sends_nothing_more(life: Life) -> None:
    town = life.town
    before = len(town.slack.log), [(x.id, x.state) for x in town.letters()]
    town.runner.tick()
    again = program.build_runner(town.db, town.client, town.clock)
    again.tick()
    again.run_until(town.clock, town.clock() + timedelta(days=3))
    # People are looked up once a day all the same.
    asked = {e.what for e in list(town.slack.log)[before[0] :]}
    assert asked <= {"users.list", "users.info"}
    assert [(x.id, x.state) for x in town.letters()] == before[1]


# ---- the autumn: Berlin and Lisbon turn their clocks on 25 October, New York on 1 November

AUTUMN = (
    Character(who.ANA, LEARNERS[who.ANA], ("Ben Ito",), plans=0, thanks="write"),
    Character(who.HUGO, LEARNERS[who.HUGO], ("Tom Okafor",), scores=("444", "")),
    Character(who.CHO, CHO, ("Ben Ito",), plans=3),
    Character(who.BEN, HELPERS[who.BEN]),
    Character(who.TOM, HELPERS[who.TOM], met=""),
)
AUTUMN_STARTS = date(2026, 8, 31)


@pytest.fixture(scope="module")
def autumn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Record]:
    """Another twelve weeks with fewer people, over both changes of the clocks."""
    with a_database(request, "sqlite", tmp_path_factory.mktemp("autumn")) as db:
        town = Town(db, MovableClock(datetime(2026, 8, 24, 7, tzinfo=UTC)))
        life = Life(town, AUTUMN, who.PRIYA)
        life.move_in()
        life.found(AUTUMN_STARTS)
        life.add_people()
        life.live(berlin(8, 25))
        life.write_profiles()
        for one in AUTUMN:
            if one.asks:
                life.ask(one.who, *one.asks)
        life.live(berlin(11, 24))
        yield Record(life)


def test_nine_stays_nine_when_the_clocks_change(autumn: Record) -> None:
    digests = [x.sent_at.astimezone(BERLIN) for x in autumn.messages if x.kind == "digest"]  # type: ignore[union-attr]
    wanted = [AUTUMN_STARTS + timedelta(weeks=n) for n in range(12)]
    assert digests == [datetime.combine(day, time(9), BERLIN) for day in wanted]
    asked: dict[str, set[time]] = defaultdict(set)
    days: dict[str, list[date]] = defaultdict(list)
    for letter in autumn.messages:
        if letter.kind == "check_in":
            [person] = autumn.to(letter)
            asked[person].add(at_home(letter, person).time())
            days[person].append(at_home(letter, person).date())
    # Ten in Berlin; where that is too early, a few minutes after nine, always the same ones.
    assert asked[who.ANA.id] == {time(10)}
    [toms] = asked[who.TOM.id]
    assert time(9) <= toms < time(9, 10)
    assert all(max(found) > date(2026, 11, 1) for found in days.values())
    assert all(len(found) == len(set(found)) for found in days.values() if len(found) == 6)


def test_hours_and_budget_hold_over_the_change(autumn: Record) -> None:
    over = 0
    for letter in autumn.messages:
        if letter.budget is not Budget.NOW and not letter.channel:
            for person in autumn.to(letter):
                moment = at_home(letter, person)
                assert working(moment), (letter.kind, person, moment)
                over += date(2026, 10, 25) <= moment.date() <= date(2026, 11, 6)
    assert over > 10
    for person, days in counted_days(autumn).items():
        assert max(Counter(days).values()) == 1, person
        assert all(sum(d <= e < d + timedelta(days=7) for e in days) <= 3 for d in days), person
