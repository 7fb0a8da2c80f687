"""What the pages know of the API's answers: the JSON of each, as far as a page looks at it. A time is text in ISO 8601,
a share is from 0 to 1."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

# Of a shape that a page takes as it comes.
Json = Mapping[str, Any]


class ColumnBody(TypedDict):
    """What is left out is as usual: a feature that may be empty and anybody may see."""

    name: str
    type: str
    role: NotRequired[str]
    nullable: NotRequired[bool]
    private: NotRequired[bool]
    missing: NotRequired[list[str]]
    description: NotRequired[str]


class TaskDocument(TypedDict):
    """labels: left out where the answers are numbers."""

    name: str
    kind: str
    problem: str
    description: NotRequired[str]
    columns: list[ColumnBody]
    labels: NotRequired[list[str | int]]
    training: dict[str, bool | float | str]


class ParameterBody(TypedDict):
    type: str
    default: bool | float | str
    meaning: str


class AdaptedBody(TypedDict):
    kind: str
    up_to_rows: int
    params: dict[str, bool | float | str]
    problems: NotRequired[list[str]]


class TrainerBody(TypedDict):
    """adapted: defaults for few rows, of which the first that suits holds. refits: a model can learn from the held-out
    rows at last."""

    name: str
    kinds: list[str]
    problems: list[str]
    params: dict[str, ParameterBody]
    adapted: list[AdaptedBody]
    refits: bool


class TrainersBody(TypedDict):
    trainers: list[TrainerBody]


class ServingBody(TypedDict):
    experiment_id: int
    generation: int
    created_at: str


class VersionBody(TypedDict):
    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: str


class TaskBody(TaskDocument):
    """versions: oldest first. deployment: None while nothing serves."""

    schema_version: int
    versions: list[VersionBody]
    deployment: ServingBody | None


class CountedBody(TypedDict):
    """labels: in how much of the rows each is. pixels: of pictures, of how many of them each is."""

    labels: dict[str, float] | None
    pixels: NotRequired[dict[str, float] | None]


class CountedVersionBody(VersionBody, CountedBody):
    pass


class DatasetBody(CountedBody):
    rows: int
    warnings: NotRequired[list[str]]
    versions: list[CountedVersionBody]


class SummaryBody(TypedDict):
    """Of a column. A number has `edges`, one more than `counts`; a category has its most frequent `values`, each with
    its count, and how many `distinct` ones there are."""

    name: str
    missing: int
    missing_share: float
    edges: list[float]
    counts: list[int]
    mean: float | None
    values: list[str]
    distinct: int | None


class SummariesBody(TypedDict):
    dataset_version: int
    rows: int
    looked_at: int
    columns: list[SummaryBody]


class PictureBody(TypedDict):
    """summary: class -> share of the pixels; None where the picture has a class."""

    width: int
    height: int
    summary: dict[str, float] | None


class StoredPictureBody(PictureBody):
    """picture, mask: digests, None of what is private. label: of the whole picture, None where it has a mask."""

    row: int
    picture: str | None
    mask: str | None
    label: NotRequired[str | None]


class GalleryBody(TypedDict):
    dataset_version: int
    rows: int
    pictures: list[StoredPictureBody]
    next: int | None


class PreviewedPictureBody(PictureBody):
    """picture, mask: small PNGs in base64. label: in place of the mask."""

    name: str
    picture: str
    mask: str | None
    label: NotRequired[str | None]


class CheckedBody(TypedDict):
    rows: int
    unseen: NotRequired[dict[str, float]]
    pictures: NotRequired[list[PreviewedPictureBody]]


class OtherBody(TypedDict):
    """column: None where the values cannot be read so. problem, labels: of a target, where they would be others."""

    why: str
    column: ColumnBody | None
    problem: str | None
    labels: list[str | int]


class FactsBody(TypedDict):
    """Of a column of a file. missing: share of the rows."""

    name: str
    type: str
    role: str
    missing: float
    distinct: int
    distinct_is_exact: bool
    examples: list[str]
    why: str
    certainty: str
    instead: OtherBody | None


class ReadBody(TypedDict):
    """What a file with a table was read as."""

    format: str
    charset: str | None
    separator: str | None
    sheet: str | None
    left_out: list[str]


class LookedBody(TypedDict):
    """needs: what has to be said of the file to make a task."""

    kind: str
    needs: list[str]
    rows: int | None
    columns: list[FactsBody]
    read: ReadBody | None


class InferredBody(TypedDict):
    rows: int
    rows_without_target: int
    columns: list[FactsBody]


class CreatedBody(TaskDocument):
    """A task with what was found out of its first data. inferred: None of pictures."""

    rows_added: int
    inferred: InferredBody | None
    warnings: list[str]
    passed_over: NotRequired[list[str]]


class AddedBody(TypedDict):
    dataset_version: int
    duplicate: bool


class AnswerBody(TypedDict):
    request_id: str
    experiment_id: int
    prediction: str | float
    probabilities: dict[str, float] | None


class ClassAnswerBody(AnswerBody):
    """image: a PNG in base64, None if none was asked for."""

    image: str | None
    width: int
    height: int


class PictureAnswerBody(PictureBody):
    """images: layer -> PNG in base64."""

    request_id: str
    experiment_id: int
    images: dict[str, str]


class TrialBody(TypedDict):
    experiment_id: int
    params: dict[str, object]
    status: str
    value: float | None


class SearchBody(TypedDict):
    """best: the id of a trial."""

    by: str
    planned: int
    best: int | None
    note: str
    trials: list[TrialBody]


class PartBody(TypedDict):
    rows: int
    since: str | None
    until: str | None


class ExperimentBody(TypedDict):
    """metrics: part -> name -> value, {} until it has succeeded."""

    experiment_id: int
    task: str
    name: str
    status: str
    progress: float
    stage: str
    iteration: int
    iterations: int
    dataset_version: int
    schema_version: int
    commit_hash: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    params: dict[str, object]
    metrics: dict[str, dict[str, float | None]]
    parts: dict[str, PartBody]
    warnings: list[str]
    error: str | None
    from_cache: bool
    parent: int | None
    search: SearchBody | None
    tags: list[str]
    note: str
    pinned: bool
    archived: bool
    origin: str
    mapping: NotRequired[dict[str, object]]
    notes: NotRequired[list[str]]
    producer: NotRequired[str]
    source_sha256: NotRequired[str]
    holdout: NotRequired[str]
    parity: NotRequired[float | None]


class ExperimentsBody(TypedDict):
    """matched, names, next_offset: of those that were chosen."""

    experiments: list[ExperimentBody]
    next: int | None
    next_offset: NotRequired[int | None]
    matched: NotRequired[int]
    names: NotRequired[list[str]]


class DifferenceBody(TypedDict):
    value: float
    low: float
    high: float
    verdict: str


class ComparisonBody(TypedDict):
    dataset_version: int
    metrics: dict[str, float | None]
    serving_experiment_id: int | None
    serving_metrics: dict[str, float | None] | None
    rows: int | None
    groups: int | None
    differences: dict[str, DifferenceBody]


class DeploymentBody(TypedDict):
    task: str
    experiment_id: int
    previous_experiment_id: int | None
    generation: int
    created_at: str
    reason: str
    deployed_by: NotRequired[str | None]


class EntryBody(TypedDict):
    at: str
    act: str
    task: str
    by: str | None
    detail: Json


class HistoryBody(TypedDict):
    entries: list[EntryBody]
    next: int | None


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


class BegunSignInBody(TypedDict):
    address: str
    kept: str


class SignedInBody(TypedDict):
    session: str
    lasts_s: float


ProviderBody = TypedDict("ProviderBody", {"issuer": str | None})


class CallerBody(TypedDict):
    """name: None where no key is asked for."""

    name: str | None
    rights: list[str]


class KeyBody(TypedDict):
    """tasks: all if empty. expires_at: None for never."""

    id: int
    name: str
    rights: list[str]
    tasks: list[str]
    created_at: str
    created_by: str | None
    expires_at: str | None
    revoked_at: str | None


class CreatedKeyBody(TypedDict):
    key: str
    made: KeyBody


KeysBody = TypedDict("KeysBody", {"keys": list[KeyBody]})
ArtifactBody = TypedDict("ArtifactBody", {"path": str, "size_bytes": int})
ArtifactsBody = TypedDict("ArtifactsBody", {"artifacts": list[ArtifactBody]})
DeploymentsBody = TypedDict("DeploymentsBody", {"deployments": list[DeploymentBody]})
SampleBody = TypedDict("SampleBody", {"rows": list[dict[str, str | float | None]]})
TasksBody = TypedDict("TasksBody", {"tasks": list[TaskDocument]})
