"""What the cohort does by the clock. A moment that is null is never due."""

from bot.cohort import dates, directory
from bot.schedule import Job

JOBS: tuple[Job, ...] = (
    Job(
        "read-the-people",
        due=directory.SYNC_DUE,  # type: ignore[arg-type]
        each=directory.write_page,
        ask=directory.ask_page,
    ),
    Job(
        "look-a-person-up",
        due=directory.LOOK_UP_DUE,  # type: ignore[arg-type]
        each=directory.write_person,
        ask=directory.ask_person,
    ),
    Job("tell-who-left-slack", due=directory.GONE_DUE, each=directory.tell_gone),  # type: ignore[arg-type]
    Job("end-the-programme", due=dates.END_DUE, each=dates.end),
    Job("say-goodbye", due=dates.GOODBYE_DUE, each=dates.say_goodbye),  # type: ignore[arg-type]
)
