"""How people are called: the first name in sentences, the full one where it tells them apart.

Pure. Somebody whose name Slack has not told yet is shown by a mention, which Slack fills in.
"""

from bot.blocks import cut, escape, mention
from bot.cohort.model import Person

_UNNAMED = "this person"
_LABEL = 12  # characters of a name on a button


def short(person: Person) -> str:
    """The first name, for mrkdwn."""
    return escape(cut(person.first_name, 40)) if person.name else mention(person.slack_id)


def full(person: Person) -> str:
    """The whole name, for mrkdwn."""
    return escape(cut(person.name, 80)) if person.name else mention(person.slack_id)


def label(person: Person) -> str:
    """The first name for a button, where mentions are not drawn."""
    return cut(person.first_name, _LABEL) or _UNNAMED


def title(person: Person) -> str:
    """The whole name for plain text: titles and options."""
    return cut(person.name, 60) or _UNNAMED
