"""Statements that are compiled once for all tests of a process.

Each test has a database of its own and so an engine of its own, and an engine compiles every
statement anew: that was half of all the time these tests took.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

# All there is to compile is less than a thousand statements: nothing has to be thrown away.
COMPILED: dict[Any, Any] = {}


def compile_once() -> None:
    """From here on, engines for the same kind of database share what they have compiled."""
    # What was compiled is found again by its dialect, among other things, and each engine makes
    # a dialect of its own. Two of a kind compile the same: their server is the same.
    DefaultDialect.__eq__ = _same_kind  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _by_kind  # type: ignore[method-assign]
    sa.event.listen(sa.Engine, "engine_connect", _share)


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_kind(one: object) -> int:
    return hash(type(one))


def _share(connection: sa.Connection) -> None:
    connection.execution_options(compiled_cache=COMPILED)
