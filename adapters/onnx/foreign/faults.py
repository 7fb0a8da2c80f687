"""Faults of a file, gathered until all are known."""
from __future__ import annotations

from collections.abc import Iterable

from domain.cells import MAX_FAULTS, in_words
from domain.errors import Fault, InvalidInput


class Faults:
    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, where: str, problem: str) -> None:
        self._found.append(Fault(where, problem))

    def extend(self, faults: Iterable[Fault]) -> None:
        self._found += faults

    def check(self) -> None:
        """Raises: InvalidInput if there are some."""
        if self._found:
            raise InvalidInput(f"the model cannot be imported: {in_words(self._found)}", self._found[:MAX_FAULTS])
