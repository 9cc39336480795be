"""What matters to a person today, in one sentence each, the most pressing first. Pure.

Headlines are plain text (Slack draws them as headers); lines are mrkdwn.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from bot.blocks import Element, button, counted, escape, listed
from bot.checkin.messages import ANSWER
from bot.cohort import messages as cohort_words
from bot.cohort import messages_console as console
from bot.cohort import naming, roster
from bot.home.desk import CoordinatorPlace, Desk, InternPlace, MentorPlace
from bot.home.pairs import Pair
from bot.meeting import messages as meeting_words
from bot.pairing import messages as pairing_words
from bot.pairing import messages_request as request_words
from bot.times import spoken, spoken_date, spoken_time


class Rank(IntEnum):
    """What stands first when several things matter."""

    LEAVE = 0
    OFFER = 1
    CARE = 2
    MEETING = 3
    CHECK_IN = 4
    PLACE = 5
    PROFILE = 6
    REQUEST = 7
    PLAN = 8
    PAUSED = 9
    IDLE = 10
    PAST = 11


@dataclass(frozen=True)
class Item:
    """One thing: the news, what belongs to it, and what to press."""

    rank: Rank
    headline: str
    line: str = ""
    button: Element | None = None


def items(desk: Desk) -> list[Item]:
    """Everything for today, the most pressing first; never empty. "Nothing to do" stands only
    where there is nothing else."""
    found = [item for build in BUILDERS for item in build(desk)]
    found.sort(key=lambda item: item.rank)
    busy = [item for item in found if item.rank is not Rank.IDLE]
    if any(item.rank is not Rank.PAST for item in busy):
        return busy
    return [*found[:1], *(item for item in found[1:] if item.rank is Rank.PAST)]


# ---- each kind of thing


def on_leave(desk: Desk) -> Iterable[Item]:
    """The person is away, and whoever works with them knows."""
    if desk.leave is None:
        return
    knows = [naming.short(pair.partner) for pair in desk.pairs]
    line = f"{listed(knows)} {'knows' if len(knows) == 1 else 'know'}." if knows else ""
    yield Item(
        Rank.LEAVE,
        f"On leave until {spoken_date(desk.leave.back_on)}",
        line,
        button("I am back", cohort_words.LEAVE_BACK, desk.leave.id),
    )


def paused(desk: Desk) -> Iterable[Item]:
    """Letters wait."""
    until = desk.person.paused_until
    if desk.paused and until is not None:
        yield Item(
            Rank.PAUSED,
            f"Letters are paused until {spoken_date(until, desk.zone)}",
            button=button("Resume letters", cohort_words.RESUME),
        )


def offers(desk: Desk) -> Iterable[Item]:
    """Interns who would like this person as their mentor."""
    for place in desk.places:
        if not isinstance(place, MentorPlace):
            continue
        for offer in place.offers:
            until = f"Until {spoken_date(offer.lapses_at, desk.zone)}" if offer.lapses_at else ""
            yield Item(
                Rank.OFFER,
                f"{_plain(offer.request.intern.person.first_name, 'An intern')} would like you as "
                "a mentor",
                until,
                button(
                    "See request",
                    pairing_words.SEE_OFFER,
                    offer.id,
                    says=f"See the request of {naming.title(offer.request.intern.person)}",
                ),
            )


def care(desk: Desk) -> Iterable[Item]:
    """Pairs that wait for a coordinator."""
    for place in desk.places:
        if not isinstance(place, CoordinatorPlace):
            continue
        count = len(place.standing.urgent)
        if count:
            pairs = "One pair needs" if count == 1 else f"{counted(count, 'pair')} need"
            yield Item(Rank.CARE, f"{pairs} you today")
        else:
            yield Item(Rank.IDLE, "Nothing needs you today")


def meetings(desk: Desk) -> Iterable[Item]:
    """Meetings of today and tomorrow."""
    for pair in desk.pairs:
        day = near_day(desk, pair)
        if day and pair.meeting:
            at = spoken_time(pair.meeting.starts_at, desk.zone, desk.person.locale)
            place = escape(pair.meeting.place)
            length = f"{pair.meeting.minutes} minutes"
            yield Item(
                Rank.MEETING,
                f"{day}, {at}: you and {_partner(pair)}",
                ", ".join(part for part in (place, length) if part),
            )


def near_day(desk: Desk, pair: Pair) -> str:
    """ "Today" or "Tomorrow" when the pair meets then, else empty."""
    if pair.meeting is None:
        return ""
    today = spoken_date(desk.now, desk.zone)
    tomorrow = spoken_date(desk.now + timedelta(days=1), desk.zone)
    return {today: "Today", tomorrow: "Tomorrow"}.get(
        spoken_date(pair.meeting.starts_at, desk.zone), ""
    )


def check_ins(desk: Desk) -> Iterable[Item]:
    """Check-ins that are open and not answered."""
    several = len(desk.pairs) > 1
    for pair in desk.pairs:
        if pair.check_in and not pair.check_in.answered:
            about = f" with {_partner(pair)}" if several else ""
            closes = spoken_date(pair.check_in.closes_at, desk.zone)
            yield Item(
                Rank.CHECK_IN,
                f"Your check-in{about} is open",
                f"Three taps, until {closes}",
                button(
                    "Answer",
                    ANSWER,
                    pair.check_in.id,
                    primary=True,
                    says=f"Answer the check-in about {_partner(pair)}" if several else "",
                ),
            )


def plans(desk: Desk) -> Iterable[Item]:
    """Pairs without a next meeting, unless they skip this week on purpose or one is away."""
    several = len(desk.pairs) > 1
    for pair in desk.pairs:
        if pair.meeting or pair.skips_week or desk.leave or _away(desk, pair):
            continue
        which = "next" if pair.has_met else "first"
        about = f" with {_partner(pair)}" if several else ""
        line = "" if several else f"You and {naming.short(pair.partner)} have no date yet."
        yield Item(
            Rank.PLAN,
            f"Plan your {which} meeting{about}",
            line,
            button(
                "Plan a meeting",
                meeting_words.PLAN,
                pair.id,
                primary=True,
                says=f"Plan a meeting with {_partner(pair)}" if several else "",
            ),
        )


def interns(desk: Desk) -> Iterable[Item]:
    """Where an intern without a mentor stands."""
    for place in desk.places:
        if isinstance(place, InternPlace) and not place.has_mentor:
            yield from _without_mentor(desk, place)


def _without_mentor(desk: Desk, place: InternPlace) -> Iterable[Item]:
    see = button("See my request", pairing_words.REQUEST)
    if place.asking is None:
        if desk.person.profile_saved_at is None:
            yield Item(
                Rank.PROFILE,
                "Tell me what you want to learn",
                "4 minutes, then you choose a mentor.",
                button("Write my profile", pairing_words.PROFILE, primary=True),
            )
            return
        ask = button("Request a mentor", pairing_words.REQUEST, primary=True)
        yield Item(Rank.REQUEST, "Find a mentor who fits", "You choose, I ask.", ask)
        return
    offer = place.asking.offer
    if offer is not None:
        asked = _plain(offer.mentor.person.first_name, "your mentor")
        lines = []
        if offer.lapses_at:
            lines.append(f"Until {spoken(offer.lapses_at, desk.zone, desk.person.locale)}.")
        if place.asking.then:
            lines.append(f"Then: {naming.short(place.asking.then)}.")
        yield Item(Rank.REQUEST, f"Waiting for {asked}'s answer", " ".join(lines), see)
        return
    for free in place.asking.places:
        mentor = free.mentor.person
        yield Item(
            Rank.PLACE,
            f"There is room again: {naming.title(mentor)}",
            f"Until {spoken(free.lapses_at, desk.zone, desk.person.locale)}.",
            button(f"Ask {naming.label(mentor)}", request_words.TAKE_PLACE, free.id, primary=True),
        )
    yield Item(
        Rank.REQUEST,
        "You are on the waitlist",
        "The next place that fits is offered to you.",
        button("Choose other mentors", pairing_words.REQUEST),
    )


def mentors(desk: Desk) -> Iterable[Item]:
    """A mentor without a profile, and one with nothing to do."""
    if not any(isinstance(place, MentorPlace) for place in desk.places):
        return
    if desk.person.profile_saved_at is None:
        yield Item(
            Rank.PROFILE,
            "Say what you can help with",
            "4 minutes, then interns can ask for you.",
            button("Write my profile", pairing_words.PROFILE, primary=True),
        )
    elif not desk.pairs:
        profile = button("My profile", pairing_words.PROFILE)
        line = "I write to you when an intern asks for you."
        yield Item(Rank.IDLE, "Nothing to do today", line, profile)


def paired(desk: Desk) -> Iterable[Item]:
    """A pair with nothing for today."""
    if desk.pairs:
        yield Item(Rank.IDLE, "Nothing to do today", _why_nothing(desk))


def _why_nothing(desk: Desk) -> str:
    if any(pair.meeting for pair in desk.pairs):
        return "Your next meeting is planned."
    if any(pair.skips_week for pair in desk.pairs):
        return "You skip this week, on purpose."
    return "No deadline runs while somebody is on leave."


def _away(desk: Desk, pair: Pair) -> bool:
    """Whether the partner's leave has begun."""
    return pair.leave is not None and pair.leave.first_on <= roster.local_date(desk.now, desk.zone)


def past(desk: Desk) -> Iterable[Item]:
    """Programmes that have ended lately."""
    for place in desk.past:
        facts = [counted(place.meetings, "meeting")]
        if place.actions:
            facts.append(counted(place.actions, "action"))
        yield Item(
            Rank.PAST,
            f"{place.membership.cohort.name} has ended",
            f"{', '.join(facts)}." if place.meetings else "Thank you for taking part.",
            button("Say thanks", cohort_words.THANKS_OPEN),
        )


def outside(desk: Desk) -> Iterable[Item]:
    """Somebody in no cohort that runs: who may start one, who left, and everybody else."""
    if desk.places or desk.past:
        return
    if desk.may_create:
        yield Item(
            Rank.IDLE,
            "Start a mentorship programme",
            "Ten minutes: name, dates, people.",
            button("New cohort", console.NEW, primary=True),
        )
    elif desk.left is not None:
        asks = f"Questions: {desk.contact}." if desk.contact else ""
        yield Item(Rank.IDLE, f"You are no longer in {desk.left.name}", asks)
    else:
        ask = f"; ask {desk.contact}" if desk.contact else ""
        line = f"Interns find a mentor here. You are in no cohort{ask}."
        yield Item(Rank.IDLE, "Mentorship for interns", line)


BUILDERS: tuple[Callable[[Desk], Iterable[Item]], ...] = (
    on_leave,
    offers,
    care,
    meetings,
    check_ins,
    interns,
    mentors,
    plans,
    paired,
    paused,
    past,
    outside,
)


def _partner(pair: Pair) -> str:
    return _plain(pair.partner.first_name, "your intern" if pair.as_mentor else "your mentor")


def _plain(name: str, otherwise: str) -> str:
    return name or otherwise
