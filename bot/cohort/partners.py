"""What the cohort has to ask about pairs. The rooms that know it come later, so the programme hands
it in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.cohort.model import Membership, Person


@dataclass(frozen=True)
class Partners:
    """`told`: with whom members are paired, in words, by membership; the third argument is who
    reads it. `of`: the people somebody is paired with now."""

    told: Callable[[Session, Sequence[Membership], Person], Mapping[int, str]]
    of: Callable[[Session, Person], Sequence[Person]]
