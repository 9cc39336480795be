"""The profile in three steps, and what each submitted step says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from bot import blocks as b
from bot.cohort import skills as vocabulary
from bot.cohort.model import Membership, Person, Role
from bot.forms import Form, metadata
from bot.pairing import messages as m
from bot.pairing.phrases import DAYS, LANGUAGES, SLIDERS, VALUES, languages_from
from bot.refusal import Invalid
from bot.times import city

GOALS_FORM = "profile.goals.form"
HELP_FORM = "profile.help.form"
STYLE_FORM = "profile.style.form"
HOURS_FORM = "profile.hours.form"
SAVED = "profile.saved"
ADD_GOAL = "profile.add_goal"
BACK = "profile.back"

MOST_GOALS = 3
GOAL_LENGTH = 150
NO_GOAL = "Write one goal, for example: present my work without notes."

_GOAL_LABELS = ("Most important goal", "Second goal", "Third goal")
_GOAL_EXAMPLES = (
    "Present my work without notes",
    "Write better SQL",
    "Get to know people outside my team",
)


@dataclass(frozen=True)
class Goals:
    """Up to three goals, the most important first: texts, and the skills of each."""

    texts: tuple[str, ...] = ("",)
    skills: tuple[tuple[str, ...], ...] = ((),)

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Any]]) -> "Goals":
        """As a membership holds them."""
        if not rows:
            return cls()
        return cls(
            tuple(str(row.get("text", "")) for row in rows),
            tuple(tuple(row.get("skills", ())) for row in rows),
        )

    def rows(self) -> list[dict[str, Any]]:
        """As a membership holds them."""
        return [
            {"text": text, "skills": list(skills)}
            for text, skills in zip(self.texts, self.skills, strict=True)
        ]


def who_sees(role: Role) -> str:
    """Who sees the second step, said before it is written."""
    whom = "interns" if role is Role.MENTOR else "mentor"
    return f"Your {whom} and you see this side by side. Coordinators never see it."


# ---- goals (step 1 of an intern, and the request's first form)


def skill_groups() -> list[tuple[str, list[b.Option]]]:
    """The vocabulary as groups of options."""
    return [
        (group, [b.option(skill.label, skill.slug) for skill in skills])
        for group, skills in vocabulary.groups().items()
    ]


def goal_blocks(goals: Goals, add: str) -> list[b.Block]:
    """The inputs of up to three goals; `add` is the action that adds one more."""
    found: list[b.Block] = []
    groups = skill_groups()
    for index, (text, skills) in enumerate(zip(goals.texts, goals.skills, strict=True)):
        number = index + 1
        found.append(
            b.field_block(
                _GOAL_LABELS[index],
                b.text_input("goal", value=text, most=GOAL_LENGTH, example=_GOAL_EXAMPLES[index]),
                f"goal_{number}",
                optional=index > 0,
            )
        )
        found.append(
            b.field_block(
                "Skills for this goal",
                b.grouped_multi_select("skills", groups, chosen=skills, most=3),
                f"skills_{number}",
                optional=True,
            )
        )
    if len(goals.texts) < MOST_GOALS:
        found.append(b.actions(b.button("Add a goal", add), block_id="more"))
    return found


def typed_goals(form: Form, *, one_more: bool = False) -> Goals:
    """The goals as they stand in the form, empty ones too; with room for one more."""
    count = max(sum(form.has(f"goal_{n}") for n in range(1, MOST_GOALS + 1)), 1)
    count = min(count + one_more, MOST_GOALS)
    numbers = range(1, count + 1)
    return Goals(
        tuple(form.text(f"goal_{n}", GOAL_LENGTH) for n in numbers),
        tuple(known_skills(form.choices(f"skills_{n}"), 3) for n in numbers),
    )


def submitted_goals(form: Form) -> Goals:
    """The goals that were written, in order. Raises Invalid when there is none."""
    typed = typed_goals(form)
    if not typed.texts[0]:
        raise Invalid(field="goal_1", words=NO_GOAL)
    kept = [pair for pair in zip(typed.texts, typed.skills, strict=True) if pair[0]]
    return Goals(tuple(text for text, _ in kept), tuple(skills for _, skills in kept))


def known_skills(slugs: Sequence[str], most: int) -> tuple[str, ...]:
    """Chosen skills that are listed; a forged option is dropped."""
    return tuple(slug for slug in slugs if slug in vocabulary.SKILLS)[:most]


def goals_form(place_id: int, goals: Goals) -> dict[str, Any]:
    """P1 of an intern."""
    return b.modal(
        GOALS_FORM,
        "Your profile, 1 of 3",
        [
            b.section("*What do you want to get better at?*"),
            b.context(b.MENTOR_ASKED),
            *goal_blocks(goals, ADD_GOAL),
        ],
        submit="Next",
        metadata=metadata(place=place_id),
    )


# ---- what a mentor can help with (step 1 of a mentor)

_CAPACITIES = (("1", 1), ("2", 2), ("3", 3), ("None for now", 0))


def help_form(place_id: int, person: Person) -> dict[str, Any]:
    """P1 of a mentor."""
    capacities = [b.option(label, value) for label, value in _CAPACITIES]
    known = person.capacity if person.profile_saved_at or person.capacity else None
    return b.modal(
        HELP_FORM,
        "Your profile, 1 of 3",
        [
            b.section("*What can you help with?*"),
            b.context("Interns see this on your card. Coordinators see your capacity."),
            b.field_block(
                "Skills",
                b.grouped_multi_select("skills", skill_groups(), chosen=person.skills, most=10),
                "skills",
            ),
            b.field_block(
                "Interns at a time", b.select("capacity", capacities, chosen=known), "capacity"
            ),
            b.field_block(
                "How I work",
                b.text_input(
                    "how",
                    value=person.how_i_work,
                    most=500,
                    lines=True,
                    example="I ask first, then say what I would do",
                ),
                "how",
                optional=True,
            ),
        ],
        submit="Next",
        metadata=metadata(place=place_id),
    )


@dataclass(frozen=True)
class Help:
    """What a mentor offers."""

    skills: tuple[str, ...]
    capacity: int
    how_i_work: str


def submitted_help(form: Form) -> Help:
    """Step 1 of a mentor. Raises Invalid beside what is missing."""
    skills = known_skills(form.choices("skills"), 10)
    if not skills:
        raise Invalid(field="skills", words="Choose at least one skill.")
    capacity = form.choice("capacity")
    if capacity not in {str(value) for _, value in _CAPACITIES}:
        raise Invalid(field="capacity", words="Choose how many interns you take at a time.")
    return Help(skills, int(capacity or 0), form.text("how", 500))


# ---- style and values (step 2)

_STYLE_QUESTION = "*How do you like to work?* No end is better. Skip what you are not sure about."


def style_form(place_id: int, role: Role, person: Person) -> dict[str, Any]:
    """P2. No slider has a preset: nobody is "in between" by accident."""
    chosen = [*person.style, None, None, None, None]
    sliders = [
        b.field_block(
            label,
            b.select(
                "position",
                [b.option(words, number) for number, words in enumerate(positions, start=1)],
                chosen=chosen[index],
            ),
            f"style_{index + 1}",
            optional=True,
        )
        for index, (label, positions) in enumerate(SLIDERS)
    ]
    values = [b.option(words, slug) for slug, words in VALUES.items()]
    return b.modal(
        STYLE_FORM,
        "Your profile, 2 of 3",
        [
            b.section(
                "*How do you like to work?* No end is better. Skip what you are not sure of."
            ),
            b.context(who_sees(role)),
            *sliders,
            b.field_block(
                "What matters most at work? Up to three",
                b.multi_select("values", values, chosen=person.values, most=3),
                "values",
                optional=True,
            ),
            b.actions(b.button("Back", BACK, 1), block_id="back"),
        ],
        submit="Next",
        metadata=metadata(place=place_id),
    )


def submitted_style(form: Form) -> tuple[list[int | None], list[str]]:
    """(four positions from 1 to 5 or None, up to three values)."""
    style = [
        int(choice) if (choice := form.choice(f"style_{n}")) in {"1", "2", "3", "4", "5"} else None
        for n in range(1, 5)
    ]
    return style, [value for value in form.choices("values") if value in VALUES][:3]


# ---- hours, languages, note (step 3)


def hours_form(place: Membership, zone: str) -> dict[str, Any]:
    """P3. Times are in the person's own zone."""
    person = place.person
    days = person.work_days or range(5)
    fields = [
        b.field_block(
            "Days",
            b.multi_select(
                "days",
                [b.option(day, number) for number, day in enumerate(DAYS)],
                chosen=[str(day) for day in days],
            ),
            "days",
        ),
        b.field_block("From", b.time_picker("time", person.work_from or time(9)), "from"),
        b.field_block("Until", b.time_picker("time", person.work_until or time(17)), "until"),
        b.field_block(
            "Languages",
            b.multi_select(
                "languages",
                [b.option(words, code) for code, words in LANGUAGES.items()],
                chosen=person.languages or languages_from(person.locale),
            ),
            "languages",
            optional=True,
        ),
    ]
    if place.role is Role.INTERN:
        note = b.text_input("note", value=place.note, most=500, lines=True)
        fields.append(
            b.field_block(
                "What should your mentor know?",
                note,
                "note",
                optional=True,
                hint="Your mentor reads it before your first meeting, nobody else.",
            )
        )
    return b.modal(
        HOURS_FORM,
        "Your profile, 3 of 3",
        [
            b.section(f"*When can you usually meet?* Times are in your Slack zone: {city(zone)}."),
            b.context("Others see only the hours you share with them."),
            *fields,
            b.actions(b.button("Back", BACK, 2), block_id="back"),
        ],
        submit="Save profile",
        metadata=metadata(place=place.id),
    )


@dataclass(frozen=True)
class Hours:
    """When somebody can usually meet, in which languages; `note` is None where not asked."""

    days: tuple[int, ...]
    start: time
    end: time
    languages: tuple[str, ...]
    note: str | None


def submitted_hours(form: Form) -> Hours:
    """Step 3. Raises Invalid beside what does not fit."""
    days = tuple(sorted({int(day) for day in form.choices("days") if day in set("0123456")}))
    if not days:
        raise Invalid(field="days", words="Choose at least one day.")
    start = form.clock_time("from")
    if start is None:
        raise Invalid(field="from", words="Choose a time, for example 09:00.")
    end = form.clock_time("until")
    if end is None or end <= start:
        raise Invalid(field="until", words=f"Choose a time after {start:%H:%M}.")
    languages = tuple(code for code in form.choices("languages") if code in LANGUAGES)
    note = form.text("note", 500) if form.has("note") else None
    return Hours(days, start, end, languages, note)


def saved_view(role: Role, *, looking: bool) -> dict[str, Any]:
    """P4. `looking`: an intern who has no mentor and asks nobody yet."""
    if role is Role.MENTOR:
        words = "*Saved.* I write when an intern asks for you. Nothing to do until then."
        return b.modal(SAVED, "Profile saved", [b.section(words)])
    words = "*Saved.* Change it any time with `/mentor profile`."
    find = [b.actions(b.button("Find my mentor", m.REQUEST, primary=True))] if looking else []
    return b.modal(SAVED, "Profile saved", [b.section(words), *find])
