"""What goes on: drift, quality, traffic, answers."""
from __future__ import annotations

from typing import NotRequired, TypedDict

from entrypoints.admin.api.experiments import DeploymentBody


class DriftBody(TypedDict):
    """The last bin is that of missing values; of categories, the one before it that of all others."""

    feature: str
    psi: float
    missing: float
    unseen: float | None
    categories: NotRequired[list[str] | None]
    edges: NotRequired[list[float]]
    reference: list[float]
    current: list[float]


class ObservationBody(TypedDict):
    task: str
    observed_at: str | None
    rows: int
    labelled_rows: int
    quality: dict[str, float | None]
    promised: dict[str, float | None]
    drift: list[DriftBody]


class ObservationsBody(TypedDict):
    window_h: float
    models: list[ObservationBody]


class EstimateBody(TypedDict):
    value: float
    low: float | None
    high: float | None


class LiveSpanBody(TypedDict):
    since: str
    until: str
    requests: int
    refused: int
    failed: int
    answers: int
    looked_at: int
    experiment_id: int | None
    latency_median_s: float | None
    latency_p95_s: float | None
    labels: dict[str, float]
    number_p10: float | None
    number_median: float | None
    number_p90: float | None
    drift: dict[str, float]
    labelled: int
    quality: dict[str, EstimateBody]


class LiveHistoryBody(TypedDict):
    last: str
    spans: list[LiveSpanBody]
    deployments: list[DeploymentBody]


class LabelsBody(TypedDict):
    matched: int
    unknown: int
    already: int


class MinuteBody(TypedDict):
    at: str
    requests: int


class TaskTrafficBody(TypedDict):
    task: str
    requests: int
    refused: int
    failed: int
    minutes: list[MinuteBody]


class TrafficBody(TypedDict):
    since: str
    tasks: list[TaskTrafficBody]


class PredictionBody(TypedDict):
    request_id: str
    row_no: int
    created_at: str
    route: str
    experiment_id: int
    inputs: dict[str, str | float | None]
    prediction: str
    score: float
    label: str | None
    latency_s: float


class PredictionsBody(TypedDict):
    predictions: list[PredictionBody]
    next: str | None
