"""Pictures to be looked at side by side: what was seen, what is true, what was answered."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from domain import scoring
from domain.arrays import Array
from domain.picture_answer import overlay
from domain.thumbnail import thumbnail

if TYPE_CHECKING:
    from domain.prediction import Predictions
    from domain.table import Table
    from domain.task import Task

MAX_CASES, MAX_TYPICAL = 8, 4
COLUMNS = ("picture", "truth", "answer")
PANEL_PX = 256
MAX_SIDE_PX = 512


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """panels: uint8[height, width, 3], one for each column of the sheet, all of one size."""

    caption: str
    panels: Sequence[Array]


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """name: of a file. cases: at least one."""

    name: str
    title: str
    columns: Sequence[str]
    cases: Sequence[Case]


def evaluation_sheets(task: Task, test: Table, predictions: Predictions) -> list[Sheet]:
    """Nothing of a task without pictures. test: the rows of `predictions`, with their target."""
    return task.rules.sheets(task, test, predictions)


def mask_sheets(classes: int, pictures: Array, masks: Array, answers: Array) -> list[Sheet]:
    """The pictures on which the answers are worst, the worst first, and where there are more a few from the worst to
    the best. pictures, masks, answers: object[n], an array each."""
    matrices = scoring.mask_confusions(masks, answers, classes)
    ranked = scoring.worst_first(matrices)

    def cases(places: Iterable[int]) -> list[Case]:
        return [_case(f"picture {row + 1}, IoU {iou:.3f}", pictures[row], masks[row], answers[row])
                for row, iou in (ranked[place] for place in places)]

    sheets = [Sheet("worst_pictures_sheet", "Worst pictures", COLUMNS, cases(range(min(MAX_CASES, len(ranked)))))]
    if len(ranked) > MAX_CASES:
        places = np.linspace(0, len(ranked) - 1, MAX_TYPICAL).round().astype(int).tolist()
        sheets.append(Sheet("pictures_sheet", "From the worst to the best", COLUMNS, cases(places)))
    return sheets


def label_sheets(task: Task, test: Table, predictions: Predictions) -> list[Sheet]:
    """The pictures whose true class the model thinks least likely, so the wrong ones first, and where there are more a
    few from the worst to the best."""
    pictures, truth = test[task.schema.features[0].name], task.targets(test[task.schema.target.name])
    believed = predictions.shares[np.arange(len(truth)), truth]
    ranked = np.argsort(believed, kind="stable")

    def cases(rows: Iterable[int]) -> list[Case]:
        return [Case(_told(task, row, predictions, truth, believed), [_small(pictures[row])]) for row in rows]

    sheets = [Sheet("worst_pictures_sheet", "Worst pictures", ("picture",), cases(ranked[:MAX_CASES].tolist()))]
    if len(ranked) > MAX_CASES:
        places = np.linspace(0, len(ranked) - 1, MAX_TYPICAL).round().astype(int)
        sheets.append(Sheet("pictures_sheet", "From the worst to the best", ("picture",),
                            cases(ranked[places].tolist())))
    return sheets


def _told(task: Task, row: int, predictions: Predictions, truth: Array, believed: Array) -> str:
    true, said = str(task.labels[truth[row]]), str(predictions.values[row])
    right = "" if true == said else f", answered {said}"
    return f"picture {row + 1}, {true} {believed[row]:.3f}{right}"


def _small(picture: Array) -> Array:
    """uint8[height, width, 3]."""
    shown = thumbnail(picture, PANEL_PX)
    return shown if shown.ndim == 3 else np.repeat(shown[:, :, None], 3, axis=2)


def _case(caption: str, picture: Array, truth: Array, answer: Array) -> Case:
    """Of a large picture each so many-th pixel."""
    step = -(-max(truth.shape) // MAX_SIDE_PX)
    picture, truth, answer = (pixels[::step, ::step] for pixels in (picture, truth, answer))
    return Case(caption, [overlay(picture, mask) for mask in (np.zeros_like(truth), truth, answer)])
