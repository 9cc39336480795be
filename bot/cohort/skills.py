"""The vocabulary of skills: eight career competencies and the tags of everyday work.

Pure; the words stand in `skills.csv` beside this file: a slug that is stored, the name as it
reads inside a sentence, its group, and other spellings. People may also type a free tag; `tag`
merges it with the vocabulary where a name or another spelling fits.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

COMPETENCY_GROUP = "Career competencies"


@dataclass(frozen=True)
class Skill:
    """One tag. `name` stands inside a sentence ("presenting", "SQL"), `label` alone in a list."""

    slug: str
    name: str
    group: str
    aliases: tuple[str, ...]

    @property
    def label(self) -> str:
        return self.name[:1].upper() + self.name[1:]


def _read() -> dict[str, Skill]:
    text = resources.files("bot.cohort").joinpath("skills.csv").read_text(encoding="utf-8")
    found: dict[str, Skill] = {}
    for row in csv.DictReader(text.splitlines()):
        aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
        found[row["slug"]] = Skill(row["slug"], row["name"], row["group"], aliases)
    return found


def _plain(text: str) -> str:
    """A spelling without what people vary: case, outer and double spaces, - and _ for a space."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


SKILLS: Mapping[str, Skill] = MappingProxyType(_read())

# A slug wins over a name, a name over an alias: the first to claim a spelling keeps it.
_SPELLINGS: dict[str, str] = {}
for _spelling, _slug in (
    *((skill.slug, skill.slug) for skill in SKILLS.values()),
    *((skill.name, skill.slug) for skill in SKILLS.values()),
    *((alias, skill.slug) for skill in SKILLS.values() for alias in skill.aliases),
):
    _SPELLINGS.setdefault(_plain(_spelling), _slug)

# The eight competencies every intern can measure their growth by.
COMPETENCIES: tuple[str, ...] = tuple(
    skill.slug for skill in SKILLS.values() if skill.group == COMPETENCY_GROUP
)


def groups() -> dict[str, tuple[Skill, ...]]:
    """The groups in the order of the list, each with its skills: option groups of a menu."""
    found: dict[str, tuple[Skill, ...]] = {}
    for skill in SKILLS.values():
        found[skill.group] = (*found.get(skill.group, ()), skill)
    return found


def label(slug: str) -> str:
    """The skill as it stands alone in a list; a free tag is its own label."""
    return SKILLS[slug].label if slug in SKILLS else slug


def name(slug: str) -> str:
    """The skill as it reads inside a sentence; a free tag is its own name."""
    return SKILLS[slug].name if slug in SKILLS else slug


def find(text: str) -> str | None:
    """The slug whose slug, name or alias `text` is, in any case; None for words not listed."""
    return _SPELLINGS.get(_plain(text))


@lru_cache(maxsize=4096)  # matching a whole cohort asks for the same few hundred again and again
def tag(text: str) -> str:
    """What to compare and store: the slug if the words are listed, else the free tag, tidied."""
    return find(text) or _plain(text)
