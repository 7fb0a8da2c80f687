"""The contract of the ports ModelRunner and ModelLoader."""
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from adapters.catboost.pictures.trainer import CatboostClassTrainer
from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.catboost.trainer import CatboostTrainer
from adapters.onnx.classes.model_runner import OnnxClassModelRunner
from adapters.onnx.model_runner import OnnxModelLoader, OnnxModelRunner
from adapters.onnx.pictures.model_runner import OnnxPictureModelRunner
from application.decorators.model_runner import SteppedRunner
from application.decorators.threshold import AtThreshold
from application.ports.model_runner import ModelLoader, UnreadableModel
from domain.columns import ColumnType
from domain.errors import ModelRejected
from domain.kinds.kind import Problem
from domain.picture import cells
from domain.prediction import Predictions
from domain.table import Table
from domain.task import Task
from tests.builders import CARRIER, ENGINE, FEATURES, LABELS, LATE, TEMP, make_parts, make_table, make_task, texts
from tests.fakes.model_runner import LinearModelLoader, LinearModelRunner
from tests.fakes.trainer import LinearTrainer
from tests.pictures import (
    IMAGE,
    make_class_parts,
    make_class_task,
    make_classified,
    make_picture_parts,
    make_picture_task,
    make_pictures,
)


class SteppedLoader(LinearModelLoader):
    """Its runners answer in steps of 100 rows."""

    def load(self, model):
        return SteppedRunner(super().load(model), 100, lambda: None)


class DecidedLoader(LinearModelLoader):
    """Its runners decide between two labels as the model does."""

    def load(self, model):
        runner = super().load(model)
        return AtThreshold(runner, 0.5) if len(runner.card.labels) == 2 else runner


MAKERS = {
    LinearModelRunner: (LinearModelLoader, LinearTrainer),
    SteppedRunner: (SteppedLoader, LinearTrainer),
    AtThreshold: (DecidedLoader, LinearTrainer),
    OnnxModelRunner: (OnnxModelLoader, lambda: CatboostTrainer(1)),
}
NAMES = [column.name for column in FEATURES]


@dataclass(frozen=True)
class Made:
    loader: ModelLoader
    task: Task
    model: bytes
    reference: Predictions  # the trainer's own answers to `rows(task, 300)`


@pytest.fixture(scope="module", params=[
    pytest.param((runner, problem), id=f"{runner.__name__}-{problem}")
    for runner in MAKERS for problem in (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)])
def made(request, tmp_path_factory) -> Made:
    runner, problem = request.param
    make_loader, make_trainer = MAKERS[runner]
    task = make_task(problem)
    trained = make_trainer().fit(task, make_parts(task, 200), tmp_path_factory.mktemp("events"), lambda *_: None)
    return Made(make_loader(), task, trained.export(), trained.predict(rows(task, 300)))


@pytest.fixture(scope="module", params=[LinearModelLoader, OnnxModelLoader])
def loader(request) -> ModelLoader:
    return request.param()


def rows(task: Task, n_rows: int, seed: int = 1) -> Table:
    return make_table(task, n_rows, seed).select(NAMES)


def assert_same(actual: Predictions, expected: Predictions, tolerance: float = 0.0) -> None:
    assert actual.labels == expected.labels
    if expected.probabilities is None:
        assert actual.probabilities is None
        np.testing.assert_allclose(actual.values, expected.values, rtol=tolerance, atol=tolerance)
    else:
        assert actual.values.tolist() == expected.values.tolist()
        np.testing.assert_allclose(actual.probabilities, expected.probabilities, rtol=0, atol=tolerance)


def test_the_file_answers_as_the_model_it_was_made_of(made):
    answers = made.loader.load(made.model).predict(rows(made.task, 300))
    assert_same(answers, made.reference, 1e-5)


def test_the_form_of_the_answers(made):
    answers = made.loader.load(made.model).predict(rows(made.task, 7))
    assert answers.n_rows == 7
    assert answers.labels == made.task.labels == LABELS[made.task.problem]
    if made.task.problem is Problem.REGRESSION:
        assert (answers.values.dtype, answers.values.shape, answers.probabilities) == (np.float32, (7,), None)
    else:
        assert answers.values.shape == (7,)
        assert answers.values.dtype == (object if isinstance(made.task.labels[0], str) else np.int64)
        assert (answers.probabilities.dtype, answers.probabilities.shape) == (np.float32, (7, len(made.task.labels)))
        np.testing.assert_allclose(answers.probabilities.sum(axis=1), 1, atol=1e-6)
        best = [made.task.labels[position] for position in answers.probabilities.argmax(axis=1)]
        assert answers.values.tolist() == best


def test_answers_differ_with_the_rows(made):
    answers = made.loader.load(made.model).predict(rows(made.task, 50))
    assert len(set(answers.scores.tolist())) > 10


@pytest.mark.parametrize("n_rows", [0, 1, 511, 512, 513, 2000])
def test_any_number_of_rows_in_their_order(made, n_rows):
    runner, table = made.loader.load(made.model), rows(made.task, 2000, seed=3)
    expected = runner.predict(table.take(slice(1999, None, -1)))
    answers = runner.predict(table.take(slice(0, n_rows)))
    assert answers.n_rows == n_rows
    assert answers.scores.dtype == np.float32
    backwards = Predictions(expected.values[::-1][:n_rows], None if expected.probabilities is None
                            else expected.probabilities[::-1][:n_rows], expected.labels)
    assert_same(answers, backwards, 1e-6)


def test_single_rows_answer_as_the_table_does(made):
    runner, table = made.loader.load(made.model), rows(made.task, 20)
    together = runner.predict(table)
    for row, one in enumerate(table.chunks(1)):
        assert_same(runner.predict(one), Predictions(
            together.values[row:row + 1], None if together.probabilities is None
            else together.probabilities[row:row + 1], together.labels), 1e-6)


def test_the_order_of_the_columns_does_not_matter_and_others_are_not_looked_at(made):
    runner, table = made.loader.load(made.model), make_table(made.task, 30)
    mixed = table.select(sorted(table.columns, reverse=True))
    assert LATE in mixed.columns
    assert_same(runner.predict(mixed), runner.predict(table.select(NAMES)))


def test_the_rows_are_not_changed(made):
    table = rows(made.task, 600)
    before = {name: values.copy() for name, values in table.columns.items()}
    for values in table.columns.values():
        values.flags.writeable = False
    made.loader.load(made.model).predict(table)
    for name, values in before.items():
        np.testing.assert_array_equal(table[name], values)


def test_missing_extreme_and_unseen_values_are_answered(made):
    odd = {TEMP: np.array([np.nan, 3.4e38, -3.4e38, -0.0], dtype=np.float32)}
    unseen = texts(["", "unseen", "\U0001f6eb" * 2_000, "a\nb\t\"'"])
    table = Table(rows(made.task, 4).columns | odd | {CARRIER: unseen, ENGINE: unseen})
    answers = made.loader.load(made.model).predict(table)
    assert np.isfinite(answers.scores).all()


def test_calls_run_side_by_side(made):
    runner, tables = made.loader.load(made.model), [rows(made.task, 700, seed) for seed in range(8)]
    expected = [runner.predict(table) for table in tables]
    with ThreadPoolExecutor(8) as pool:
        for actual, wanted in zip(pool.map(runner.predict, tables * 4), expected * 4, strict=True):
            assert_same(actual, wanted)


def test_the_card_is_read_from_the_file(made):
    card = made.loader.load(made.model).card
    kinds = {ColumnType.NUMBER: "tensor(float)", ColumnType.CATEGORY: "tensor(string)"}
    assert [(tensor.name, tensor.type) for tensor in card.inputs] == [(c.name, kinds[c.type]) for c in FEATURES]
    assert [(column.name, column.type) for column in card.features] == [(c.name, c.type) for c in FEATURES]
    assert [tensor.name for tensor in card.outputs] == [
        "prediction", *([] if made.task.problem is Problem.REGRESSION else ["probabilities"])]
    assert (card.task, card.experiment_id, card.labels) == ("flights", None, made.task.labels)
    assert card.metadata["problem"] == made.task.problem
    assert [(entry["name"], entry["type"], entry["nullable"]) for entry in json.loads(card.metadata["signature"])] == [
        (column.name, column.type, column.nullable) for column in FEATURES]


def test_a_stamp_stands_beside_what_the_file_says_already(made):
    said = {"experiment_id": "17", "experiment_name": "Опыт, \"первый\"\n", "task": "x"}
    stamped = made.loader.stamp(made.model, said)
    before, card = made.loader.load(made.model).card, made.loader.load(stamped).card
    assert dict(card.metadata) == dict(before.metadata) | said
    assert (card.experiment_id, card.task, card.features) == (17, "x", before.features)
    table = rows(made.task, 300)
    assert_same(made.loader.load(stamped).predict(table), made.loader.load(made.model).predict(table))


def test_a_stamp_is_the_same_bytes_each_time_in_whatever_order_it_comes(made):
    marks = {"saved_at": "2026-01-02T03:04:05+00:00", "commit_hash": "abc", "metrics": "{}"}
    stamped = made.loader.stamp(made.model, marks)
    assert made.loader.stamp(made.model, dict(reversed(marks.items()))) == stamped
    assert made.loader.stamp(stamped, marks) == stamped
    assert made.loader.stamp(stamped, {}) == stamped
    assert made.loader.stamp(stamped, {"commit_hash": "abd"}) != stamped


@pytest.mark.parametrize("broken", [b"", b"\0", b"not a model", b"{}", b"[]", b"\xff" * 100])
def test_bytes_that_are_no_model(loader, broken):
    with pytest.raises(UnreadableModel) as failure:
        loader.load(broken)
    assert isinstance(failure.value, ModelRejected)
    assert failure.value.detail


def test_a_cut_off_file_is_no_model(made):
    with pytest.raises(UnreadableModel):
        made.loader.load(made.model[:len(made.model) // 2])


@pytest.mark.parametrize("broken", [b"not a model", b"\xff" * 100])
def test_bytes_that_are_no_model_cannot_be_stamped(loader, broken):
    with pytest.raises(UnreadableModel):
        loader.stamp(broken, {"a": "b"})


# --- runners of pictures ---

SIZES = ((40, 56), (1, 1), (17, 90), (64, 64))


@pytest.fixture(scope="module", params=[
    {}, {"channels": 3}, {"bits": 16, "labels": (0, 1, 2), "values": ()}], ids=["grey", "colour", "16 bits, 3 classes"])
def of_pictures(request, tmp_path_factory) -> Made:
    task = make_picture_task(**request.param)
    trained = CatboostPixelTrainer(1).fit(task, make_picture_parts(task), tmp_path_factory.mktemp("events"),
                                          lambda *_: None)
    return Made(OnnxModelLoader(), task, trained.export(), trained.predict(pictures(task)))


def pictures(task: Task, sizes=SIZES) -> Table:
    return Table({IMAGE: cells([make_pictures(task, 1, seed, 64, 96)[IMAGE][0][:height, :width]
                                for seed, (height, width) in enumerate(sizes)])})


def assert_same_pictures(actual: Predictions, expected: Predictions, tolerance: float = 0.0) -> None:
    assert (actual.labels, actual.n_rows) == (expected.labels, expected.n_rows)
    for one, other, shares, others in zip(actual.values, expected.values, actual.probabilities, expected.probabilities,
                                          strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(shares, others, rtol=0, atol=tolerance)


def test_a_file_of_pictures_answers_as_the_model_it_was_made_of(of_pictures):
    runner = of_pictures.loader.load(of_pictures.model)
    assert isinstance(runner, OnnxPictureModelRunner)
    assert_same_pictures(runner.predict(pictures(of_pictures.task)), of_pictures.reference, 1e-5)


def test_the_form_of_the_answers_to_pictures(of_pictures):
    answers = of_pictures.loader.load(of_pictures.model).predict(pictures(of_pictures.task))
    assert [(values.dtype, values.shape) for values in answers.values] == [(np.uint8, size) for size in SIZES]
    classes = len(of_pictures.task.labels)
    assert [(shares.dtype, shares.shape) for shares in answers.probabilities] == [
        (np.float32, (*size, classes)) for size in SIZES]
    assert answers.probabilities[0].sum(axis=2) == pytest.approx(1, abs=1e-5)
    assert (answers.scores.dtype, answers.scores.shape) == (np.float32, (4,))


@pytest.mark.parametrize("sizes", [(), SIZES[:1], SIZES[::-1]], ids=["none", "one", "backwards"])
def test_any_number_of_pictures_in_their_order(of_pictures, sizes):
    runner = of_pictures.loader.load(of_pictures.model)
    answers = runner.predict(pictures(of_pictures.task, sizes))
    assert [values.shape for values in answers.values] == list(sizes)


def test_pictures_are_not_changed(of_pictures):
    table = pictures(of_pictures.task)
    before = [pixels.copy() for pixels in table[IMAGE]]
    for pixels in table[IMAGE]:
        pixels.flags.writeable = False
    of_pictures.loader.load(of_pictures.model).predict(table)
    for pixels, kept in zip(table[IMAGE], before, strict=True):
        np.testing.assert_array_equal(pixels, kept)


def test_calls_with_pictures_run_side_by_side(of_pictures):
    runner, table = of_pictures.loader.load(of_pictures.model), pictures(of_pictures.task)
    expected = runner.predict(table)
    with ThreadPoolExecutor(4) as pool:
        for actual in pool.map(runner.predict, [table] * 8):
            assert_same_pictures(actual, expected)


def test_the_card_of_a_file_of_pictures(of_pictures):
    card, column = of_pictures.loader.load(of_pictures.model).card, of_pictures.task.schema.features[0]
    assert [(c.name, c.type, c.channels, c.bits) for c in card.features] == [
        (IMAGE, ColumnType.PICTURE, column.channels, column.bits)]
    assert [tensor.name for tensor in card.outputs] == ["prediction", "probabilities"]
    assert (card.task, card.labels) == ("nuclei", of_pictures.task.labels)


def test_a_stamped_file_of_pictures_answers_the_same(of_pictures):
    stamped = of_pictures.loader.load(of_pictures.loader.stamp(of_pictures.model, {"experiment_id": "17"}))
    assert stamped.card.experiment_id == 17
    assert_same_pictures(stamped.predict(pictures(of_pictures.task)), of_pictures.reference, 1e-5)


@pytest.fixture(scope="module")
def of_classes(tmp_path_factory) -> Made:
    task = make_class_task()
    trained = CatboostClassTrainer(1).fit(
        task, make_class_parts(task, 18), tmp_path_factory.mktemp("events"), lambda *_: None)
    return Made(OnnxModelLoader(), task, trained.export(), trained.predict(make_classified(task, 6, 5).select([IMAGE])))


def test_pictures_of_many_sizes_are_answered_by_a_class(of_classes):
    runner = of_classes.loader.load(of_classes.model)
    assert isinstance(runner, OnnxClassModelRunner)
    answers = runner.predict(make_classified(of_classes.task, 6, 5).select([IMAGE]))
    assert_same(answers, of_classes.reference, 1e-5)
    assert runner.predict(Table({IMAGE: cells([])})).probabilities.shape == (0, 3)


def test_the_card_of_a_model_of_classes(of_classes):
    card = of_classes.loader.load(of_classes.model).card
    column, = card.features
    assert (column.name, column.type, column.channels, column.bits) == (IMAGE, ColumnType.PICTURE, 3, 8)
    assert card.labels == of_classes.task.labels
