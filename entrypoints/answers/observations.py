"""Drift and live quality of what serves."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from application.queries.look_around import ModelState
from domain.drift import Drift
from entrypoints.answers.answer import Answer, Moment, says
from entrypoints.answers.experiments import Metrics


class DriftAnswer(Answer, kw_only=True):
    """How the values of a feature differ from those in training: a histogram of both. The last bin is that of missing
    values; of categories, the one before it that of all others. Of free texts the number of characters is compared,
    of dates the year with its fraction."""

    feature: str
    psi: Annotated[float, says("Population stability index")]
    missing: Annotated[float, says("Share of the rows")]
    unseen: Annotated[float | None, says("Share of the rows with a value that training had not; null if not known")]
    categories: Sequence[str] | UnsetType = UNSET
    edges: Annotated[Sequence[float] | UnsetType, says("Of numbers: between the bins")] = UNSET
    low: Annotated[float | None | UnsetType, says("Of numbers: the least in training")] = UNSET
    high: Annotated[float | None | UnsetType, says("Of numbers: the largest in training")] = UNSET
    reference: Annotated[Sequence[float], says("Shares of the training rows")]
    current: Annotated[Sequence[float], says("Shares of the rows that were looked at")]

    @classmethod
    def of(cls, feature: str, drift: Drift) -> DriftAnswer:
        bins, categories = drift.reference, drift.reference.categories
        numbers = categories is None
        return cls(
            feature=feature, psi=drift.psi, missing=drift.missing, unseen=drift.unseen,
            categories=UNSET if categories is None else categories, edges=bins.edges if numbers else UNSET,
            low=bins.low if numbers else UNSET, high=bins.high if numbers else UNSET, reference=bins.shares,
            current=drift.current)


class ObservationAnswer(Answer):
    """What was seen of a model that serves."""

    task: str
    experiment_id: int
    deployed_at: Moment
    commit_hash: str
    promised: Annotated[Metrics, says("On the rows held out in training")]
    observed_at: Annotated[Moment | None, says("null until it was looked at")]
    rows: int
    labelled_rows: int
    quality: Annotated[Metrics, says("On the rows whose label is known")]
    drift: Sequence[DriftAnswer]

    @classmethod
    def of(cls, model: ModelState) -> ObservationAnswer:
        deployment, seen = model.deployment, model.observed
        drift: Mapping[str, Drift] = seen.drift if seen else {}
        return cls(
            task=deployment.task, experiment_id=deployment.experiment_id, deployed_at=model.deployed_at,
            commit_hash=model.commit_hash, promised=model.promised, observed_at=seen.at if seen else None,
            rows=seen.n_rows if seen else 0, labelled_rows=seen.n_labelled if seen else 0,
            quality=seen.quality if seen else {}, drift=[DriftAnswer.of(*item) for item in drift.items()])


class ObservationsAnswer(Answer):
    """What was seen of all models that serve."""

    window_h: Annotated[float, says("The answers of so many hours are looked at")]
    models: Sequence[ObservationAnswer]

    @classmethod
    def of(cls, window_h: float, models: Iterable[ModelState]) -> ObservationsAnswer:
        return cls(window_h, [ObservationAnswer.of(model) for model in models])
