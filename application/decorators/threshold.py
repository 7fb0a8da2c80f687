"""A model whose answers are decided by another threshold than its own."""
from __future__ import annotations

from application.ports.model_runner import ModelRunner
from domain.prediction import ModelCard, Predictions
from domain.table import Table


class AtThreshold(ModelRunner):
    """Of two labels: the answer is the last one where its probability is above the threshold, and the probabilities are
    those of the model. model: what is decided upon."""

    def __init__(self, model: ModelRunner, threshold: float) -> None:
        self.model, self.threshold = model, threshold

    @property
    def card(self) -> ModelCard:
        return self.model.card

    def predict(self, table: Table) -> Predictions:
        return self.model.predict(table).decided(self.threshold)


def at_threshold(model: ModelRunner, threshold: float | None) -> ModelRunner:
    """threshold: None for the model's own decision, whatever decided before."""
    bare = model.model if isinstance(model, AtThreshold) else model
    return bare if threshold is None else AtThreshold(bare, threshold)


def threshold_of(model: ModelRunner) -> float | None:
    """None where the model itself decides."""
    return model.threshold if isinstance(model, AtThreshold) else None
