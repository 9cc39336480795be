"""The vocabulary of skills fits Slack's menus and finds people's own spellings."""

import re

import pytest

from bot.cohort import skills


def test_eight_competencies_and_over_a_hundred_work_tags():
    assert len(skills.COMPETENCIES) == 8
    assert 100 <= len(skills.SKILLS) - 8 <= 150


def test_groups_fit_a_slack_menu():
    groups = skills.groups()
    assert len(groups) <= 100
    assert all(len(group) <= 75 for group in groups)
    assert all(1 <= len(members) <= 100 for members in groups.values())
    assert all(len(skill.label) <= 75 and len(skill.slug) <= 60 for skill in skills.SKILLS.values())


def test_groups_hold_every_skill_once_in_the_order_of_the_list():
    listed = [skill.slug for members in skills.groups().values() for skill in members]
    assert listed == list(skills.SKILLS)
    assert next(iter(skills.groups())) == skills.COMPETENCY_GROUP


def test_slugs_are_plain():
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", slug) for slug in skills.SKILLS)


def test_no_spelling_means_two_skills():
    owners: dict[str, set[str]] = {}
    for skill in skills.SKILLS.values():
        for spelling in (skill.slug, skill.name, *skill.aliases):
            owners.setdefault(skills.find(spelling) or "", set()).add(skill.slug)
    assert {found: by for found, by in owners.items() if by != {found}} == {}


def test_no_label_comes_twice():
    labels = [skill.label for skill in skills.SKILLS.values()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("presenting", "presenting"),
        ("  PRESENTATION   skills ", "presenting"),
        ("Golang", "go"),
        ("excel", "spreadsheets"),
        ("Problem-Solving", "critical-thinking"),
        ("problem solving", "critical-thinking"),
        ("C++", "cpp"),
        ("c#", "csharp"),
        ("résumé", "cv-writing"),
        ("underwater basketry", None),
        ("", None),
    ],
)
def test_people_are_understood_by_name_and_alias(text: str, slug: str | None):
    assert skills.find(text) == slug


@pytest.mark.parametrize(
    ("slug", "label", "name"),
    [
        ("presenting", "Presenting", "presenting"),
        ("sql", "SQL", "SQL"),
        ("javascript", "JavaScript", "JavaScript"),
        ("Underwater basketry", "Underwater basketry", "Underwater basketry"),
    ],
)
def test_a_skill_reads_well_in_a_list_and_in_a_sentence(slug: str, label: str, name: str):
    assert skills.label(slug) == label
    assert skills.name(slug) == name


def test_free_tags_merge_by_alias_and_by_spelling():
    assert skills.tag("Golang") == skills.tag("go") == "go"
    assert skills.tag(" Underwater  Basketry") == skills.tag("underwater-basketry")
