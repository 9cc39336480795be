"""`python -m bot outbox`: what waits and why, send again, cancel, and what to do with a backlog.

Shows kinds, ids and reasons; what a letter says is never shown. Workers may be at work meanwhile.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import click

from bot import program
from bot.clock import system_clock
from bot.cohort import installed, roster
from bot.database import Database
from bot.digest import backlog
from bot.outbox import instance, ledger
from bot.outbox.ledger import Entry, moment
from bot.outbox.model import LetterState
from bot.refusal import Refusal

Opened = Callable[[], AbstractContextManager[Database]]

_KNOWN = ledger.Knowledge(
    versions={kind.name: kind.version for kind, _render in program.LETTERS},
    surfaces={kind.name: kind.surface for kind, _render in program.LETTERS},
    readers=roster.readers,
    stopped=installed.stopped,
)


def commands(opened: Opened) -> click.Group:
    """The group of commands; `opened` is the database, asked for when a command runs."""
    group = _Desk("outbox", help="Letters on their way: what waits and why, send again, cancel.")
    for command in (_list(opened), _show(opened), _send_again(opened), _cancel(opened)):
        group.add_command(command)
    group.add_command(_resume(opened))
    return group


_LARGEST = 2**31 - 1  # a letter has no larger number


class _Desk(click.Group):
    """What cannot be done is said in a sentence."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except Refusal as refusal:
            raise click.ClickException(refusal.words) from None


def _list(opened: Opened) -> click.Command:
    @click.command("list")
    @click.option(
        "--state",
        "states",
        multiple=True,
        type=click.Choice([state.value for state in LetterState]),
        help="Only these (may be repeated). Default: everything not sent or cancelled.",
    )
    @click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
    @click.option("--page", type=click.IntRange(1), default=1, show_default=True)
    def command(states: tuple[str, ...], limit: int, page: int) -> None:
        """What waits, is parked, unknown or failed: first what needs somebody."""
        now = system_clock()
        with opened() as database, database.read() as session:
            wanted = [LetterState(state) for state in states]
            entries, total = ledger.page(
                session, _KNOWN, states=wanted, limit=limit, number=page, now=now
            )
            stands = instance.standing(session, now=now)
        if stands is not None:
            click.echo(_decide(stands) + "\n")
        if not entries:
            click.echo(f"There are {total} letters; no page {page}." if total else "Nothing waits.")
            return
        for line in _table(entries):
            click.echo(line)
        last = (page - 1) * limit + len(entries)
        more = f"; --page {page + 1} goes on." if last < total else "."
        if total > len(entries):
            click.echo(f"\n{last - len(entries) + 1} to {last} of {total}{more}")

    return command


def _show(opened: Opened) -> click.Command:
    @click.command("show")
    @click.argument("number", type=click.IntRange(1, _LARGEST))
    def command(number: int) -> None:
        """Everything about one letter except its words."""
        with opened() as database, database.read() as session:
            found = ledger.entry(session, number, _KNOWN, now=system_clock())
        for name, value in _facts(found):
            click.echo(f"{name:<12}{value}")
        for why in found.why:
            click.echo(f"{'why':<12}{why}")

    return command


def _send_again(opened: Opened) -> click.Command:
    @click.command("send-again")
    @click.argument("number", type=click.IntRange(1, _LARGEST))
    def command(number: int) -> None:
        """Send a letter once more. It is unknown, failed, or parked and known by now."""
        with opened() as database, database.begin() as session:
            ledger.send_again(session, number, _KNOWN, now=system_clock())
        click.echo(f"Letter {number} goes out again, in its reader's hours.")

    return command


def _cancel(opened: Opened) -> click.Command:
    @click.command("cancel")
    @click.argument("number", type=click.IntRange(1, _LARGEST))
    def command(number: int) -> None:
        """Cancel a letter that is pending, parked or unknown."""
        with opened() as database, database.begin() as session:
            ledger.cancel(session, number)
        click.echo(f"Letter {number} is cancelled.")

    return command


def _resume(opened: Opened) -> click.Command:
    @click.command("resume")
    @click.option("--send", is_flag=True, help="What waits goes out.")
    @click.option("--skip", is_flag=True, help="What waits, or fell due meanwhile, is cancelled.")
    def command(send: bool, skip: bool) -> None:
        """Send what waits, or skip it. After an outage, or on a copied or restored database."""
        if send == skip:
            raise click.UsageError(
                "Say either --send or --skip; `python -m bot outbox list` shows what waits."
            )
        now = system_clock()
        with opened() as database, database.begin() as session:
            stands = instance.standing(session, now=now)
            many = instance.resume(session, send=send, now=now)
            backlog.tell_decided(session, now)
        if stands is None:
            click.echo("There is nothing to decide.")
        elif send:
            click.echo(f"{_counted(many)} will be sent, unless too late to be of use.")
        else:
            click.echo(
                f"{_counted(many)} cancelled, and so is whatever else fell due meanwhile. "
                "Messages already sent are brought up to date."
            )

    return command


# ---- words


def _decide(stands: instance.Standing) -> str:
    if stands.paused:
        said = f"Nothing is sent since {moment(stands.since)}: {stands.paused_reason}."
    else:
        said = (
            f"Nobody was at work from {moment(stands.away_from)} until {moment(stands.away_until)}."
        )
    return (
        f"{said} {_counted(stands.waiting)} {'waits' if stands.waiting == 1 else 'wait'}.\n"
        "Edits and Home tabs are not counted: they show how things are, and go in any case.\n"
        "Decide: python -m bot outbox resume --send, or --skip."
    )


def _counted(many: int) -> str:
    return "1 letter" if many == 1 else f"{many} letters"


def _table(entries: Sequence[Entry]) -> list[str]:
    rows = [("ID", "STATE", "DUE (UTC)", "KIND", "TO", "WHY")]
    rows += [
        (
            str(one.letter.id),
            one.letter.state.value,
            moment(one.letter.due_at)[:16],
            one.letter.kind,
            one.to,
            "; ".join(one.why),
        )
        for one in entries
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    return [
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row[:5], widths, strict=True)), row[5]]
        ).rstrip()
        for row in rows
    ]


def _facts(found: Entry) -> list[tuple[str, object]]:
    letter = found.letter
    facts = [
        ("letter", letter.id),
        ("kind", f"{letter.kind}, version {letter.version}"),
        ("state", letter.state.value),
        ("reason", letter.reason),
        ("to", found.to),
        ("cohort", letter.cohort_id),
        ("subject", letter.subject),
        ("budget", letter.budget.value),
        ("priority", letter.priority),
        ("created", moment(letter.created_at)),
        ("due", moment(letter.due_at)),
        ("not after", moment(letter.not_after)),
        ("attempts", letter.attempt),
        ("owner", letter.owner),
        ("lease until", moment(letter.lease_until)),
        ("sending", moment(letter.sending_at)),
        ("sent", moment(letter.sent_at) if letter.state is LetterState.SENT else "-"),
        ("in Slack", " ".join(filter(None, (letter.sent_channel, letter.sent_ts)))),
    ]
    return [(name, value) for name, value in facts if value not in (None, "", "-")]
