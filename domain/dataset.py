"""Labelled data: batches that were accepted, and the dataset versions they make."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """The data of a task after one more batch. It never changes: version n is the rows of the batches 1 to n.

    digest: SHA-256 of the batch's content. fingerprint: SHA-256 over the digests of all batches so far, so that two
    stores that hold the same rows agree, and a cache keyed by it can never hand out other data.
    """

    task: str
    version: int
    batch_id: str
    digest: str
    fingerprint: str
    rows_added: int
    rows: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch: `duplicate` if the task already held the same content, and then nothing was added."""

    version: DatasetVersion
    duplicate: bool
