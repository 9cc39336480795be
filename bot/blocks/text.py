"""Words: escaping what people wrote, cutting what is too long, and the fixed sentences."""

import re
from collections.abc import Sequence

SHAPES = {"green": "●", "amber": "▲", "red": "■", "grey": "○", "done": "●", "open": "○"}

SPOKEN = 500  # characters read aloud at most; only a digest says more

# Who sees it: the storyboard's sentences, used as they are.
ONLY_YOU = "Only you see this."
MENTOR_ASKED = "The mentor you ask sees this; coordinators see only that you asked."
THAT_YOU_MET = "Coordinators see that you met, never what you wrote."
KEPT = "I keep this; nobody reads it."


def you_and(name: str) -> str:
    """Who sees it, for a pair: "Only you and Ben see this."."""
    return f"Only you and {name} see this."


def escape(text: str) -> str:
    """A person's words, safe inside mrkdwn: no mention, link or broadcast can come from them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quote(text: str) -> str:
    """A person's words as a quotation, escaped, every line marked."""
    return "\n".join(f"> {line}" for line in escape(text).splitlines() or [""])


def mention(slack_id: str) -> str:
    """A person, as Slack shows them."""
    return f"<@{slack_id}>"


def cut(text: str, most: int) -> str:
    """At most `most` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def listed(names: Sequence[str], word: str = "and") -> str:
    """ "Ana", "Ana and Ben", "Ana, Ben and Cho"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """ "1 pair", "3 pairs"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


_MARKUP = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>|<(?:[^|>]*)\|([^>]*)>")


def spoken_text(mrkdwn: str) -> str:
    """mrkdwn as a screen reader should say it: no shapes, emoji or marks."""
    text = _MARKUP.sub(lambda m: m.group(1) or m.group(2) or "", mrkdwn)
    text = re.sub(r":[a-z0-9_+-]+:", "", text)
    text = re.sub(r"(?m)^> ?", "", text)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    text = re.sub(r"[●▲■○•]\s?", "", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()
