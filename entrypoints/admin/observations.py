"""What the API observed of a task, as pages show it: drift, traffic and single answers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from entrypoints.admin import charts
from entrypoints.admin.api.watching import DriftBody, ObservationsBody, PredictionBody, TrafficBody
from entrypoints.admin.language import NOTHING, Language

# Siddiqi 2006: below 0.1 nothing has changed, above 0.25 much has.
DRIFT_SOME, DRIFT_MUCH = 0.1, 0.25
HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Feature:
    """name: as the model knows it. reference, current: shares of the bins, in the order of `bins`. edges: of a number,
    what stands between the bins, that of missing values apart."""

    name: str
    psi: float
    level: str
    width: float
    missing: float
    unseen: float | None
    bins: Sequence[str]
    reference: Sequence[float]
    current: Sequence[float]
    edges: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Observed:
    """Of one task. features: the one that drifts most first. at: None until it was looked at."""

    at: str | None = None
    rows: int = 0
    labelled_rows: int = 0
    quality: Mapping[str, float] = field(default_factory=dict)
    promised: Mapping[str, float] = field(default_factory=dict)
    features: Sequence[Feature] = ()

    @property
    def worst(self) -> Feature | None:
        return self.features[0] if self.features else None


def observed(_: Language, body: ObservationsBody | None, task: str) -> Observed:
    models = body["models"] if body else []
    model = next((model for model in models if model["task"] == task), None)
    if model is None:
        return Observed()
    found = sorted(model["drift"], key=lambda entry: -entry["psi"])
    longest = max([DRIFT_MUCH * 1.2, *(entry["psi"] for entry in found)])
    return Observed(
        model["observed_at"], model["rows"], model["labelled_rows"], _known(model["quality"]),
        _known(model["promised"]), [_feature(_, entry, longest) for entry in found])


def window(_: Language, hours: float) -> str:
    # A fraction is followed by the form that two have, in both languages.
    form = int(hours) if hours == int(hours) else 2
    return _.plural("newest of %(hours)s hour", "newest of %(hours)s hours", form, hours=_.short(hours))


def _known(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if value is not None}


def _feature(_: Language, entry: DriftBody, longest: float) -> Feature:
    return Feature(entry["feature"], entry["psi"], drift_level(entry["psi"]), round(100 * entry["psi"] / longest, 1),
                   entry["missing"], entry["unseen"], _bins(_, entry), entry["reference"], entry["current"],
                   list(map(_.short, entry.get("edges") or ())))


def _bins(_: Language, entry: DriftBody) -> list[str]:
    """Names of the bins of a feature, as many as it has shares."""
    if (categories := entry.get("categories")) is not None:
        return [*categories, _("all others"), _("missing")]
    edges = list(map(_.short, entry.get("edges") or ()))
    if not edges:
        return [*([_("any")] * (len(entry["reference"]) - 1)), _("missing")]
    between = [f"{low} … {high}" for low, high in zip(edges, edges[1:], strict=False)]
    return [f"< {edges[0]}", *between, f"≥ {edges[-1]}", _("missing")]


def drift_level(value: float) -> str:
    return "low" if value < DRIFT_SOME else "some" if value < DRIFT_MUCH else "much"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of one task in the last hour."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    bars: Sequence[charts.Bar] = ()


def traffic(_: Language, body: TrafficBody | None, task: str) -> Traffic:
    tasks = body["tasks"] if body else []
    found = next((entry for entry in tasks if entry["task"] == task), None)
    if body is None or found is None:
        return Traffic()
    began = datetime.fromisoformat(body["since"])
    counts = {datetime.fromisoformat(minute["at"]): minute["requests"] for minute in found["minutes"]}
    moments = [began + timedelta(minutes=number) for number in range(HOUR_MINUTES)]
    bars = charts.frequencies(_, [f"{moment:%H:%M}" for moment in moments],
                              [counts.get(moment, 0) for moment in moments])
    return Traffic(found["requests"], found["refused"], found["failed"], bars)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the prediction log. right: None while the truth is not known."""

    at: str
    request_id: str
    row_no: int
    route: str
    experiment_id: int
    prediction: str
    score: str
    label: str
    right: bool | None
    latency: str
    inputs: Sequence[tuple[str, str]]


def answers(_: Language, rows: Sequence[PredictionBody], is_number: bool) -> list[Answer]:
    """is_number: the task's answers are numbers, which are hardly ever right to the digit."""
    return [_answer(_, row, is_number) for row in rows]


def _answer(_: Language, row: PredictionBody, is_number: bool) -> Answer:
    label, prediction = row["label"], row["prediction"]
    return Answer(
        row["created_at"], row["request_id"], row["row_no"], row["route"], row["experiment_id"],
        _.short(row["score"]) if is_number else prediction, "" if is_number else _.number(row["score"], 3),
        NOTHING if label is None else label, None if is_number or label is None else label == prediction,
        _.number(row["latency_s"] * 1000, 1), [(name, _cell(_, cell)) for name, cell in row["inputs"].items()])


def _cell(_: Language, cell: str | float | None) -> str:
    if cell is None or cell == "":
        return NOTHING
    return cell if isinstance(cell, str) else _.short(cell)
