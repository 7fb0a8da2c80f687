"""Running a model file."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.errors import ModelFailure, ModelRejected
from domain.prediction import ModelCard, Predictions
from domain.table import Table


class UnreadableModel(ModelRejected):
    """The bytes are no model file, or not one of the contract's form."""

    code = "unreadable_model"


class ModelCrashed(ModelFailure):
    """The runtime failed on rows that had been accepted."""

    code = "model_crashed"


class ModelRunner(Protocol):
    """One loaded model. Thread-safe: yes, calls run side by side."""

    @property
    @abstractmethod
    def card(self) -> ModelCard:
        """What the file says of itself, read from the file alone."""

    @abstractmethod
    def predict(self, table: Table) -> Predictions:
        """table: the card's features, coerced. Any number of rows, zero too, in their order.

        Returns: Predictions of n_rows. The rows are not changed. Raises: ModelCrashed; NobodyWaits, where whoever asked
        goes while many pictures, or the parts of a large one, are answered.
        """


class ModelLoader(Protocol):
    """Makes runners. Thread-safe: yes."""

    @abstractmethod
    def load(self, model: bytes) -> ModelRunner:
        """Raises: UnreadableModel."""

    @abstractmethod
    def stamp(self, model: bytes, metadata: dict[str, str]) -> bytes:
        """The same model with these metadata set beside those it has, byte for byte the same each time.

        Raises: UnreadableModel.
        """
