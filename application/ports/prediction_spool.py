"""What was appended to the prediction log and is not in the database yet."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.prediction_log import AnsweredRows


@dataclass(frozen=True, slots=True)
class SpooledRows:
    """entry_id: the same each time these rows are given, and of no others."""

    entry_id: str
    rows: AnsweredRows


class PredictionSpool(Protocol):
    """One process at a time takes from it; another one is given nothing meanwhile. Thread-safe: no."""

    @abstractmethod
    def pending(self, limit_rows: int) -> Sequence[SpooledRows]:
        """The oldest rows, of dead processes too, about `limit_rows` of them and at least one entry if there is any.
        The same again until `shipped` is called, also after a restart. What was torn by a kill is left out.
        Raises: NobodyWaits."""

    @abstractmethod
    def shipped(self) -> None:
        """What `pending` gave last is kept elsewhere and will not be given again by this process. Raises: NobodyWaits;
        then some of it may be given again."""

    @abstractmethod
    def backlog_rows(self) -> int:
        """Rows that wait. Raises: NobodyWaits."""

    @abstractmethod
    def torn(self) -> int:
        """How many torn entries were left out so far."""

    @abstractmethod
    def close(self) -> None:
        """Lets another process take from the spool; what was given and not shipped is given again, to whoever asks."""
