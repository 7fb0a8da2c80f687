"""Pictures to be looked at side by side: what was seen, what is true, what was answered."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from domain import scoring
from domain.picture_answer import overlay
from domain.prediction import Predictions
from domain.table import Table
from domain.task import Problem, Task

MAX_CASES, MAX_TYPICAL = 8, 4
COLUMNS = ("picture", "truth", "answer")
MAX_SIDE_PX = 512


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """panels: uint8[height, width, 3], one for each column of the sheet, all of one size."""

    caption: str
    panels: Sequence[np.ndarray]


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """name: of a file. cases: at least one."""

    name: str
    title: str
    columns: Sequence[str]
    cases: Sequence[Case]


def evaluation_sheets(task: Task, test: Table, predictions: Predictions) -> list[Sheet]:
    """The pictures on which the answers are worst, the worst first, and where there are more a few from the worst to
    the best. Nothing of a task without pictures.

    test: the rows of `predictions`, with their masks."""
    if task.problem is not Problem.SEGMENTATION:
        return []
    pictures, masks = test[task.schema.features[0].name], test[task.schema.target.name]
    matrices = scoring.mask_confusions(masks, predictions.values, len(task.labels))
    ranked = scoring.worst_first(matrices)

    def cases(places: Iterable[int]) -> list[Case]:
        return [_case(f"picture {row + 1}, IoU {iou:.3f}", pictures[row], masks[row], predictions.values[row])
                for row, iou in (ranked[place] for place in places)]

    sheets = [Sheet("worst_pictures_sheet", "Worst pictures", COLUMNS, cases(range(min(MAX_CASES, len(ranked)))))]
    if len(ranked) > MAX_CASES:
        places = np.linspace(0, len(ranked) - 1, MAX_TYPICAL).round().astype(int)
        sheets.append(Sheet("pictures_sheet", "From the worst to the best", COLUMNS, cases(places)))
    return sheets


def _case(caption: str, picture: np.ndarray, truth: np.ndarray, answer: np.ndarray) -> Case:
    """Of a large picture each so many-th pixel."""
    step = -(-max(truth.shape) // MAX_SIDE_PX)
    picture, truth, answer = (pixels[::step, ::step] for pixels in (picture, truth, answer))
    return Case(caption, [overlay(picture, mask) for mask in (np.zeros_like(truth), truth, answer)])
