"""Labels that come after the answer they judge."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

from domain.late_labels import LateLabel


class LateLabels(Protocol):
    """Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def add(self, task: str, labels: Sequence[LateLabel]) -> None:
        """All or nothing. A label that is there already for a row of a request is replaced, so adding again changes
        nothing. Rows of the prediction log get their label too."""

    @abstractmethod
    def answered(self, task: str, request_ids: Sequence[str]) -> Collection[str]:
        """Those of these requests that rows of the prediction log belong to."""

    @abstractmethod
    def get(self, task: str, request_ids: Sequence[str]) -> Sequence[LateLabel]:
        """Those of these requests, in the order asked, then by row."""
