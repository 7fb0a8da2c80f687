"""What a model that nobody here knows is put through before it is trusted."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from application.ports.model_runner import ModelCrashed, ModelRunner
from domain import parity, prediction
from domain.arrays import Flags
from domain.columns.rules import Form
from domain.errors import Fault, InvalidInput, ModelRejected
from domain.parity import TOLERANCE
from domain.prediction import Predictions
from domain.schema import Column
from domain.table import Table, concat
from domain.task import Task

# A sum of float32 over many classes is not quite 1.
_SUM_TOLERANCE = 1e-3


class UnsteadyModel(ModelRejected):
    """Its answer to a row depends on the rows that come with it."""

    code = "unsteady_model"


def some_rows(table: Table, n_rows: int) -> Table:
    """n_rows of them, evenly spread, and over again where there are fewer."""
    spread = np.linspace(0, table.n_rows - 1, min(n_rows, table.n_rows)).round().astype(int)
    return table.take(np.resize(spread, n_rows))


def check_steady(table: Table, runner: ModelRunner) -> Predictions:
    """table: real rows, answered together, two at a time and one by one. Returns: their answers.

    Raises: UnsteadyModel, ModelCrashed.
    """
    alone = prediction.concat([runner.predict(one) for one in table.chunks(1)])
    for words, count in (("two", 2), (f"{table.n_rows}", table.n_rows)):
        answers = runner.predict(table.take(slice(0, count)))
        if (apart := _apart(alone.take(slice(0, answers.n_rows)), answers)) > TOLERANCE:
            raise UnsteadyModel(f"the answers to {words} rows at once differ by {apart:.3g} from those to the same "
                                "rows one by one: the model mixes rows, or answers by chance (dropout left on)")
    return alone


def _apart(first: Predictions, second: Predictions) -> float:
    """As `largest_difference`, where both may have no number."""
    one, other = first.numbers, second.numbers
    if one.shape != other.shape or not np.array_equal(np.isnan(one), np.isnan(other)):
        return float("inf")
    scale = 1.0 if first.probabilities is not None else max(1.0, float(np.nanmax(np.abs(one), initial=0.0)))
    return float(np.nanmax(np.abs(one - other), initial=0.0)) / scale


def check_probabilities(answers: Predictions, output: str) -> None:
    """Raises: InvalidInput for what cannot be probabilities."""
    if answers.probabilities is None:
        return
    shares = np.concatenate([each.reshape(-1, len(answers.labels)) for each in answers.probabilities])
    shares = shares[~np.isnan(shares).any(axis=1)]
    if not len(shares) or (shares.min() >= -_SUM_TOLERANCE and shares.max() <= 1 + _SUM_TOLERANCE
                           and np.abs(shares.sum(axis=1) - 1).max() <= _SUM_TOLERANCE):
        return
    problem = (f"{output} holds no probabilities but numbers from {shares.min():.3g} to {shares.max():.3g}. If they "
               f"are logits, say outputs.logits: {output}")
    raise InvalidInput(f"outputs: {problem}", [Fault("outputs", problem)])


def answered(table: Table, runner: ModelRunner, what: str) -> Predictions:
    """Of rows that have to have an answer. Raises: ModelCrashed."""
    answers = runner.predict(table)
    if bare := int(np.count_nonzero(np.isnan(answers.scores))):
        raise ModelCrashed(f"the model has no answer to {bare:,} of {table.n_rows:,} {what}: it gives no number (NaN) "
                           "there. If that is where a column has no value, say under missing what is to stand for one")
    return answers


def odd_notes(table: Table, columns: tuple[Column, ...], runner: ModelRunner) -> Iterator[str]:
    """What becomes of rows with a value that is missing or was never seen, in words where it is no answer.

    table: real rows, one at least.
    """
    for column in columns:
        for words, value in _odd(column):
            cells = np.array([value, None], dtype=object)[:1] if isinstance(value, str) else np.array([value])
            row = Table(dict(table.take(slice(0, 1)).columns) | {column.name: cells})
            if (problem := _problem(row, runner)) is not None:
                yield f"{column.name}: a row where it is {words} is refused, {problem}"


def _odd(column: Column) -> Iterator[tuple[str, str | float]]:
    texts = column.rules.form is Form.TEXTS
    if column.nullable:
        yield "missing", "" if texts else float("nan")
    for value in column.rules.odd_values(np.empty(0, np.float32)).tolist() if texts else ():
        if value:
            yield "a text that training never saw", value


def small_notes(task: Task, table: Table, runner: ModelRunner) -> Iterator[str]:
    """Which pictures of unusual sizes have no answer, in words. table: real rows, one at least."""
    column = task.schema.features[0]
    if column.rules.form is Form.ARRAYS:
        made = task.rules.made_rows(task.schema.features, table, {}, task.training.seed)
        sizes = {(pixels.shape[1], pixels.shape[0]) for row in made.chunks(1) if not _has_answer(row, runner)
                 for pixels in row[column.name]}
        if sizes:
            words = ", ".join(f"{width} x {height}" for width, height in sorted(sizes))
            yield f"{column.name}: the model has no answer to pictures of {words} pixels, and they are refused"


def _problem(row: Table, runner: ModelRunner) -> str | None:
    try:
        answers = runner.predict(row)
    except ModelCrashed:
        return "as the model fails on it"
    return "as the model gives no number for it" if np.isnan(answers.scores).any() else None


def finite(answers: Predictions) -> Flags:
    """Which rows have an answer."""
    return np.isfinite(answers.scores)


def probe(task: Task, train: Table, runner: ModelRunner) -> str:
    """As `probe_text`: of real rows, where they are small, and made ones, those that have an answer; at least one."""
    half = parity.PROBE_ROWS // 2
    real = some_rows(train, min(half, train.n_rows)).select(column.name for column in task.schema.features)
    made = task.rules.made_rows(task.schema.features, train, {}, task.training.seed).take(slice(0, half))
    rows = [row for row in made.chunks(1) if _has_answer(row, runner)]
    if task.rules.rows_are_small or not rows:
        rows = [real if task.rules.rows_are_small else real.take(slice(0, 1)), *rows]
    whole = concat(rows)
    return parity.probe_text(whole, runner.predict(whole))


def _has_answer(row: Table, runner: ModelRunner) -> bool:
    try:
        return bool(finite(runner.predict(row)).all())
    except ModelCrashed:
        return False
