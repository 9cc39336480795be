"""Collecting problems, and the small shapes every block is made of: texts, options, confirms.

Lengths are counted in code points.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")


@dataclass(frozen=True)
class Problem:
    """One thing Slack would refuse, and where: a JSON pointer into the payload."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


@dataclass
class Report:
    """The problems found so far on one surface, and what must be unique or counted on it."""

    surface: Surface
    problems: list[Problem] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0

    def add(self, pointer: str, message: str) -> None:
        self.problems.append(Problem(pointer, message))

    def string(
        self,
        holder: Mapping[str, Any],
        key: str,
        at: str,
        *,
        most: int,
        least: int = 1,
        required: bool = False,
    ) -> None:
        """`holder[key]` is a string of `least` to `most` characters, or absent if not required."""
        value = holder.get(key)
        pointer = f"{at}/{key}"
        if value is None:
            if required:
                self.add(pointer, f"missing required field: {key}")
        elif not isinstance(value, str):
            self.add(pointer, "must be a string")
        elif len(value) > most:
            self.add(pointer, f"must be at most {most} characters, is {len(value)}")
        elif len(value) < least:
            self.add(pointer, f"must be at least {least} character(s)")

    def text(
        self,
        holder: Mapping[str, Any],
        key: str,
        at: str,
        *,
        most: int,
        kinds: tuple[str, ...] = ANY_TEXT,
        required: bool = False,
    ) -> None:
        """`holder[key]` is a text object of one of `kinds`, 1 to `most` characters."""
        value = holder.get(key)
        if value is None:
            if required:
                self.add(f"{at}/{key}", f"missing required field: {key}")
            return
        self.text_object(value, f"{at}/{key}", most=most, kinds=kinds)

    def text_object(
        self, value: object, at: str, *, most: int, kinds: tuple[str, ...] = ANY_TEXT
    ) -> None:
        """A text object standing by itself, as in a section's fields."""
        if not isinstance(value, Mapping):
            self.add(at, "must be a text object")
            return
        if str(value.get("type")) not in kinds:
            self.add(f"{at}/type", f"must be one of: {', '.join(kinds)}")
        self.string(value, "text", at, most=most, required=True)
        only = {"mrkdwn": "verbatim", "plain_text": "emoji"}.get(str(value.get("type")))
        for name in set(value) - {"type", "text", only}:
            self.add(f"{at}/{name}", f"unexpected field: {name}")

    def flag(self, holder: Mapping[str, Any], key: str, at: str) -> None:
        """`holder[key]` is true, false or absent."""
        if key in holder and not isinstance(holder[key], bool):
            self.add(f"{at}/{key}", "must be true or false")

    def one_of(self, holder: Mapping[str, Any], key: str, at: str, allowed: Iterable[str]) -> None:
        """`holder[key]` is one of the allowed words, or absent."""
        allowed = tuple(allowed)
        if key in holder and holder[key] not in allowed:
            self.add(f"{at}/{key}", f"must be one of: {', '.join(allowed)}")

    def items(
        self,
        holder: Mapping[str, Any],
        key: str,
        at: str,
        *,
        most: int,
        least: int = 1,
        required: bool = True,
    ) -> list[Any]:
        """The list at `holder[key]`; empty, and reported, when it is not one or too long."""
        value = holder.get(key)
        pointer = f"{at}/{key}"
        if value is None:
            if required:
                self.add(pointer, f"missing required field: {key}")
            return []
        if not isinstance(value, list):
            self.add(pointer, "must be a list")
            return []
        if len(value) > most:
            self.add(pointer, f"no more than {most} items allowed, has {len(value)}")
        elif len(value) < least:
            self.add(pointer, f"must have at least {least} item(s)")
        return value


def check_confirm(report: Report, holder: Mapping[str, Any], at: str) -> None:
    """A confirm dialog, if `holder` has one."""
    if "confirm" not in holder:
        return
    confirm, at = holder["confirm"], f"{at}/confirm"
    if not isinstance(confirm, Mapping):
        report.add(at, "must be a confirm object")
        return
    report.text(confirm, "title", at, most=100, kinds=PLAIN, required=True)
    report.text(confirm, "text", at, most=300, required=True)
    report.text(confirm, "confirm", at, most=30, kinds=PLAIN, required=True)
    report.text(confirm, "deny", at, most=30, kinds=PLAIN, required=True)
    report.one_of(confirm, "style", at, ("primary", "danger"))


def check_option(
    report: Report, option: object, at: str, *, mrkdwn: bool = False, url: bool = False
) -> None:
    """An option; mrkdwn texts are for checkboxes and radio buttons, urls for overflow menus."""
    if not isinstance(option, Mapping):
        report.add(at, "must be an option object")
        return
    kinds = ANY_TEXT if mrkdwn else PLAIN
    report.text(option, "text", at, most=75, kinds=kinds, required=True)
    report.string(option, "value", at, most=150, required=True)
    report.text(option, "description", at, most=75, kinds=kinds)
    if "url" in option:
        if url:
            report.string(option, "url", at, most=3000)
        else:
            report.add(f"{at}/url", "only the options of an overflow menu may have a url")


def check_options(
    report: Report,
    holder: Mapping[str, Any],
    at: str,
    *,
    most: int,
    mrkdwn: bool = False,
    url: bool = False,
) -> list[Any]:
    """The options of `holder`, each checked."""
    options = report.items(holder, "options", at, most=most)
    for index, option in enumerate(options):
        check_option(report, option, f"{at}/options/{index}", mrkdwn=mrkdwn, url=url)
    return options


def check_option_groups(report: Report, holder: Mapping[str, Any], at: str) -> list[Any]:
    """Every option of the option groups of `holder`, each checked."""
    found: list[Any] = []
    for index, group in enumerate(report.items(holder, "option_groups", at, most=100)):
        place = f"{at}/option_groups/{index}"
        if not isinstance(group, Mapping):
            report.add(place, "must be an option group")
            continue
        report.text(group, "label", place, most=75, kinds=PLAIN, required=True)
        found += check_options(report, group, place, most=100)
    return found


def same_option(one: object, other: object) -> bool:
    """Slack compares initial options by value and text."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    return one.get("value") == other.get("value") and _words(one) == _words(other)


def _words(option: Mapping[str, Any]) -> object:
    text = option.get("text")
    return text.get("text") if isinstance(text, Mapping) else None
