"""The worst that people can be called and can write: as long as it goes, full of what Slack
reads as mentions, links, broadcasts, marks and emoji, and from right to left."""

from dataclasses import dataclass, replace

from bot.cohort.skills import SKILLS
from bot.demo.acts import Helper, Learner
from bot.demo.people import Somebody
from tests.support.lives import Words

# What must never reach Slack as it stands: it would call people.
DANGEROUS = ("<!channel>", "<!here>", "<@U0EVIL>", "<https://evil.example")
_EVIL = (
    "<!channel> <!here> <@U0EVIL> <https://evil.example|free> a&b <tag> *b* _i_ ~s~ `c` &amp; "
    "مرحبا بكم في البرنامج 😀👩🏽‍🚀 "
)


def as_long_as(most: int) -> str:
    """Exactly `most` characters of it, ending in a letter so that nothing is trimmed."""
    return (_EVIL * (most // len(_EVIL) + 1))[: most - 1] + "x"


LONGEST_WORDS = Words(
    line=as_long_as(300),
    place=as_long_as(300),
    insight=as_long_as(300),
    action=as_long_as(200),
    wish=as_long_as(500),
    thanks=as_long_as(600),
    note=as_long_as(300),
    contacts=as_long_as(1000),
    how=as_long_as(500),
    about=as_long_as(500),
    cohort=as_long_as(80),
)


def worst_name(name: str) -> str:
    """A name of 85 characters that begins with the real one, almost all of it the first name."""
    first, last = name.split(" ", 1)
    return (first + "<!channel>&*_~😀مريم" + "W" * 80)[:80] + " " + last[:4]


def worst_called(who: Somebody) -> Somebody:
    """The same person under the worst name and title."""
    return replace(who, name=worst_name(who.name), title=as_long_as(90))


@dataclass(frozen=True)
class World:
    """Who lives in a tour and what they write."""

    name: str
    words: Words
    worst: bool = False

    def called(self, who: Somebody) -> Somebody:
        """A person as this world names them."""
        return worst_called(who) if self.worst else who

    def learner(self, profile: Learner) -> Learner:
        """An intern's profile as this world writes it."""
        if not self.worst:
            return profile
        skills = tuple(dict.fromkeys(s for _goal, each in profile.goals for s in each))[:3]
        goals = tuple((as_long_as(150), skills) for _ in range(3))
        return replace(profile, goals=goals, note=self.words.about)

    def helper(self, profile: Helper) -> Helper:
        """A mentor's profile as this world writes it."""
        if not self.worst:
            return profile
        skills = (*profile.skills, *(slug for slug in SKILLS if slug not in profile.skills))
        return replace(profile, skills=skills[:10], how=self.words.how)


ORDINARY = World("ordinary", Words())
LONGEST = World("longest", LONGEST_WORDS, worst=True)
