"""The data of a task."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progon_client.answers.words import ColumnType, Role


@dataclass(frozen=True, kw_only=True)
class Span:
    """The targets of a regression."""

    min: float
    mean: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A dataset version and the targets of the batch that made it."""

    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: datetime
    #: Share of the rows by label; of pictures, of those that show it
    labels: dict[str, float] | None
    #: Of a regression
    target: Span | None
    #: Of pictures: share of all pixels by label
    pixels: dict[str, float] | None


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The data of a task."""

    task: str
    #: Of the newest version
    rows: int
    #: As of a version, over all rows
    labels: dict[str, float] | None
    #: As of a version, over all rows
    pixels: dict[str, float] | None
    #: Oldest first
    versions: list[Batch]
    #: What keeps a model from learning or being judged, and what to do
    warnings: list[str]


@dataclass(frozen=True, kw_only=True)
class Undone:
    """A dataset version that was taken back."""

    task: str
    #: No later one has this number
    dataset_version: int
    rows_removed: int
    #: The dataset version that is the newest now; null if there are no data left
    newest: int | None


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows as `/forward` takes them, with the target beside."""

    task: str
    dataset_version: int
    #: By column; null is no value, or a private one
    rows: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ColumnSummary:
    """What a column holds."""

    name: str
    type: ColumnType
    role: Role
    #: Nothing is told but how often a value is missing
    private: bool
    missing: int
    missing_share: float
    #: Of numbers: between the bins of the histogram, and at both ends
    edges: list[float]
    #: In the bins, or of the values
    counts: list[int]
    mean: float | None
    #: Of categories: the most frequent ones
    values: list[str]
    distinct: int | None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of a dataset version hold."""

    task: str
    dataset_version: int
    rows: int
    #: So many of the rows, evenly spread
    looked_at: int
    columns: list[ColumnSummary]


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """A stored picture and its mask, or its class."""

    #: In its dataset version, from 1
    row: int
    #: Digest under which it is fetched; null for what is private
    picture: str | None
    #: Digest under which it is fetched; null for what is private, or has a class
    mask: str | None
    width: int
    height: int
    #: Share of the pixels by label; null without a mask
    summary: dict[str, float] | None
    #: Class of the picture; null for what is private, or has a mask
    label: str | None


@dataclass(frozen=True, kw_only=True)
class StoredPictures:
    """Some pictures of a dataset version, the newest first."""

    task: str
    dataset_version: int
    rows: int
    pictures: list[StoredPicture]
    #: `before` of the page that follows; null on the last
    next: int | None
