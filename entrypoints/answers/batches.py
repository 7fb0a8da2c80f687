"""Whole files: answered, or answered and judged."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from domain.gaps import complete, reasons
from domain.labels import Label
from entrypoints.answers.answer import Answer, says
from entrypoints.answers.explanations import ExplanationsAnswer
from entrypoints.answers.files import PassedOver, ReadAnswer, told_of
from entrypoints.answers.versions import Shares
from entrypoints.formats.formats import FileRows


class FileAnswer(Answer, kw_only=True):
    """What is told of a file beside the answers to what is in it."""

    request_id: Annotated[str | UnsetType, says("Of a request")] = UNSET
    task: str
    experiment_id: int
    count: Annotated[int, says("Of what was answered")]
    read: Annotated[ReadAnswer | UnsetType, says("Of a table")] = UNSET
    passed_over: PassedOver = UNSET
    metrics: Annotated[Mapping[str, float | None] | UnsetType, says("Of an evaluation")] = UNSET
    no_value: Annotated[Mapping[str, str] | UnsetType, says("Of an evaluation: by name why a metric is null")] = UNSET
    rows_without_target: Annotated[int | UnsetType, says("Of an evaluation: answered, and not judged")] = UNSET
    unseen: Annotated[Shares | UnsetType, says("Share of the rows with a category that training never saw, by column, "
                                               "where there are some")] = UNSET
    ignored: Annotated[Sequence[str] | UnsetType, says("Columns that the task does not know, where they were to be "
                                                       "ignored")] = UNSET
    output: Annotated[str | UnsetType, says("Where a command put the answers")] = UNSET

    @classmethod
    def of(cls, task: str, experiment_id: int, count: int, file: FileRows, unseen: Shares, *,
           metrics: Mapping[str, float] | UnsetType = UNSET, rows_without_target: int | UnsetType = UNSET,
           request_id: str | UnsetType = UNSET, ignores: bool = False) -> FileAnswer:
        """ignores: columns that the task does not know were no fault."""
        read, passed_over = told_of(file)
        measured = complete(metrics) if metrics else UNSET
        return cls(
            request_id=request_id, task=task, experiment_id=experiment_id, count=count, read=read,
            passed_over=passed_over, metrics=measured, no_value=reasons(measured) if measured else UNSET,
            rows_without_target=rows_without_target, unseen=unseen or UNSET,
            ignored=file.unknown if ignores and file.unknown else UNSET)


class RowsAnswer(FileAnswer, kw_only=True):
    """The answers to the rows of a table, in their order."""

    predictions: Sequence[Label | float]
    probabilities: Annotated[Mapping[str, Sequence[float]] | None, says("Of each label; null of a regression")]
    explanation: Annotated[ExplanationsAnswer | UnsetType, says("Where it was asked for")] = UNSET
