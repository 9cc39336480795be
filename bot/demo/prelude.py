"""What has happened before the demo is opened: people used the bot, and three weeks passed.

Emma and Lea meet and are well; Felix and Nora met once and not since; Grace and Ravi have not
met at all; Hugo waits for Tom's answer. Ana, Cho and Dev have no mentor yet: they are yours.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.demo import people as who
from bot.demo.acts import (
    Helper,
    Learner,
    answer_check_in,
    ask_for,
    found_cohort,
    help_out,
    learn,
    plan,
    press,
)

if TYPE_CHECKING:
    from bot.demo.world import World

LEARNERS = {
    who.ANA: Learner(
        goals=(
            ("Present my work without notes", ("presenting",)),
            ("Write better SQL", ("sql",)),
        ),
        values=("craft", "learning", "helping"),
        style=(2, 2, 2, 4),
        note="I am new to the company and to Berlin.",
    ),
    who.DEV: Learner(
        goals=(("Review code so that people thank me", ("code-review", "feedback")),),
        values=("autonomy", "learning", "new_ideas"),
        style=(1, 1, 3, 4),
    ),
    who.EMMA: Learner(
        goals=(("Run a user interview on my own", ("user-research",)),),
        values=("helping", "team", "new_ideas"),
        style=(4, 4, 2, 2),
    ),
    who.FELIX: Learner(
        goals=(("Understand which chart tells the truth", ("data-visualisation", "statistics")),),
        values=("craft", "clarity", "learning"),
        style=(2, 1, 1, 5),
    ),
    who.GRACE: Learner(
        goals=(("Learn how services talk to each other", ("software-design", "apis")),),
        values=("learning", "achievement", "team"),
        style=(3, 4, 4, 2),
    ),
    who.HUGO: Learner(
        goals=(("Ask for help before I am stuck", ("asking-for-help", "statistics")),),
        values=("team", "helping", "learning"),
        style=(4, 3, 3, 2),
    ),
}

HELPERS = {
    who.BEN: Helper(
        skills=("presenting", "sql", "software-design", "asking-for-help"),
        capacity=2,
        how="I ask first, then say what I would do. Small drafts early are welcome.",
        values=("craft", "learning", "autonomy"),
        style=(2, 2, 2, 3),
    ),
    who.MIA: Helper(
        skills=("presenting", "storytelling", "user-research"),
        capacity=1,
        how="Bring something unfinished, we look at it together.",
        values=("new_ideas", "helping", "team"),
        style=(4, 4, 4, 2),
    ),
    who.TOM: Helper(
        skills=("sql", "statistics", "asking-for-help"),
        capacity=1,
        how="Half an hour a week, same time, cameras optional.",
        values=("clarity", "learning", "team"),
        style=(1, 3, 1, 4),
    ),
    who.LEA: Helper(
        skills=("user-research", "presenting", "stakeholders"),
        capacity=1,
        how="I like to walk and talk.",
        values=("helping", "team", "learning"),
        style=(4, 5, 3, 2),
    ),
    who.RAVI: Helper(
        skills=("software-design", "apis", "code-review"),
        capacity=2,
        how="Write to me any time; I answer within a day.",
        values=("achievement", "learning", "autonomy"),
        style=(1, 1, 3, 4),
    ),
    who.NORA: Helper(
        skills=("statistics", "data-visualisation", "sql"),
        capacity=1,
        how="Questions before answers, and one thing to try by next time.",
        values=("craft", "clarity", "learning"),
        style=(2, 1, 1, 5),
    ),
}


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in Berlin's summer."""
    return datetime(2026, month, day, hour - 2, minute, tzinfo=UTC)


# When the demo opens: Monday of week 3, just after the digest.
OPENING = _at(6, 22, 9, 5)


def play(world: "World") -> None:
    """Live through the first three weeks. Raises Stuck when somebody cannot do their part."""
    slack = world.slack
    found_cohort(slack, who.PRIYA)
    world.live_until(_at(6, 2, 11))
    for mentor, helper in HELPERS.items():
        help_out(slack, mentor, helper)
    for intern, learner in LEARNERS.items():
        learn(slack, intern, learner)

    world.live_until(_at(6, 4, 10))
    ask_for(slack, who.EMMA, who.LEA, "Your talk about listening made me want to ask.")
    ask_for(slack, who.FELIX, who.NORA)
    ask_for(slack, who.GRACE, who.RAVI)
    world.live_until(_at(6, 8, 11))
    for mentor in (who.LEA, who.NORA, who.RAVI):
        press(slack, mentor, "offer.accept")
    world.live_until(_at(6, 8, 16))
    plan(slack, who.EMMA, _at(6, 10, 14), "the garden")
    plan(slack, who.FELIX, _at(6, 9, 15), "room 2.14")

    world.live_until(_at(6, 9, 16, 30))
    _met(world, who.FELIX)
    world.live_until(_at(6, 10, 15, 30))
    _met(world, who.EMMA)
    world.live_until(_at(6, 17, 11))
    for person, scores in (
        (who.EMMA, (5, 4, 5)),
        (who.LEA, (4, 5, 4)),
        (who.FELIX, (4, 4, 4)),
        (who.NORA, (4, 3, 4)),
    ):
        answer_check_in(slack, person, scores)
    world.live_until(_at(6, 19, 10))
    ask_for(slack, who.HUGO, who.TOM, "You know how not to be stuck. I would like to learn it.")
    world.live_until(OPENING)
    for person in (who.PRIYA, *who.INTERNS, *who.MENTORS):
        for conversation in list(slack.conversations.values()):
            if person.id in conversation.members:
                slack.seat(person.id).read(conversation)


def _met(world: "World", person: who.Somebody) -> None:
    """One tap on "Yes, we met"; the summary can wait."""
    press(world.slack, person, "meeting.yes")
    while world.slack.seat(person.id).modal:
        world.slack.seat(person.id).close()
    world.live_until(world.clock() + timedelta(minutes=1))
