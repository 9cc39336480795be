"""Who lives in the demo's workspace: seven interns, six mentors, a coordinator, two more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.sandbox.workspace import Workspace

COHORT = "Summer interns"
FIRST_DAY = date(2026, 6, 8)
WEEKS = 12
ZONE = "Europe/Berlin"
CHANNEL = "mentorship-coordinators"
# A week after the last Friday: the closing letters have gone out, also to who had three letters
# in the last week.
THE_END = datetime(2026, 9, 4, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Somebody:
    """A person as Slack knows them."""

    id: str
    handle: str
    name: str
    title: str
    zone: str = ZONE
    locale: str = "en-GB"


PRIYA = Somebody("U0PRIYA", "priya", "Priya Nair", "Coordinator, internships")

ANA = Somebody("U0ANA", "ana", "Ana Silva", "Intern, Data")
CHO = Somebody("U0CHO", "cho", "Cho Park", "Intern, Web", "America/New_York", "en-US")
DEV = Somebody("U0DEV", "dev", "Dev Rao", "Intern, Platform", "Asia/Kolkata")
EMMA = Somebody("U0EMMA", "emma", "Emma Lind", "Intern, Design", "Europe/Stockholm")
FELIX = Somebody("U0FELIX", "felix", "Felix Braun", "Intern, Data")
GRACE = Somebody("U0GRACE", "grace", "Grace Mensah", "Intern, Product", "Europe/London")
HUGO = Somebody("U0HUGO", "hugo", "Hugo Costa", "Intern, Mobile", "Europe/Lisbon")
INTERNS = (ANA, CHO, DEV, EMMA, FELIX, GRACE, HUGO)

BEN = Somebody("U0BEN", "ben", "Ben Ito", "Mentor, Platform", "Europe/Lisbon")
MIA = Somebody("U0MIA", "mia", "Mia Chen", "Mentor, Design", "Europe/Lisbon")
TOM = Somebody("U0TOM", "tom", "Tom Okafor", "Mentor, Data", "America/New_York", "en-US")
LEA = Somebody("U0LEA", "lea", "Lea Moreau", "Mentor, Product", "Europe/Paris")
RAVI = Somebody("U0RAVI", "ravi", "Ravi Shah", "Mentor, Platform", "Asia/Kolkata")
NORA = Somebody("U0NORA", "nora", "Nora Weiss", "Mentor, Data")
MENTORS = (BEN, MIA, TOM, LEA, RAVI, NORA)

KEN = Somebody("U0KEN", "ken", "Ken Abe", "Sales", "Asia/Tokyo")
OLA = Somebody("U0OLA", "ola", "Ola Berg", "Workspace owner")


def move_in(slack: Workspace) -> None:
    """Everybody joins the workspace; the coordinators' channel is made."""
    for one in (PRIYA, *INTERNS, *MENTORS, KEN, OLA):
        slack.add_person(
            one.id,
            name=one.handle,
            real_name=one.name,
            title=one.title,
            tz=one.zone,
            locale=one.locale,
            is_admin=one in (PRIYA, OLA),
            is_owner=one is OLA,
        )
    slack.add_channel(CHANNEL, private=True, members=[PRIYA.id], bot=True)
    everybody = [one.id for one in (PRIYA, *INTERNS, *MENTORS, KEN, OLA)]
    slack.add_channel("general", members=everybody)
