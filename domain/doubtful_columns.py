"""Columns of which a model learned badly, in words."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from domain.arrays import Array
from domain.columns import ColumnType
from domain.columns.rules import Form
from domain.schema import Column
from domain.splitting import Parts
from domain.task import Task

# Of the values that were not trained on so many are new: more say nothing to the model than something.
MOSTLY = 0.5
# With a value in one row of twenty the others are answered without the column; a gauge that is often silent is none.
NEARLY_ALL = 0.95
# By fewer rows a share says little.
ENOUGH = 20
# Texts that are looked at of each part; the share of new words in so many is known to a percent.
MAX_TEXTS = 5_000
_MAX_NAMED = 10
_WORD = re.compile(r"\w+")


def column_warnings(task: Task, parts: Parts, importance: Mapping[str, float]) -> Sequence[str]:
    """importance: feature -> share of the whole, of all that the model can use."""
    told = {column.name: problem for column in task.schema.features
            if column.rules.form is not Form.ARRAYS and (problem := _problem(column, parts)) is not None}
    return [*(f"{name}: {problem}" for name, problem in told.items()), *_unused(task, importance, told)]


def _problem(column: Column, parts: Parts) -> str | None:
    train = parts.train[column.name]
    others = np.concatenate([parts.valid[column.name], parts.test[column.name]])
    blank = float(np.mean(~_known(train)))
    if len(train) >= ENOUGH and blank >= NEARLY_ALL:
        return f"{_percent(blank)} of the training rows have no value there, so little can be learned of it"
    others = others[_known(others)]
    if len(others) < ENOUGH:
        return None
    if column.type is ColumnType.TEXT:
        share, what = _new_words(train, others), "words"
    elif column.rules.form is Form.TEXTS and column.rules.comes_again:
        share, what = _new_values(train, others), "values"
    else:
        return None
    return None if share <= MOSTLY else (
        f"{_percent(share)} of the {what} in the rows of valid and test never came in training, so the model knows "
        "nothing of them")


def _known(values: Array) -> Array:
    known: Array = values != "" if values.dtype == object else ~np.isnan(values)
    return known


def _new_values(train: Array, others: Array) -> float:
    seen = set(train.tolist())
    return sum(value not in seen for value in others.tolist()) / len(others)


def _new_words(train: Array, others: Array) -> float:
    seen, words = set(_words(train)), list(_words(others[:MAX_TEXTS]))
    return sum(word not in seen for word in words) / len(words) if words else 0.0


def _words(texts: Array) -> Iterator[str]:
    for text in texts.tolist():
        yield from _WORD.findall(text.casefold())


def _unused(task: Task, importance: Mapping[str, float], told: Mapping[str, str]) -> list[str]:
    names = [column.name for column in task.schema.features
             if importance.get(column.name) == 0 and column.name not in told]
    if not names or len(names) == len(importance):
        return []
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return [f"no answer depends on {', '.join(names[:_MAX_NAMED])}{more}: the model found nothing there to learn"]


def _percent(share: float) -> str:
    return f"{share:.0%}"
