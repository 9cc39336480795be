"""The Home tab as people of every role and state open it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import limits
from bot.cohort.model import CohortState, MembershipState
from bot.concern.model import Concern, Level
from bot.meeting.model import Action, Meeting, MeetingState
from bot.pairing.model import Offer, Request, RequestState
from bot.sandbox.conversations import words
from tests.support import people


def opened(town: Any, slack_id: str) -> str:
    """What the tab says when this person opens it."""
    view = town.seat(slack_id).open_home()
    assert limits.check_view(view) == []
    greens = [e for block in view["blocks"] for e in pressed(block) if e.get("style") == "primary"]
    assert len(greens) <= 1
    return "\n".join(words(view["blocks"]))


def pressed(block: Any) -> list[Any]:
    return [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]


def labels(town: Any, slack_id: str) -> list[str]:
    view = town.seat(slack_id).home
    every = [e for block in view["blocks"] for e in pressed(block) if e["type"] == "button"]
    return [e["text"]["text"] for e in every]


@pytest.fixture
def cohort(small_town: Any) -> Any:
    """A cohort that Priya coordinates."""
    with small_town.db.begin() as session:
        made = people.a_cohort(session, channel=small_town.channel.id)
        people.a_coordinator(session, made)
    return made


def join(town: Any, cohort: Any, make: Any, name: str, **more: Any) -> Any:
    with town.db.begin() as session:
        return make(session, session.merge(cohort), name, **more)


def pair(town: Any, *places: Any) -> Any:
    with town.db.begin() as session:
        return people.a_pairing(session, *(session.merge(place) for place in places))


def test_a_stranger_reads_what_this_is_and_whom_to_ask(small_town: Any, cohort: Any) -> None:
    said = opened(small_town, "U0KEN")
    assert said.splitlines()[:2] == [
        "Mentorship for interns",
        "Interns find a mentor here. You are in no cohort; ask <@U0PRIYA>.",
    ]


def test_whoever_may_start_a_cohort_is_offered_it(small_town: Any) -> None:
    with small_town.db.begin() as session:
        people.a_person(session, "Priya Nair").is_admin = True
    said = opened(small_town, "U0PRIYA")
    assert said.startswith("Start a mentorship programme\nTen minutes: name, dates, people.")
    assert labels(small_town, "U0PRIYA") == ["New cohort", "Help"]
    seat = small_town.seat("U0PRIYA")
    seat.click(seat.home, "help.open")
    assert seat.modal["title"]["text"] == "Help"


def test_an_intern_without_a_profile_is_asked_for_it_first(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.an_intern, "Ana Silva", profile=False)
    said = opened(small_town, "U0ANA")
    assert said.startswith("Tell me what you want to learn\n4 minutes, then you choose a mentor.")
    assert "Summer interns, starts on Mon 8 June. Times in Berlin." in said
    assert "Questions: <@U0PRIYA>" in said


def test_an_intern_without_a_mentor_finds_the_way_to_one(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.an_intern, "Ana Silva")
    assert opened(small_town, "U0ANA").startswith("Find a mentor who fits\nYou choose, I ask.")
    assert labels(small_town, "U0ANA") == ["Request a mentor", "Say thanks", "My profile"]


def test_an_intern_who_waits_for_an_answer_sees_whose_and_until_when(
    small_town: Any, cohort: Any
) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito")
    now = small_town.clock()
    with small_town.db.begin() as session:
        request = Request(
            workspace_id=ana.workspace_id,
            cohort_id=cohort.id,
            intern_id=ana.id,
            state=RequestState.ASKING,
            created_at=now,
        )
        session.add(request)
        session.flush()
        offer = Offer(
            workspace_id=ana.workspace_id,
            request_id=request.id,
            mentor_id=ben.id,
            created_at=now,
            lapses_at=now + timedelta(days=3),
        )
        session.add(offer)
    assert opened(small_town, "U0ANA").startswith(
        "Waiting for Ben's answer\nUntil Thu 4 June, 09:00 (Berlin)."
    )
    said = opened(small_town, "U0BEN")
    assert said.startswith("Ana would like you as a mentor\nUntil Thu 4 June")
    assert "Room for 1 more." in said
    with small_town.db.begin() as session:
        session.merge(request).state = RequestState.WAITING
        session.delete(session.merge(offer))
    assert opened(small_town, "U0ANA").startswith("You are on the waitlist\n")


def test_a_pair_sees_the_next_meeting_and_open_actions(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito")
    pairing = pair(small_town, ana, ben)
    assert opened(small_town, "U0ANA").startswith(
        "Plan your first meeting\nYou and Ben have no date yet."
    )
    now = small_town.clock()
    with small_town.db.begin() as session:
        meeting = Meeting(
            workspace_id=ana.workspace_id,
            pairing_id=pairing.id,
            starts_at=now + timedelta(days=1, hours=6),
            ends_at=now + timedelta(days=1, hours=6, minutes=30),
            minutes=30,
            place="Room <!channel> 2.14",
            planned_by=ana.person_id,
            created_at=now,
        )
        session.add(meeting)
        session.flush()
        session.add(
            Action(
                workspace_id=ana.workspace_id,
                meeting_id=meeting.id,
                pairing_id=pairing.id,
                owner_id=ana.person_id,
                written_by=ana.person_id,
                text="Send Ben the *draft* <@U0PRIYA>",
                due_on=now.date() + timedelta(days=4),
                created_at=now,
            )
        )
    said = opened(small_town, "U0ANA")
    assert said.startswith("Tomorrow, 15:00: you and Ben\nRoom &lt;!channel&gt; 2.14, 30 minutes")
    assert "○ Send Ben the *draft* &lt;@U0PRIYA&gt;, by Fri 5 June" in said
    assert "Done" in labels(small_town, "U0ANA")
    told = opened(small_town, "U0BEN")
    assert told.startswith("Tomorrow, 14:00: you and Ana")
    assert "*Ana Silva*, next: Tue 2 June, 14:00" in told
    assert "Send Ben" not in told


def test_nothing_to_do_when_the_next_meeting_is_far(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    pairing = pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Ben Ito"))
    starts = small_town.clock() + timedelta(days=8)
    with small_town.db.begin() as session:
        session.add(
            Meeting(
                workspace_id=ana.workspace_id,
                pairing_id=pairing.id,
                starts_at=starts,
                ends_at=starts + timedelta(minutes=30),
                minutes=30,
                planned_by=ana.person_id,
                created_at=small_town.clock(),
            )
        )
    said = opened(small_town, "U0ANA")
    assert said.startswith("Nothing to do today\n")
    assert "*Coming up:* Tue 9 June, 09:00 with Ben" in said


def test_a_mentor_without_interns_has_nothing_to_do(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.a_mentor, "Ben Ito", capacity=2)
    said = opened(small_town, "U0BEN")
    assert said.startswith("Nothing to do today\nI write to you when an intern asks for you.")
    assert "Room for 2 more." in said


def test_pausing_shows_at_once_and_can_be_taken_back(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.a_mentor, "Ben Ito")
    ben = small_town.seat("U0BEN")
    opened(small_town, "U0BEN")
    ben.click(ben.home, "mentorship.menu", "pause")
    small_town.settle()
    said = "\n".join(words(ben.home["blocks"]))
    assert said.startswith("Letters are paused until Mon 8 June")
    ben.click(ben.home, "letters.resume")
    small_town.settle()
    assert "paused" not in "\n".join(words(ben.home["blocks"]))


def test_leave_stands_first_and_nothing_is_green(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Ben Ito"))
    seat = small_town.seat("U0ANA")
    opened(small_town, "U0ANA")
    seat.click(seat.home, "mentorship.menu", "leave")
    seat.submit({"first": "2026-06-01", "back": "2026-06-15"})
    seat.close()
    said = opened(small_town, "U0ANA")
    assert said.startswith("On leave until Mon 15 June\nBen knows.")
    assert all(e.get("style") is None for b in seat.home["blocks"] for e in pressed(b))
    seat.click(seat.home, "leave.back")
    assert not opened(small_town, "U0ANA").startswith("On leave")


def test_an_open_tab_shows_the_partners_leave_as_it_is_planned_and_taken_back(
    small_town: Any, cohort: Any
) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Ben Ito"))
    seat, ben = small_town.seat("U0ANA"), small_town.seat("U0BEN")
    dates = "Ana is on leave from Mon 8 June, back on Mon 15 June."
    assert dates not in opened(small_town, "U0BEN")
    seat.command("/mentor", "leave")
    seat.submit({"first": "2026-06-08", "back": "2026-06-15"})
    small_town.settle()
    assert dates in "\n".join(words(ben.home["blocks"]))
    seat.click(seat.modal, "leave.back")
    small_town.settle()
    assert dates not in "\n".join(words(ben.home["blocks"]))
    assert seat.home is None  # nobody's tab is published unseen


def test_an_open_tab_shows_that_the_partners_leave_has_run_out(town: Any) -> None:
    with town.db.begin() as session:
        cohort = people.a_cohort(session, channel=town.channel.id)
        ana, ben = people.an_intern(session, cohort), people.a_mentor(session, cohort)
        people.a_pairing(session, ana, ben)
    town.slack.join(town.channel.id, town.slack.bot_user_id)
    ana_seat, ben_seat = town.seat("U0ANA"), town.seat("U0BEN")
    ana_seat.command("/mentor", "leave")
    ana_seat.submit({"first": "2026-06-02", "back": "2026-06-04"})
    dates = "Ana is on leave from Tue 2 June, back on Thu 4 June."
    assert dates in opened(town, "U0BEN")
    town.live(until=datetime(2026, 6, 3, 20, tzinfo=UTC))
    assert dates in "\n".join(words(ben_seat.home["blocks"]))
    town.live(hours=12)
    assert dates not in "\n".join(words(ben_seat.home["blocks"]))


def test_an_ended_programme_says_what_it_leaves(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    pairing = pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Ben Ito"))
    now = small_town.clock()
    with small_town.db.begin() as session:
        session.add(
            Meeting(
                workspace_id=ana.workspace_id,
                pairing_id=pairing.id,
                state=MeetingState.HELD,
                starts_at=now - timedelta(days=1),
                ends_at=now,
                minutes=30,
                planned_by=ana.person_id,
                created_at=now,
            )
        )
        ended = session.merge(cohort)
        ended.state, ended.ended_at = CohortState.ENDED, now
    said = opened(small_town, "U0ANA")
    assert said.startswith("Summer interns has ended\n1 meeting.")
    small_town.clock.move(days=31)
    assert opened(small_town, "U0ANA").startswith("Mentorship for interns")


def test_somebody_who_was_removed_reads_that(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    with small_town.db.begin() as session:
        place = session.merge(ana)
        place.state, place.left_at = MembershipState.LEFT, small_town.clock()
    assert opened(small_town, "U0ANA").startswith(
        "You are no longer in Summer interns\nQuestions: <@U0PRIYA>."
    )


def test_a_coordinator_who_also_mentors_sees_both_parts(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.a_mentor, "Priya Nair")
    said = opened(small_town, "U0PRIYA")
    assert said.startswith("Nothing needs you today\n")
    assert "*Summer interns*, coordinator" in said
    assert labels(small_town, "U0PRIYA")[-2:] == ["Open the console", "Add people"]


def test_the_other_tab_draws_nothing(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.an_intern, "Ana Silva")
    small_town.seat("U0ANA").open_messages()
    assert small_town.seat("U0ANA").home is None
    assert small_town.person("U0ANA").home_opened_at is None


def test_nobodys_tab_is_published_unseen(town: Any) -> None:
    from bot import outbox

    with town.db.begin() as session:
        cohort = people.a_cohort(session)
        ana = people.an_intern(session, cohort)
        outbox.refresh_home(session, ana.workspace_id, ana.person_id, now=town.clock())
    town.settle()
    assert town.seat("U0ANA").home is None
    assert town.letters("home")[0].reason == "they have never opened the Home tab"
    town.seat("U0ANA").open_home()
    with town.db.begin() as session:
        session.get_one(people.Person, ana.person_id).profile_saved_at = None
        outbox.refresh_home(session, ana.workspace_id, ana.person_id, now=town.clock())
    town.settle()
    headline = town.seat("U0ANA").home["blocks"][0]["text"]["text"]
    assert headline == "Tell me what you want to learn"


def test_a_forged_option_of_the_menu_is_refused(small_town: Any, cohort: Any) -> None:
    join(small_town, cohort, people.an_intern, "Ana Silva")
    ana = small_town.seat("U0ANA")
    opened(small_town, "U0ANA")
    ana.forge(ana.home, "mentorship.menu", "everything")
    assert ana.modal["title"]["text"] == "Not possible"


def in_care(town: Any, pairing: Any) -> None:
    """The pair is red, and no coordinator has taken it."""
    with town.db.begin() as session:
        session.add(
            Concern(
                workspace_id=pairing.workspace_id,
                cohort_id=pairing.cohort_id,
                pairing_id=pairing.id,
                level=Level.RED,
                codes=["B2"],
                opened_at=town.clock(),
                waiting_since=town.clock(),
                met_at=town.clock(),
            )
        )


def test_a_coordinator_takes_a_pair_from_the_tab_and_sees_it_taken(
    small_town: Any, cohort: Any
) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    in_care(small_town, pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Ben Ito")))
    said = opened(small_town, "U0PRIYA")
    assert said.startswith("One pair needs you today\n■ Red: Ana Silva and Ben Ito.")
    priya = small_town.seat("U0PRIYA")
    priya.click(priya.home, "concern.take")
    small_town.settle()
    said = "\n".join(words(priya.home["blocks"]))
    assert said.startswith("Nothing needs you today\n")
    assert "Priya is contacting them." in said


def test_a_mentor_who_coordinates_never_sees_their_own_pair_as_coordinator(
    small_town: Any, cohort: Any
) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    own = pair(small_town, ana, join(small_town, cohort, people.a_mentor, "Priya Nair"))
    in_care(small_town, own)
    said = opened(small_town, "U0PRIYA")
    assert "Red" not in said
    assert "needs you" not in said
    assert said.startswith("Plan your first meeting\nYou and Ana have no date yet.")


def test_all_of_today_comes_before_the_parts_of_two_cohorts(small_town: Any, cohort: Any) -> None:
    with small_town.db.begin() as session:
        autumn = people.a_cohort(session, "Autumn interns", channel=small_town.channel.id)
        people.a_coordinator(session, autumn)
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito", capacity=2)
    join(small_town, autumn, people.a_mentor, "Ben Ito", capacity=2)
    pair(small_town, join(small_town, cohort, people.an_intern, "Ana Silva"), ben)
    said = opened(small_town, "U0BEN")
    assert said.startswith("Plan your first meeting\n")
    for name in ("Summer interns", "Autumn interns"):
        assert f"{name}, starts on Mon 8 June." in said
    assert said.count("Times in Lisbon.") == 1


def test_the_fullest_tab_fits_slack(small_town: Any, cohort: Any) -> None:
    """Three interns with the longest words, open check-ins aside: `opened` looks at the limits."""
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito", capacity=3)
    now = small_town.clock()
    for number in range(3):
        long = f"{'שלום🎉<&>' * 30}{number} Silva"
        place = join(small_town, cohort, people.an_intern, long, slack_id=f"U0LONG{number}")
        pairing = pair(small_town, place, ben)
        with small_town.db.begin() as session:
            meeting = Meeting(
                workspace_id=pairing.workspace_id,
                pairing_id=pairing.id,
                starts_at=now + timedelta(hours=number + 1),
                ends_at=now + timedelta(hours=number + 2),
                minutes=30,
                place="<!channel> & " * 200,
                planned_by=ben.person_id,
                created_at=now,
            )
            session.add(meeting)
            session.flush()
            for _ in range(4):
                session.add(
                    Action(
                        workspace_id=pairing.workspace_id,
                        meeting_id=meeting.id,
                        pairing_id=pairing.id,
                        owner_id=ben.person_id,
                        written_by=ben.person_id,
                        text="& <@U0ANA> " * 250,
                        due_on=now.date(),
                        created_at=now,
                    )
                )
    said = opened(small_town, "U0BEN")
    assert "And 7 more open actions." in said
    assert "<!channel>" not in said


def test_nothing_can_be_pressed_in_two_places_of_one_page(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito")
    said = opened(small_town, "U0BEN")
    assert said.startswith("Nothing to do today")
    assert said.count("My profile") == 1
    pair(small_town, ana, ben)
    said = opened(small_town, "U0BEN")
    assert said.startswith("Plan your first meeting\nYou and Ana have no date yet.")
    assert "no meeting planned" not in said
    assert said.count("Plan a meeting") == 1
    assert said.count("My profile") == 1


def test_nobody_is_asked_to_plan_while_one_of_the_two_is_away(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito")
    pair(small_town, ana, ben)
    seat = small_town.seat("U0ANA")
    seat.command("/mentor", "leave")
    assert seat.submit({"first": "2026-06-01", "back": "2026-06-15"}).ok
    assert "Plan your first meeting" not in opened(small_town, "U0ANA")
    said = opened(small_town, "U0BEN")
    assert said.startswith("Nothing to do today\nNo deadline runs while somebody is on leave.")


def test_tomorrows_meeting_stands_in_the_headline_alone(small_town: Any, cohort: Any) -> None:
    ana = join(small_town, cohort, people.an_intern, "Ana Silva")
    ben = join(small_town, cohort, people.a_mentor, "Ben Ito")
    pairing = pair(small_town, ana, ben)
    with small_town.db.begin() as session:
        at = small_town.clock() + timedelta(days=1)
        session.add(
            Meeting(
                workspace_id=ana.workspace_id,
                pairing_id=pairing.id,
                planned_by=ana.person_id,
                starts_at=at,
                ends_at=at + timedelta(minutes=30),
                minutes=30,
                created_at=small_town.clock(),
            )
        )
    said = opened(small_town, "U0ANA")
    assert said.startswith("Tomorrow, ")
    assert "with Ben" not in said
