"""Who did what, when: an entry each, never changed itself."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Act(StrEnum):
    TASK_CREATED = "task created"
    TASK_CHANGED = "task changed"
    TASK_DELETED = "task deleted"
    DATA_ADDED = "data added"
    DATA_UNDONE = "data undone"
    LABELS_ADDED = "labels added"
    TRAINING_QUEUED = "training queued"
    TRAINING_CANCELLED = "training cancelled"
    MODEL_IMPORTED = "model imported"
    EXPERIMENT_CHANGED = "experiment changed"
    EXPERIMENT_DELETED = "experiment deleted"
    DEPLOYED = "deployed"
    ROLLED_BACK = "rolled back"
    ROLLOUT_BEGUN = "rollout begun"
    ROLLOUT_PROMOTED = "rollout promoted"
    ROLLOUT_ABORTED = "rollout aborted"
    KEY_CREATED = "key created"
    KEY_REVOKED = "key revoked"


# What cannot be seen any more in the thing itself.
CHANGES = (Act.TASK_CHANGED, Act.TASK_DELETED, Act.EXPERIMENT_CHANGED, Act.EXPERIMENT_DELETED, Act.DATA_UNDONE)


@dataclass(frozen=True, slots=True)
class Entry:
    """id is 0 until the history gives one. task: empty for what is of no task, a key. by: None where nobody had to say
    who he is. detail: plain values, what was there before among them. digest: as `digest_of` makes it of the entry
    before; empty until the history gives one, and in entries of before there were digests."""

    at: datetime
    act: Act
    task: str
    by: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    id: int = 0
    digest: str = ""


def digest_of(entry: Entry, before: str) -> str:
    """SHA-256, in hexadecimal digits, of the digest of the entry before and of all that the entry says."""
    said = [before, entry.id, entry.at.astimezone(UTC).isoformat(), str(entry.act), entry.task, entry.by, entry.detail]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(entries: Iterable[Entry]) -> Entry | None:
    """entries: all of them, the oldest first. Returns: the first that is not what was written, or that does not follow
    the one before it. That the newest are missing cannot be told from those that are left: keep the last digest
    elsewhere."""
    before = ""
    for entry in entries:
        if (entry.digest or before) and entry.digest != digest_of(entry, before):
            return entry
        before = entry.digest
    return None
