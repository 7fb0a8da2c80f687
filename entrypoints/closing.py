from __future__ import annotations

from typing import Protocol


class Closable(Protocol):
    """What a process lets go of at its end."""

    def close(self) -> None: ...
