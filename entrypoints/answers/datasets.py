"""A look into the data: rows, columns, pictures."""
from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, UnsetType

from application.queries.column_summaries import VersionSummary
from application.queries.picture_gallery import GalleryPage, StoredPicture
from domain.column_summary import ColumnSummary
from domain.columns import ColumnType
from domain.schema import Column, Role
from domain.table import Table
from domain.task import Task
from entrypoints.answers.answer import Answer, Json, says
from entrypoints.answers.files import PassedOver, ReadAnswer, told_of
from entrypoints.answers.versions import Shares
from entrypoints.formats.cells import plain
from entrypoints.formats.formats import FileRows
from entrypoints.formats.picture_previews import Preview


class SampleAnswer(Answer):
    """Rows as `/forward` takes them, with the target beside."""

    task: str
    dataset_version: int
    rows: Annotated[Sequence[Mapping[str, Json]], says("By column; null is no value, or a private one")]

    @classmethod
    def of(cls, task: Task, version: int, table: Table, rows: int) -> SampleAnswer:
        """The first rows of the table, or all if there are fewer."""
        return cls(task.name, version, [_row(task, table, position) for position in range(min(rows, table.n_rows))])


def _row(task: Task, table: Table, position: int) -> dict[str, object]:
    """One stored row as a request would bring it; private values stay where they are."""
    return {column.name: None if column.private else plain(table[column.name][position])
            for column in (*task.schema.features, task.schema.target)}


class ColumnSummaryAnswer(Answer):
    """What a column holds."""

    name: str
    type: ColumnType
    role: Role
    private: Annotated[bool, says("Nothing is told but how often a value is missing")]
    missing: int
    missing_share: float
    edges: Annotated[Sequence[float], says(
        "Of numbers, the characters of free texts, and years with their fraction of dates: between the bins of the "
        "histogram, and at both ends")]
    counts: Annotated[Sequence[int], says("In the bins, or of the values")]
    mean: float | None
    values: Annotated[Sequence[str], says("Of categories: the most frequent ones")]
    distinct: int | None

    @classmethod
    def of(cls, column: Column, summary: ColumnSummary) -> ColumnSummaryAnswer:
        return cls(
            name=column.name, type=column.type, role=column.role, private=column.private, missing=summary.missing,
            missing_share=summary.missing / summary.rows if summary.rows else 0.0, edges=summary.edges,
            counts=summary.counts, mean=summary.mean, values=summary.values, distinct=summary.distinct)


class ColumnsAnswer(Answer):
    """What the columns of a dataset version hold."""

    task: str
    dataset_version: int
    rows: int
    looked_at: Annotated[int, says("So many of the rows, evenly spread")]
    columns: Sequence[ColumnSummaryAnswer]

    @classmethod
    def of(cls, task: str, found: VersionSummary) -> ColumnsAnswer:
        return cls(task, found.version, found.rows, found.looked_at, [
            ColumnSummaryAnswer.of(column, summary) for column, summary in found.columns.items()])


class Drawn(StrEnum):
    """As what a stored file is drawn for eyes."""

    PICTURE = "picture"
    MASK = "mask"


class StoredPictureAnswer(Answer):
    """A stored picture and its mask, or its class."""

    row: Annotated[int, says("In its dataset version, from 1")]
    picture: Annotated[str | None, says("Digest under which it is fetched; null for what is private")]
    mask: Annotated[str | None, says("Digest under which it is fetched; null for what is private, or has a class")]
    width: int
    height: int
    summary: Annotated[Shares | None, says("Share of the pixels by label; null without a mask")]
    label: Annotated[str | None, says("Class of the picture; null for what is private, or has a mask")]

    @classmethod
    def of(cls, stored: StoredPicture) -> StoredPictureAnswer:
        facts = stored.facts
        return cls(stored.row, stored.picture, stored.mask, facts.width, facts.height, facts.shares, stored.label)


class PicturesAnswer(Answer):
    """Some pictures of a dataset version, the newest first."""

    task: str
    dataset_version: int
    rows: int
    pictures: Sequence[StoredPictureAnswer]
    next: Annotated[int | None, says("`before` of the page that follows; null on the last")]

    @classmethod
    def of(cls, task: str, page: GalleryPage) -> PicturesAnswer:
        return cls(task, page.version, page.rows, [StoredPictureAnswer.of(one) for one in page.pictures], page.next)


class PreviewAnswer(Answer):
    """A picture of a file with its mask, small, both PNG in base64, or with its class."""

    name: str
    width: Annotated[int, says("Of the picture itself")]
    height: Annotated[int, says("Of the picture itself")]
    picture: str
    mask: Annotated[str | None, says("Null where there is a class")]
    summary: Annotated[Shares | None, says("Share of the pixels by label; null without a mask")]
    label: Annotated[str | None, says("Class of the picture; null where there is a mask")]

    @classmethod
    def of(cls, preview: Preview) -> PreviewAnswer:
        mask = None if preview.mask is None else b64encode(preview.mask).decode()
        return cls(preview.name, preview.width, preview.height, b64encode(preview.picture).decode(), mask,
                   preview.summary, preview.label)


class CheckedAnswer(Answer):
    """A labelled file that would be taken."""

    task: str
    rows: int
    rows_without_target: Annotated[int, says("Would be left out")]
    pictures: Annotated[Sequence[PreviewAnswer] | UnsetType, says("As many as `preview` asked for")] = UNSET
    unseen: Annotated[Shares | UnsetType, says(
        "By column: share of the rows whose value the model that serves has never seen; left out where there are none"
    )] = UNSET
    read: Annotated[ReadAnswer | UnsetType, says("Of a table")] = UNSET
    passed_over: PassedOver = UNSET

    @classmethod
    def of(cls, task: str, rows: int, rows_without_target: int, previews: Iterable[Preview] | None,
           unseen: Shares, file: FileRows) -> CheckedAnswer:
        return cls(task, rows, rows_without_target,
                   UNSET if previews is None else [PreviewAnswer.of(preview) for preview in previews],
                   unseen or UNSET, *told_of(file))
