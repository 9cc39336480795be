"""The profile through the real app: three steps, each saved."""

from bot.cohort.model import MembershipState
from tests.pairing import scene
from tests.pairing.scene import read
from tests.support.town import Town


def test_a_mentors_profile_is_saved_step_by_step(summer: Town) -> None:
    mia = summer.seat("U0MIA")
    mia.command("/mentor", "profile")
    assert "Interns see this on your card. Coordinators see your capacity." in read(mia)
    mia.submit({"skills": ["sql"], "capacity": "3", "how": "I ask first. <!channel>"})
    assert "Your interns and you see this side by side." in read(mia)
    assert summer.person("U0MIA").capacity == 3  # saved before the next step
    mia.submit({"style_1": "5", "values": ["team"]})
    assert "Times are in your Slack zone: Lisbon." in read(mia)
    result = mia.submit({"from": "10:00", "until": "10:00"})
    assert result.errors == {"until": "Choose a time after 10:00."}
    mia.submit({"until": "15:00", "days": ["1", "2"], "languages": ["en", "pt"]})
    assert read(mia).startswith("Saved. I write when an intern asks for you.")
    saved = summer.person("U0MIA")
    assert (saved.skills, saved.style, saved.values) == (["sql"], [5, 2, 3, 4], ["team"])
    assert (saved.work_days, saved.languages) == ([1, 2], ["en", "pt"])
    assert saved.how_i_work == "I ask first. <!channel>"


def test_goals_grow_to_three_and_what_was_typed_stays(summer: Town) -> None:
    cho = summer.seat("U0CHO")
    cho.command("/mentor", "profile")
    assert "Present my work without notes" in str(cho.modal)  # prefilled on return
    cho.fill({"goal_1": "Write better SQL"})
    cho.click(cho.modal, "profile.add_goal")
    cho.click(cho.modal, "profile.add_goal")
    assert "Add a goal" not in read(cho)
    cho.submit({"goal_2": "  ", "goal_3": "Meet people", "skills_3": ["networking"]})
    with summer.db.read() as session:
        assert scene.place(session, "Cho").goals == [
            {"text": "Write better SQL", "skills": ["presenting"]},
            {"text": "Meet people", "skills": ["networking"]},
        ]


def test_a_goal_is_asked_for_beside_its_field(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    ana.command("/mentor-request")
    result = ana.submit({"goal_1": "   "})
    assert result.errors == {
        "goal_1": "Write one goal, for example: present my work without notes."
    }


def test_going_back_keeps_what_was_written(summer: Town) -> None:
    ana = summer.seat("U0ANA")
    ana.command("/mentor", "profile")
    ana.submit()
    ana.submit({"style_1": "4"})
    ana.fill({"from": "11:00", "note": "I am new."})
    ana.click(ana.modal, "profile.back", "2")
    assert "Your profile, 2 of 3" in read(ana)
    assert summer.person("U0ANA").style[0] == 4
    ana.click(ana.modal, "profile.back", "1")
    assert "What do you want to get better at?" in read(ana)
    ana.submit()
    ana.submit()
    assert "11:00" in str(ana.modal)
    assert "I am new." in str(ana.modal)


def test_a_stranger_and_a_removed_person_are_told_where_they_stand(summer: Town) -> None:
    for text in ("profile",):
        answer = summer.seat("U0KEN").command("/mentor", text).message
        assert answer is not None
        assert "You are not in a mentorship cohort yet." in answer.text
    answer = summer.seat("U0KEN").command("/mentor-request").message
    assert answer is not None
    assert "You are not in a mentorship cohort yet." in answer.text
    ana = summer.seat("U0ANA")
    ana.command("/mentor", "profile")
    with summer.db.begin() as session:
        scene.place(session, "Ana").state = MembershipState.LEFT
    ana.submit()
    assert "You are no longer in Summer interns." in read(ana)
