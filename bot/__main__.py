"""`python -m bot <command>`; the commands are in `bot.commands`."""

import gc


def main() -> None:
    """Load the program, then do what the command line says.

    What is loaded stays for good. Python would go through all of it in search of what nobody
    uses: several times while loading, a tenth to a quarter of the start, and now and then in the
    middle of an answer, a tenth of a second. So it is told not to.
    """
    gc.disable()
    from bot.commands import main as commands

    gc.freeze()
    gc.enable()
    commands(prog_name="python -m bot")


if __name__ == "__main__":
    main()
