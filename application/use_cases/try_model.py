"""A model of another maker: wrapped, tried out, compared, judged."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from application.decorators.model_runner import SteppedRunner
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.model_wrapper import ModelSource, ModelWrapper, WrappedModel
from application.ports.serving_models import ServedModel
from application.serving.single_model import SingleModel
from application.training.judging import learned_from, score_of
from application.training.trying import (
    answered,
    check_probabilities,
    check_steady,
    finite,
    odd_notes,
    probe,
    small_notes,
    some_rows,
)
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.inference_model import Inference, InferenceModel
from domain.experiment import Metrics
from domain.importance import permutation_importance
from domain.learned import Learned, look_at
from domain.makers_answers import MakersAnswers
from domain.model_mapping import ModelMapping
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task

# A model of many columns is asked for each of them anew.
IMPORTANCE_ROWS = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class TriedModel:
    """wrapped: with probe and reference in its file. importance: column -> share of the whole. parity: the largest
    difference from the maker's answers, None where these are not known. learned: of the rows and columns; which columns
    are of no use is not told, as the importance is of some rows alone."""

    wrapped: WrappedModel
    metrics: Metrics
    importance: Mapping[str, float]
    inference: Inference
    parity: float | None
    learned: Learned


class TryModel:
    """Makes a model file of any maker into one of the task, and lets it pass only if it keeps what a file that was
    trained here keeps: it answers one, two and many rows alike, gives probabilities where it says so, and answers every
    row of the task's data; and, where its maker's own answers are known, it gives the same.

    Then it is judged as a trained one is: metrics of all parts, drift references of the training rows, plots of the
    held-out rows, and the importance of each column by permutation.
    """

    def __init__(self, wrapper: ModelWrapper, loader: ModelLoader, timer: Callable[[], float]) -> None:
        self._wrapper, self._loader, self._timer = wrapper, loader, timer

    def execute(self, task: Task, parts: Parts, source: ModelSource, mapping: ModelMapping,
                makers: MakersAnswers | None, begin: Callable[[str], None] = lambda _: None) -> TriedModel:
        """begin: told of each step before it is taken, in words.

        Raises: InvalidInput, UnreadableModel, ModelCrashed, UnsteadyModel, ParityBroken.
        """
        steps = _Steps(begin)
        steps.begin("to be read")
        wrapped = self._wrapper.wrap(task, source, mapping)
        steps.begin("to be loaded")
        runner = SteppedRunner(self._loader.load(wrapped.model), task.rules.step_rows, steps.go_on)
        notes = [*wrapped.notes, *self._try(task, parts, wrapped, runner, steps.begin)]
        steps.begin("for the rows of the check")
        difference = None if makers is None else makers.compared(
            _pieces(task, makers.rows, runner, steps.go_on))
        judged = self._judge(task, parts, runner, steps.begin)
        model = self._loader.stamp(wrapped.model, {"probe": probe(task, parts.train, runner), **judged.carried})
        return TriedModel(replace(wrapped, model=model, notes=tuple(notes)), judged.metrics, judged.importance,
                          judged.inference, difference, look_at(task, parts, {}))

    def _try(self, task: Task, parts: Parts, wrapped: WrappedModel, runner: ModelRunner,
             begin: Callable[[str], None]) -> list[str]:
        """Returns: notes."""
        rows = some_rows(parts.train, task.rules.trial_rows).select(column.name for column in task.schema.features)
        begin("for one row")
        runner.predict(rows.take(slice(0, 1)))
        begin(f"for {rows.n_rows} rows, together and one by one")
        answers = check_steady(rows, runner)
        check_probabilities(answers, next(iter(wrapped.mapping.outputs.values()), "the output"))
        begin("for rows that are odd")
        whole = rows.take(finite(answers))
        some = whole if whole.n_rows else rows
        found = chain(odd_notes(some, task.schema.features, runner), small_notes(task, some, runner))
        return list(dict.fromkeys(found))

    def _judge(self, task: Task, parts: Parts, runner: ModelRunner, begin: Callable[[str], None]) -> _Judged:
        begin("for the training rows")
        train, valid = answered(parts.train, runner, "training rows"), answered(parts.valid, runner, "rows of valid")
        begin("for the held-out rows")
        answered(parts.test, runner, "held-out rows")
        served = SingleModel(ServedModel(task, 0, 0, runner))
        inference = InferenceModel(AnswerRows(served, self._timer)).execute(task, parts.test)
        begin("for the importance of the columns")
        sample = some_rows(parts.test, min(IMPORTANCE_ROWS, parts.test.n_rows))
        importance = permutation_importance(task, sample, runner.predict, task.training.seed)
        metrics = {"train": score_of(task, train, parts.train), "valid": score_of(task, valid, parts.valid),
                   "test": dict(inference.metrics)}
        return _Judged(learned_from(task, parts.train, train), metrics, importance, inference)


def _pieces(task: Task, rows: Table, runner: ModelRunner, go_on: Callable[[], None]) -> Iterator[Predictions]:
    """The answers to rows of a check, made when they are asked for: of pictures, which take many times their memory,
    one by one. go_on: before each step."""
    for step in rows.chunks(task.rules.step_rows):
        go_on()
        yield from map(runner.predict, [step] if task.rules.rows_are_small else step.chunks(1))


@dataclass(frozen=True, eq=False, slots=True)
class _Judged:
    """carried: by the file."""

    carried: Mapping[str, str]
    metrics: Metrics
    importance: Mapping[str, float]
    inference: Inference


class _Steps:
    """Where many rows take many steps, each is told of in the words that the first began with."""

    def __init__(self, begin: Callable[[str], None]) -> None:
        self._begin, self._words = begin, ""

    def begin(self, words: str) -> None:
        self._words = words
        self.go_on()

    def go_on(self) -> None:
        self._begin(self._words)
