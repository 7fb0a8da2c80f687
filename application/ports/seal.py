"""What is given to its bearer and comes back as it was, so that nothing of it has to be kept here."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from domain.errors import Unauthorized


class BrokenSeal(Unauthorized):
    """It was sealed for something else, elsewhere, or was changed since."""

    code = "broken_seal"


class Seal(Protocol):
    """All processes that answer for one service break the seals of each other. Thread-safe: yes."""

    @abstractmethod
    def closed(self, purpose: str, said: Mapping[str, object]) -> str:
        """said: plain values of JSON, which the bearer can read and not change. Returns: letters, digits, `.`, `-` and
        `_`."""

    @abstractmethod
    def opened(self, purpose: str, text: str) -> Mapping[str, object]:
        """What was said when it was closed for this purpose. text: anything. Raises: BrokenSeal."""
