"""A whole town in process: the stand-in Slack, the real Bolt app and the real runner.

`town.live(days=2)` moves the programme's clock from one due moment to the next, as the demo
does; `town.settle()` sends what is due now. People act through `town.seat("U0ANA")`.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot import program
from bot.app import build_app
from bot.clock import MovableClock
from bot.cohort import roster
from bot.cohort.model import Cohort, Person
from bot.database import Database
from bot.manifest import build as manifest
from bot.outbox.model import Letter
from bot.sandbox.delivery import to_bolt_app
from bot.sandbox.workspace import Workspace
from bot.settings import Settings

COORDINATORS = "mentorship-coordinators"
# Real seconds: a busy machine must not decide what these tests say.
PATIENCE = 60.0

# id, handle, name, title, zone
INTERNS = (
    ("U0ANA", "ana", "Ana Silva", "Intern, Data", "Europe/Berlin"),
    ("U0CHO", "cho", "Cho Park", "Intern, Web", "America/New_York"),
    ("U0DEV", "dev", "Dev Rao", "Intern, Platform", "Asia/Kolkata"),
)
MENTORS = (
    ("U0BEN", "ben", "Ben Ito", "Engineer, Platform", "Europe/Lisbon"),
    ("U0MIA", "mia", "Mia Chen", "Designer", "Europe/Lisbon"),
    ("U0TOM", "tom", "Tom Okafor", "Engineer, Data", "America/New_York"),
)
PRIYA = ("U0PRIYA", "priya", "Priya Nair", "Programme lead", "Europe/Berlin")
STRANGER = ("U0KEN", "ken", "Ken Abe", "Sales", "Asia/Tokyo")


class Town:
    """One workspace with people, and the bot living in it."""

    def __init__(self, db: Database, clock: MovableClock) -> None:
        self.db = db
        self.clock = clock
        self.slack = Workspace(clock, patience=PATIENCE)
        for slack_id, name, real_name, title, zone in (*INTERNS, *MENTORS, STRANGER):
            self.slack.add_person(slack_id, name=name, real_name=real_name, title=title, tz=zone)
        slack_id, name, real_name, title, zone = PRIYA
        self.slack.add_person(
            slack_id, name=name, real_name=real_name, title=title, tz=zone, is_admin=True
        )
        self.channel = self.slack.add_channel(COORDINATORS, private=True, members=[slack_id])
        self.slack.install_manifest(manifest())
        self.client = self.slack.client()
        self.settings = Settings(
            bot_token="xoxb-sandbox",
            signing_secret="sandbox-signing-secret",
            app_token="xapp-sandbox",
            coordinators=(),
        )
        self.app = build_app(self.settings, db, clock, self.client)
        self.slack.connect(to_bolt_app(self.app))
        self.runner = program.build_runner(db, self.client, clock)
        with db.begin() as session:
            roster.ensure_workspace(session, self.client.auth_test().data, clock())  # type: ignore[arg-type]
        self.settle()

    def seat(self, slack_id: str) -> Any:
        """Somebody's Slack: type, click, read."""
        return self.slack.seat(slack_id)

    def settle(self) -> None:
        """Do everything that is due at this moment."""
        self.runner.tick()

    def live(self, until: datetime | None = None, **delta: float) -> datetime:
        """Live on, through every due moment in order; returns the new time."""
        end = until or self.clock() + timedelta(**delta)
        self.runner.run_until(self.clock, end)
        return self.clock()

    def person(self, slack_id: str) -> Person:
        """Their row."""
        with self.db.read() as session:
            return session.scalars(sa.select(Person).where(Person.slack_id == slack_id)).one()

    def cohort(self) -> Cohort:
        """The only cohort."""
        with self.db.read() as session:
            return session.scalars(sa.select(Cohort)).one()

    def letters(self, kind: str | None = None) -> list[Letter]:
        """Letters of a kind, oldest first."""
        wanted = sa.select(Letter).order_by(Letter.id)
        if kind:
            wanted = wanted.where(Letter.kind == kind)
        with self.db.read() as session:
            return list(session.scalars(wanted))

    def channel_messages(self) -> list[Any]:
        """What stands in the coordinators' channel."""
        return list(self.slack.seat("U0PRIYA").messages(self.channel.id))
