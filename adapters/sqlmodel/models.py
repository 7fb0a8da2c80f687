"""The tables. Those of the rows, one for each task, are made by feature_table.py when a task's first batch comes."""
from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, MetaData, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from adapters.sqlmodel.column_types import Json, PlainText, UtcDateTime

# Without numbers that JSON cannot hold; PostgreSQL can look into it.
PLAIN_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# Names that are the same on every database, so that a later migration can name what it drops.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(SQLModel):
    """Base of our tables; its own metadata, so that nothing is forced on other users of SQLModel."""

    metadata = MetaData(naming_convention=NAMING)


class TaskRecord(Record, table=True):
    """The tasks that there are. leaving: it is being deleted, and nobody gets it any more."""

    __tablename__ = "task"

    name: str = Field(primary_key=True, sa_type=PlainText)
    schema_version: int
    leaving: bool = False


class TaskVersionRecord(Record, table=True):
    """Schema versions, also those of tasks that were deleted: none is given twice."""

    __tablename__ = "task_version"

    task: str = Field(primary_key=True, sa_type=PlainText)
    schema_version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=Json)


class HistoryRecord(Record, table=True):
    __tablename__ = "history"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    act: str = Field(sa_type=PlainText)
    task: str = Field(sa_type=PlainText, index=True)
    by: str | None = Field(default=None, sa_type=PlainText)
    detail: dict[str, Any] = Field(sa_type=Json)
    digest: str = Field(default="", sa_type=PlainText)


class DroppedDataRecord(Record, table=True):
    """Of a task that was deleted: its last schema version, whose late batches nobody takes."""

    __tablename__ = "dropped_data"

    task: str = Field(primary_key=True, sa_type=PlainText)
    schema_version: int


class BatchState(StrEnum):
    """Rows of a staged batch are still coming; those of a discarded one are being deleted. Nobody reads either.
    Those of an undone one are being deleted, or are; it stays for its number."""

    STAGED = "staged"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    UNDONE = "undone"


class BatchRecord(Record, table=True):
    """A batch of rows; an accepted one is a dataset version, and only then has it a version, digest and fingerprint.

    rows_added: rows of this batch so far. total_rows: of all batches up to this version.
    """

    __tablename__ = "dataset_version"
    # An id is never given twice: a writer whose batch was swept must not find another one under its id.
    __table_args__ = (UniqueConstraint("task", "version"), UniqueConstraint("task", "digest"), {
        "sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(sa_type=PlainText)
    batch_id: str = Field(sa_type=PlainText, unique=True)
    state: str = Field(sa_type=PlainText, index=True)
    version: int | None = None
    digest: str | None = Field(default=None, sa_type=PlainText)
    fingerprint: str | None = Field(default=None, sa_type=PlainText)
    rows_added: int = 0
    total_rows: int | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    touched_at: datetime = Field(sa_type=UtcDateTime)


class ExperimentRecord(Record, table=True):
    __tablename__ = "experiment"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(sa_type=PlainText, index=True)
    name: str = Field(sa_type=PlainText)
    dataset_version: int
    commit_hash: str = Field(sa_type=PlainText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    params: dict[str, Any] = Field(sa_type=Json)
    status: str = Field(sa_type=PlainText, index=True)
    progress: dict[str, Any] = Field(sa_type=Json)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_requested: bool = False
    metrics: dict[str, Any] = Field(sa_type=Json)
    error: str | None = Field(default=None, sa_type=PlainText)
    from_cache: bool = False
    schema_version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    origin: str = Field(default="trained", sa_type=PlainText)
    source: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    search: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    parent: int | None = None
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    note: str = Field(default="", sa_type=PlainText)
    pinned: bool = False
    archived: bool = False


class DeploymentRecord(Record, table=True):
    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("task", "generation"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(sa_type=PlainText)
    experiment_id: int
    previous_experiment_id: int | None = None
    generation: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=PlainText)
    deployed_by: str | None = Field(default=None, sa_type=PlainText)
    threshold: float | None = None
    rollout: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class ServingWorkerRecord(Record, table=True):
    __tablename__ = "serving_worker"

    id: str = Field(primary_key=True, sa_type=PlainText)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
    generations: dict[str, Any] = Field(sa_type=Json)
    failures: dict[str, Any] = Field(sa_type=Json)


class LateLabelRecord(Record, table=True):
    __tablename__ = "late_label"

    task: str = Field(primary_key=True, sa_type=PlainText)
    request_id: str = Field(primary_key=True, sa_type=PlainText)
    row_no: int = Field(default=1, primary_key=True, sa_column_kwargs={"server_default": "1"})
    label: str = Field(sa_type=PlainText)


_LABELLED = text("label IS NOT NULL")


class PredictionRecord(Record, table=True):
    """A row of an answer. entry_id, row_no: given once for all time, also where callers give a request id twice."""

    __tablename__ = "prediction_log"
    __table_args__ = (
        # Rows are counted from it alone.
        Index("ix_prediction_log_task_created_at_shadow_experiment_id", "task", "created_at", "shadow",
              "experiment_id"),
        Index("ix_prediction_log_task_request_id_row_no", "task", "request_id", "row_no"),
        Index("ix_prediction_log_labelled", "task", "experiment_id", "created_at", sqlite_where=_LABELLED,
              postgresql_where=_LABELLED),
    )

    entry_id: str = Field(primary_key=True, sa_type=PlainText)
    row_no: int = Field(primary_key=True)
    request_id: str = Field(sa_type=PlainText)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    route: str = Field(sa_type=PlainText)
    task: str = Field(sa_type=PlainText)
    experiment_id: int
    inputs: dict[str, Any] = Field(sa_type=PLAIN_JSON)
    prediction: str = Field(sa_type=PlainText)
    score: float
    label: str | None = Field(default=None, sa_type=PlainText)
    latency_s: float
    probabilities: list[float] | None = Field(default=None, sa_type=PLAIN_JSON)
    shadow: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ObservationRecord(Record, table=True):
    """What was seen last of the model that serves a task."""

    __tablename__ = "observation"

    task: str = Field(primary_key=True, sa_type=PlainText)
    experiment_id: int
    at: datetime = Field(sa_type=UtcDateTime)
    document: dict[str, Any] = Field(sa_type=Json)


class TrafficRecord(Record, table=True):
    """at: the beginning of the minute."""

    __tablename__ = "traffic"

    task: str = Field(primary_key=True, sa_type=PlainText)
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime, index=True)
    requests: int
    refused: int
    failed: int


class TrainersRecord(Record, table=True):
    """What the trainers of a machine said of themselves."""

    __tablename__ = "trainers"

    machine: str = Field(primary_key=True, sa_type=PlainText)
    at: datetime = Field(sa_type=UtcDateTime)
    cards: list[dict[str, Any]] = Field(sa_type=Json)


class KeptAnswerRecord(Record, table=True):
    """What was answered to whom, by the key that he chose. status: null while it is worked on."""

    __tablename__ = "kept_answer"

    who: str = Field(primary_key=True, sa_type=PlainText)
    key: str = Field(primary_key=True, sa_type=PlainText)
    asked: str = Field(sa_type=PlainText)
    since: datetime = Field(sa_type=UtcDateTime, index=True)
    held_at: datetime = Field(sa_type=UtcDateTime)
    digest: str = Field(default="", sa_type=PlainText)
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    body: bytes = b""


class ApiKeyRecord(Record, table=True):
    """A key without the secret that it is shown by."""

    __tablename__ = "api_key"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=PlainText)
    digest: str = Field(sa_type=PlainText, unique=True)
    rights: list[str] = Field(sa_type=Json)
    tasks: list[str] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str | None = Field(default=None, sa_type=PlainText)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
