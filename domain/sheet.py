"""Pictures to be looked at side by side: what was seen, what is true, what was answered."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from domain import scoring
from domain.arrays import Array
from domain.picture_answer import overlay

if TYPE_CHECKING:
    from domain.prediction import Predictions
    from domain.table import Table
    from domain.task import Task

MAX_CASES, MAX_TYPICAL = 8, 4
COLUMNS = ("picture", "truth", "answer")
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


def _case(caption: str, picture: Array, truth: Array, answer: Array) -> Case:
    """Of a large picture each so many-th pixel."""
    step = -(-max(truth.shape) // MAX_SIDE_PX)
    picture, truth, answer = (pixels[::step, ::step] for pixels in (picture, truth, answer))
    return Case(caption, [overlay(picture, mask) for mask in (np.zeros_like(truth), truth, answer)])
