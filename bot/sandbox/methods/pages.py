"""Cursor pagination, the same for every list."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Any

from bot.sandbox.api import Args
from bot.sandbox.errors import ApiError


def page(args: Args, items: Sequence[Any], *, default: int) -> tuple[list[Any], dict[str, Any]]:
    """The page `limit` and `cursor` ask for, and its response_metadata."""
    start = _position(args.text("cursor"))
    limit = args.number("limit", 0) or default
    if not 0 < limit <= 1000:
        raise ApiError("invalid_limit")
    end = start + limit
    cursor = b64encode(f"from:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), {"next_cursor": cursor}


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(b64decode(cursor, validate=True).decode().removeprefix("from:"))
    except (Base64Error, ValueError):
        raise ApiError("invalid_cursor") from None
