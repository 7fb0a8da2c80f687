"""Versions of a task's data."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from application.use_cases.add_data import DataAdded
from domain.dataset import DatasetVersion
from domain.target_summary import TargetSummary
from domain.task import Task
from entrypoints.answers.answer import Answer, Moment, says
from entrypoints.answers.files import PassedOver, ReadAnswer, told_of
from entrypoints.formats.formats import FileRows

Shares = Mapping[str, float]
Warnings = Annotated[Sequence[str], says("What keeps a model from learning or being judged, and what to do")]


class VersionAnswer(Answer):
    """A dataset version: one batch more than the version before."""

    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: Moment

    @classmethod
    def of(cls, version: DatasetVersion) -> VersionAnswer:
        return cls(version.version, version.batch_id, version.rows_added, version.rows, version.created_at)


class SpanAnswer(Answer):
    """The targets of a regression."""

    min: float
    mean: float
    max: float


class BatchAnswer(Answer):
    """A dataset version and the targets of the batch that made it."""

    dataset_version: int
    batch_id: str
    rows_added: int
    rows: int
    created_at: Moment
    labels: Annotated[Shares | None, says("Share of the rows by label; of pictures, of those that show it")]
    target: Annotated[SpanAnswer | None, says("Of a regression")]
    pixels: Annotated[Shares | None, says("Of pictures: share of all pixels by label")]

    @classmethod
    def of(cls, task: Task, version: DatasetVersion, summary: TargetSummary) -> BatchAnswer:
        return cls(
            dataset_version=version.version, batch_id=version.batch_id, rows_added=version.rows_added,
            rows=version.rows, created_at=version.created_at, labels=summary.shares or None,
            target=SpanAnswer(**summary.span) if summary.span else None, pixels=_pixels(task, [summary]))


class DatasetAnswer(Answer):
    """The data of a task."""

    task: str
    rows: Annotated[int, says("Of the newest version")]
    labels: Annotated[Shares | None, says("As of a version, over all rows")]
    pixels: Annotated[Shares | None, says("As of a version, over all rows")]
    versions: Annotated[Sequence[BatchAnswer], says("Oldest first")]
    warnings: Warnings

    @classmethod
    def of(cls, task: Task, versions: Sequence[DatasetVersion], summaries: Sequence[TargetSummary],
           warnings: Sequence[str]) -> DatasetAnswer:
        rows = versions[-1].rows if versions else 0
        return cls(task.name, rows, _labels(task, rows, summaries), _pixels(task, summaries), [
            BatchAnswer.of(task, version, summary) for version, summary in zip(versions, summaries, strict=True)],
            warnings)


def _labels(task: Task, rows: int, summaries: Sequence[TargetSummary]) -> Shares | None:
    if not rows or not task.labels:
        return None
    return {str(label): sum(summary.counts[str(label)] for summary in summaries) / rows for label in task.labels}


def _pixels(task: Task, summaries: Sequence[TargetSummary]) -> Shares | None:
    known = [summary.pixels for summary in summaries if summary.pixels is not None]
    if not known:
        return None
    counts = {str(label): sum(pixels[str(label)] for pixels in known) for label in task.labels}
    return {label: count / max(sum(counts.values()), 1) for label, count in counts.items()}


class UndoneAnswer(Answer):
    """A dataset version that was taken back."""

    task: str
    dataset_version: Annotated[int, says("No later one has this number")]
    rows_removed: int
    newest: Annotated[int | None, says("The dataset version that is the newest now; null if there are no data left")]

    @classmethod
    def of(cls, undone: DatasetVersion, left: Sequence[DatasetVersion]) -> UndoneAnswer:
        """left: oldest first."""
        return cls(undone.task, undone.version, undone.rows_added, left[-1].version if left else None)


class AddedAnswer(Answer):
    """What became of the rows of a file."""

    task: str
    batch_id: str
    dataset_version: int
    rows_added: int
    duplicate: Annotated[bool, says("This very data was there already, and nothing was added")]
    late_labels: Annotated[int, says("How many rows are the label of an earlier answer")]
    rows_without_target: Annotated[int, says("Were left out")]
    warnings: Warnings
    read: Annotated[ReadAnswer | UnsetType, says("Of a table")] = UNSET
    passed_over: PassedOver = UNSET

    @classmethod
    def of(cls, added: DataAdded, file: FileRows, warnings: Sequence[str]) -> AddedAnswer:
        version, duplicate = added.appended.version, added.appended.duplicate
        return cls(version.task, version.batch_id, version.version, 0 if duplicate else version.rows_added, duplicate,
                   added.late_labels, added.rows_without_target, warnings, *told_of(file))
