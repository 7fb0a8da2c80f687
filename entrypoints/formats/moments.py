"""Places in what goes on, as callers write them."""
from __future__ import annotations

from datetime import UTC, datetime

from domain.errors import Fault, InvalidInput


def read_after(text: str) -> int | datetime:
    """An id, or a moment; UTC where no zone stands. Raises: InvalidInput."""
    if text.isascii() and text.isdigit():
        return int(text[:18])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as failure:
        problem = "expected an id, or a moment such as 2026-01-31T12:00:00Z"
        raise InvalidInput(f"after: {problem}", [Fault("after", problem)]) from failure
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
