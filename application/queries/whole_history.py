from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from application.ports.history import History
from domain.history import Entry

_AT_ONCE = 1_000


def whole(history: History, after: int | datetime = 0, task: str | None = None, by: str | None = None
          ) -> Iterator[Entry]:
    """All entries as History.after gives them, some at a time."""
    while found := history.after(after, _AT_ONCE, task, by):
        yield from found
        after = found[-1].id
