"""The Monday digest: sections in one order, each of which says nothing when there is nothing to
say. Pure.

The privacy floor stands here and only here: a share of fewer than five people is not told.
Sources: the product's rule 4; the shape of the digest follows the mentoring notes' metrics.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.blocks import (
    ONLY_YOU,
    Block,
    Message,
    actions,
    bar_chart,
    button,
    context,
    counted,
    cut,
    escape,
    header,
    modal,
    section,
    spoken_text,
)
from bot.cohort.messages_console import PEOPLE_OPEN
from bot.concern import messages as concern
from bot.digest.facts import FLOOR, Facts
from bot.digest.messages import CODES, STATUS_OPEN, levels_line, week_line
from bot.pairing.phrases import skill_names

ROWS = 5  # pairs named before [Show all]
TODOS = 3
_TEXT = 3900  # Slack refuses to edit a message whose text passes 4,000
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Section:
    """Blocks, and the same in words."""

    blocks: list[Block] = field(default_factory=list)
    text: str = ""


def message(facts: Facts, *, preview: bool = False) -> Message:
    """The digest as a message. Without its chart it still tells everything: the text is every
    line, the chart in words."""
    sections = _sections(facts)
    blocks = [block for part in sections for block in part.blocks]
    text = " ".join(part.text for part in sections if part.text)
    if preview:
        blocks.append(context(f"A preview. {ONLY_YOU}"))
    return Message(cut(text, _TEXT), blocks)


def preview_view(facts: Facts) -> dict[str, object]:
    """The preview as a side look from a modal, where Slack draws no charts."""
    blocks: list[Block] = []
    for part in _sections(facts):
        charts = any(block["type"] == "data_visualization" for block in part.blocks)
        blocks.extend([context(part.text)] if charts else part.blocks)
    return modal("digest.preview", "Digest", [*blocks, context(f"A preview. {ONLY_YOU}")])


def _sections(facts: Facts) -> list[Section]:
    return [made for build in SECTIONS if (made := build(facts)) is not None]


# ---- the sections, in order


def headline(facts: Facts) -> Section:
    """ "Summer interns, week 7 of 12"."""
    words = f"{facts.standing.name}, {week_line(facts.standing)}"
    return Section([header(words)], f"{escape(words)}.")


def state(facts: Facts) -> Section:
    """How the pairs stand, or who is there before there are any."""
    stands = facts.standing
    if stands.pairs:
        words = f"*{counted(stands.pairs, 'pair')}: {levels_line(stands)}*"
    else:
        people = stands.people
        who = f"{counted(people.interns, 'intern')}, {counted(people.mentors, 'mentor')}"
        words = f"*No pairs yet:* {who}"
    return Section([section(words)], f"{spoken_text(words)}.")


def chart(facts: Facts) -> Section | None:
    """The state over the weeks. No series is called after a colour: Slack picks those."""
    if not any(w.on_track or w.need_care or w.quiet for w in facts.weeks):
        return None
    drawn = bar_chart(
        "Pairs by week",
        [f"Wk {w.week}" for w in facts.weeks],
        {
            "On track": [w.on_track for w in facts.weeks],
            "Need care": [w.need_care for w in facts.weeks],
            "Quiet": [w.quiet for w in facts.weeks],
        },
    )
    told = [
        f"week {w.week}: {w.on_track} on track, {w.need_care} need care, {w.quiet} quiet"
        for w in facts.weeks
    ]
    return Section([drawn], f"Pairs by week: {'; '.join(told)}.")


def care(facts: Facts) -> Section:
    """Who needs a human: red first, at most five, then all of them behind a button."""
    found = facts.standing.concerns
    if not found:
        return Section([section("*Nothing needs you today*")], "Nothing needs you today.")
    blocks = [concern.digest_row(shown) for shown in found[:ROWS]]
    lines = [f"{concern.headline(s)}. {concern.digest_words(s)}" for s in found[:ROWS]]
    if len(found) > ROWS:
        cohort = facts.standing.cohort_id
        blocks.append(actions(button(f"Show all {len(found)}", STATUS_OPEN, cohort)))
        lines.append(f"{len(found) - ROWS} more need care.")
    return Section(blocks, spoken_text(" ".join(lines)))


def coverage(facts: Facts) -> Section | None:
    """What happened in the last seven days, from five people on."""
    said = []
    if facts.all_pairs * 2 >= FLOOR:
        said.append(f"{facts.met.met} of {counted(facts.all_pairs, 'pair')} met")
    asked = facts.check_ins
    if asked is not None and asked.asked >= FLOOR:
        said.append(f"{asked.answered} of {asked.asked} check-ins answered")
    waiting = facts.standing.waiting
    if waiting:
        word = "waits" if waiting == 1 else "wait"
        said.append(f"{counted(waiting, 'intern')} {word} for a mentor")
    if not said:
        return None
    words = f"*Last seven days:* {', '.join(said)}"
    return Section([section(words)], f"{spoken_text(words)}.")


def to_do(facts: Facts) -> Section | None:
    """At most three things to do, the most useful first."""
    todos = _todos(facts)[:TODOS]
    if not todos:
        return None
    words = f"*To do:* {' '.join(f'{n}. {todo}' for n, todo in enumerate(todos, start=1))}"
    people = button("Open people", PEOPLE_OPEN, facts.standing.cohort_id)
    return Section([section(words, people)], f"{spoken_text(words)}. You can: open people.")


def _todos(facts: Facts) -> list[str]:
    stands = facts.standing
    todos = []
    if facts.wanted:
        what = "a mentor" if len(facts.wanted) == 1 else "mentors"
        todos.append(f"Find {what} for {skill_names(facts.wanted[:3])}")
    elif stands.waiting:
        todos.append(f"Find a mentor for {counted(stands.waiting, 'waiting intern')}")
    bare = stands.people.without_profile
    if bare:
        todos.append(f"Remind {counted(bare, 'person', 'people')} of their profile")
    if not stands.people.interns:
        todos.append("Add interns")
    if not stands.people.mentors:
        todos.append("Add mentors")
    missing = stands.people.interns - stands.paired - stands.room
    if stands.people.mentors and missing > 0:
        todos.append(f"Find room for {counted(missing, 'more intern')}")
    if stands.undelivered:
        todos.append(f"Look at {counted(stands.undelivered, 'letter')} that did not arrive")
    return todos


def good_news(facts: Facts) -> Section | None:
    """One good thing, without names, where there are enough people to hide in."""
    if facts.all_pairs * 2 < FLOOR:
        return None
    met = facts.met
    if met.met_twice:
        news = f"{_number(met.met_twice)} {'pair' if met.met_twice == 1 else 'pairs'} met twice."
    elif met.met and met.met >= facts.all_pairs:
        news = "every pair met."
    elif facts.new_pairs:
        news = f"{_number(facts.new_pairs)} new {'pair' if facts.new_pairs == 1 else 'pairs'}."
    elif met.met * 2 >= facts.all_pairs:
        news = f"{_number(met.met)} {'pair' if met.met == 1 else 'pairs'} met."
    else:
        return None
    words = f"*Good news:* {news}"
    return Section([section(words)], spoken_text(words))


def _number(n: int) -> str:
    return _WORDS[n] if n < len(_WORDS) else str(n)


def data_note(facts: Facts) -> Section:
    """How far the figures carry."""
    notes = [
        f'Figures like "3 of 8" are shown only where they cover at least {FLOOR} people, so that '
        "nobody can be recognised. Where fewer than half answered, they say little."
    ]
    stands = facts.standing
    if stands.concerns:
        notes.append(CODES)
    if stands.hidden:
        notes.append(f"{counted(stands.hidden, 'pair')} of coordinators left out.")
    if stands.undelivered:
        notes.append(f"{counted(stands.undelivered, 'letter')} undelivered.")
    words = " ".join(notes)
    return Section([context(words)], words)


SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    headline,
    state,
    chart,
    care,
    coverage,
    to_do,
    good_news,
    data_note,
)
