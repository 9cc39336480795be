"""What coordinators see about the cohort itself: console, new cohort, settings. Pure; with the
readers of the forms it builds.

Words arrive ready for mrkdwn; names of cohorts on buttons and in options are plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from bot import blocks, forms
from bot.blocks import Block, Option, actions, button, context, option, section
from bot.cohort.calendar import LONGEST, SHORTEST, zone_or
from bot.cohort.settings import SETTINGS, TOPICS, Setting
from bot.refusal import Invalid, NotYours
from bot.times import city

CONSOLE_OPEN = "console.open"
CONSOLE_PICK = "console.cohort"
DIGEST_PREVIEW = "digest.preview"
PEOPLE_OPEN = "people.open"
NEW = "cohort.new"
NEW_FORM = "cohort.new.form"
ZONE = "cohort.zone"
SETTINGS_OPEN = "settings.open"
SETTINGS_FORM = "settings.form"
TOPIC = "settings.topic"
SETTINGS_PICK = "settings.cohort"

COHORT = "Cohort"
ALL_TOPICS = (COHORT, *TOPICS)
NAME_LENGTH = 80
CONTACTS_LENGTH = 1000


# ---- the console


def console(
    *,
    cohort_id: int,
    headline: str,
    people: str,
    rows: Sequence[Block] = (),
    may_create: bool = False,
    choices: Sequence[Option] = (),
) -> dict[str, Any]:
    """[[Cohort console]]. `rows` are the blocks others add: concerns, letters not delivered."""
    parts: list[Block] = []
    if len(choices) > 1:
        chosen = blocks.select(CONSOLE_PICK, choices, chosen=cohort_id)
        parts.append(actions(chosen, block_id=f"cohort~{cohort_id}"))
    parts.append(section(headline))
    parts.append(section(people, button("People", PEOPLE_OPEN, cohort_id)))
    parts.extend(rows)
    parts.append(
        actions(
            button("Preview digest", DIGEST_PREVIEW, cohort_id),
            button("Settings", SETTINGS_OPEN, cohort_id),
            button("New cohort", NEW) if may_create else None,
        )
    )
    return blocks.modal("console", "Cohort console", parts)


def people_line(interns: Sequence[str], mentors: Sequence[str]) -> str:
    """ "24 interns: 22 paired, 1 waiting. 19 mentors: room for 3": the first of each is the
    count, what follows it the details."""
    return ". ".join(_detailed(part) for part in (interns, mentors) if part)


def _detailed(part: Sequence[str]) -> str:
    count, *details = part
    return f"{count}: {', '.join(details)}" if details else count


# ---- a new cohort


@dataclass(frozen=True)
class Plan:
    """What the form for a new cohort says; `coordinators` are Slack ids."""

    name: str
    starts_on: date
    weeks: int
    zone: str
    channel: str
    coordinators: Sequence[str]


def new_cohort(*, first: date, zone: str, me: str) -> dict[str, Any]:
    """[[New cohort]], with what is likely filled in."""
    return blocks.modal(
        NEW_FORM,
        "New cohort",
        [
            blocks.field_block(
                "Name",
                blocks.text_input("name", most=NAME_LENGTH, example="Summer interns"),
                "name",
            ),
            blocks.field_block("First day", blocks.date_picker("day", first), "starts_on"),
            _weeks_field(12),
            blocks.field_block(
                "Time zone", blocks.external_select(ZONE, chosen=zone_option(zone)), "zone"
            ),
            _channel_field(None),
            _coordinators_field([me]),
        ],
        submit="Create cohort",
    )


def _weeks_field(weeks: int) -> Block:
    options = [option(str(n), n) for n in range(SHORTEST, LONGEST + 1)]
    return blocks.field_block("Weeks", blocks.select("weeks", options, chosen=weeks), "weeks")


def _channel_field(channel: str | None) -> Block:
    return blocks.field_block(
        "Coordinators' channel",
        blocks.channel_select("channel", chosen=channel),
        "channel",
        hint="Private, with me inside: digests and concerns name pairs.",
    )


def _coordinators_field(people: Sequence[str]) -> Block:
    return blocks.field_block(
        "Coordinators", blocks.people_select("people", chosen=people), "coordinators"
    )


def read_new_cohort(form: forms.Form) -> Plan:
    """What the form says. Raises Invalid beside what is missing."""
    name = " ".join(form.text("name", most=NAME_LENGTH).split())
    if not name:
        raise Invalid(field="name", words="Write a name, for example: Summer interns.")
    starts_on = form.day("starts_on")
    if starts_on is None:
        raise Invalid(field="starts_on", words="Choose the first day.")
    zone = zone_or(form.choice("zone"), "")
    if not zone:
        raise Invalid(field="zone", words="Choose a time zone, for example Berlin.")
    return Plan(
        name=name,
        starts_on=starts_on,
        weeks=_read_weeks(form),
        zone=zone,
        channel=_read_channel(form),
        coordinators=_read_coordinators(form),
    )


def _read_weeks(form: forms.Form) -> int:
    chosen = form.choice("weeks") or ""
    if not chosen.isdecimal() or not SHORTEST <= int(chosen[:3]) <= LONGEST:
        raise Invalid(field="weeks", words=f"Choose {SHORTEST} to {LONGEST} weeks.")
    return int(chosen)


def _read_channel(form: forms.Form) -> str:
    channel = form.channel("channel")
    if channel is None:
        raise Invalid(field="channel", words="Choose the coordinators' channel.")
    return channel


def _read_coordinators(form: forms.Form) -> list[str]:
    people = form.people("coordinators")
    if not people:
        raise Invalid(field="coordinators", words="Choose at least one coordinator.")
    return people


def created(*, cohort: str, cohort_id: int, reading_along: Sequence[str]) -> dict[str, Any]:
    """[[Cohort created]]. `reading_along`: members of the channel who do not coordinate."""
    parts = [
        section(
            f"*{cohort} is ready.* Next, people.",
            button("Add people", PEOPLE_OPEN, cohort_id, primary=True),
        )
    ]
    if reading_along:
        parts.append(section(_reading_along(reading_along)))
    return blocks.modal("cohort.created", "Cohort created", parts)


def _reading_along(names: Sequence[str]) -> str:
    shown = list(names[:8])
    rest = len(names) - len(shown)
    if rest:
        shown.append(blocks.counted(rest, "other"))
    return (
        f"▲ In the coordinators' channel, but not coordinators: {blocks.listed(shown)}. They can "
        "read the names of pairs that need care."
    )


def zone_option(zone: str) -> Option:
    """A zone as a choice: "Berlin (Europe/Berlin)"."""
    return option(f"{city(zone)} ({zone})", zone)


def zones_like(typed: str) -> list[Option]:
    """Up to 50 zones whose city or name holds what was typed, the nearest first."""
    wanted = " ".join(typed.casefold().replace("_", " ").split())[:60]
    found = []
    for zone in available_timezones():
        if "/" not in zone and zone != "UTC":
            continue  # old short names, each of which has a city's name too
        place, whole = city(zone).casefold(), zone.casefold().replace("_", " ")
        if wanted in place or wanted in whole:
            rank = 0 if place.startswith(wanted) else 1 if wanted in place else 2
            found.append((rank, zone.startswith("Etc/"), place, zone))
    return [zone_option(zone) for *_rank, zone in sorted(found)[:50]]


# ---- settings


@dataclass(frozen=True)
class CohortFacts:
    """What the topic "Cohort" shows."""

    starts_on: date
    weeks: int
    channel: str
    coordinators: Sequence[str]
    contacts: str


def settings(
    *,
    cohort_id: int,
    version: int,
    topic: int,
    facts: CohortFacts,
    values: dict[str, float],
    saved: bool = False,
    choices: Sequence[Option] = (),
) -> dict[str, Any]:
    """[[Settings]]: one topic at a time; choosing another one redraws."""
    topics = [option(name, number) for number, name in enumerate(ALL_TOPICS)]
    elements = [blocks.select(TOPIC, topics, chosen=topic)]
    if len(choices) > 1:
        elements.append(blocks.select(SETTINGS_PICK, choices, chosen=cohort_id))
    # The id changes with what it shows: an element that stays keeps what was chosen before.
    parts: list[Block] = [actions(*elements, block_id=f"topic~{cohort_id}~{topic}")]
    if saved:
        parts.append(section("● *Saved.* Letters that have gone out stay as they are."))
    if topic == 0:
        parts.extend(_cohort_fields(facts))
    else:
        chosen = [s for s in SETTINGS.values() if s.topic == ALL_TOPICS[topic]]
        parts.extend(_figure_field(s, values[s.name]) for s in chosen)
    return blocks.modal(
        SETTINGS_FORM,
        "Settings",
        parts,
        submit="Save settings",
        metadata=forms.metadata(cohort=cohort_id, version=version, topic=topic),
    )


def _figure_field(known: Setting, value: float) -> Block:
    element = blocks.number_input(
        "figure", value, least=known.least, most=known.most, decimals=known.decimals
    )
    hint = f"Default {known.measured(known.default)}, {known.source}."
    return blocks.field_block(known.label, element, known.name, hint=hint)


def _cohort_fields(facts: CohortFacts) -> list[Block]:
    contacts = blocks.text_input(
        "contacts",
        value=facts.contacts,
        most=CONTACTS_LENGTH,
        lines=True,
        example="Works council: 2.14. Company doctor: +49 30 123. Outside: your local helpline",
    )
    return [
        blocks.field_block("First day", blocks.date_picker("day", facts.starts_on), "starts_on"),
        _weeks_field(facts.weeks),
        _channel_field(facts.channel),
        _coordinators_field(facts.coordinators),
        blocks.field_block(
            "Where to turn",
            contacts,
            "contacts",
            optional=True,
            hint="Shown in hard moments: harassment, safety, health. Nobody sees who looked.",
        ),
        context("Changed dates move what has not been sent yet."),
    ]


def read_topic(form: forms.Form) -> int:
    """Which topic the form shows. Raises NotYours for a form that is not ours."""
    return require_topic(form.row("topic"))


def require_topic(topic: int) -> int:
    """The topic itself. Raises NotYours for one that does not exist."""
    if not 0 <= topic < len(ALL_TOPICS):
        raise NotYours
    return topic


def read_figures(form: forms.Form, topic: int) -> dict[str, float]:
    """The figures typed for a topic. Raises Invalid beside what is no number."""
    given = {}
    for known in SETTINGS.values():
        if known.topic != ALL_TOPICS[topic] or not form.has(known.name):
            continue
        value = form.decimal(known.name)
        if value is None or value != value or abs(value) == float("inf"):
            raise Invalid(field=known.name, words="Write a number.")
        given[known.name] = value
    return given


def read_cohort(form: forms.Form) -> CohortFacts:
    """What the topic "Cohort" says. Raises Invalid beside what is missing."""
    starts_on = form.day("starts_on")
    if starts_on is None:
        raise Invalid(field="starts_on", words="Choose the first day.")
    return CohortFacts(
        starts_on=starts_on,
        weeks=_read_weeks(form),
        channel=_read_channel(form),
        coordinators=_read_coordinators(form),
        contacts=form.text("contacts", most=CONTACTS_LENGTH),
    )
