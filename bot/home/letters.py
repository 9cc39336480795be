"""Publishing the Home tab anew when something on it has changed, and the glance below a button."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks import Message
from bot.cohort.model import Person
from bot.home import desk, glance, messages
from bot.outbox import HOME
from bot.outbox.model import Cancelled, HomeView, Kind, Letter, Render


def home(session: Session, letter: Letter, now: datetime) -> HomeView | Cancelled:
    """The tab of somebody who has looked at it before; nobody's is published unseen.

    Who may start a cohort only because the operator named them sees that button when they open
    the tab: the worker does not know those names.
    """
    person = session.get_one(Person, letter.person_id)
    if person.home_opened_at is None:
        return Cancelled("they have never opened the Home tab")
    return HomeView(messages.home(desk.of(session, person, now=now)))


def mentorship(session: Session, letter: Letter, now: datetime) -> Message:
    """My mentorship at a glance."""
    person = session.get_one(Person, letter.person_id)
    return glance.glance(desk.of(session, person, now=now))


LETTERS: tuple[tuple[Kind, Render], ...] = ((HOME, home), (glance.GLANCE, mentorship))
