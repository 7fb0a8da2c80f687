"""The contract of the port Trainer, and of the TrainedModel that it gives."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from adapters.catboost.card import CARD
from adapters.catboost.pictures.trainer import CatboostClassTrainer
from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.catboost.trainer import CatboostTrainer
from adapters.coded.trainer import CodedTrainer
from adapters.efficientnet.trainer import EfficientnetTrainer
from adapters.efficientnet.weights import installed
from adapters.matrix.lightgbm.trainer import LightgbmTrainer
from adapters.matrix.linear.trainer import LinearTrainer as MatrixLinearTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.tensorboard.curve_writer import TensorboardCurveWriter
from application.decorators.trainer import TrainerByKind
from application.ports.model_runner import ModelLoader
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from domain import parity
from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.picture import cells
from domain.schema import Column, Schema
from domain.scoring import score
from domain.splitting import Parts
from domain.table import Table, TableDigest, concat
from domain.task import Task
from domain.trainer_card import from_plain, to_plain
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, TEMP, make_parts, make_task, texts
from tests.fakes.model_runner import LinearModelLoader
from tests.fakes.trainer import LinearTrainer
from tests.pictures import MASK, make_class_parts, make_class_task, make_picture_parts, make_picture_task

BACKBONE = installed()


def efficientnet() -> EfficientnetTrainer:
    return EfficientnetTrainer(BACKBONE, TensorboardCurveWriter(), CARD, 2)


def by_kind() -> TrainerByKind:
    return TrainerByKind({**{(Kind.TABULAR, problem): LinearTrainer() for problem in PROBLEMS},
                          (Kind.IMAGE, Problem.SEGMENTATION): CatboostPixelTrainer(2)})


MAKERS = {
    LinearTrainer: (LinearTrainer, LinearModelLoader),
    TrainerByKind: (by_kind, LinearModelLoader),
    CatboostTrainer: (lambda: CatboostTrainer(2), OnnxModelLoader),
    CodedTrainer: (lambda: CodedTrainer(CatboostTrainer(2)), OnnxModelLoader),
    MatrixLinearTrainer: (MatrixLinearTrainer, OnnxModelLoader),
    LightgbmTrainer: (lambda: LightgbmTrainer(2), OnnxModelLoader),
    CatboostPixelTrainer: (lambda: CatboostPixelTrainer(2), OnnxModelLoader),
    CatboostClassTrainer: (lambda: CatboostClassTrainer(2), OnnxModelLoader),
    EfficientnetTrainer: (efficientnet, OnnxModelLoader),
}
REMARK = "примечание"
PICTURES = {"classes": ("bar", "disc", "ring"), "two classes": ("bar", "disc")}
OF_TABLES = (LinearTrainer, CatboostTrainer, TrainerByKind, MatrixLinearTrainer, LightgbmTrainer)
PROBLEMS = (Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION)


@dataclass(frozen=True)
class Fitted:
    trainer: Trainer
    loader: ModelLoader
    problem: Problem | str
    task: Task
    parts: Parts
    model: TrainedModel
    calls: list[tuple[int, int, float]]
    events: Path


@pytest.fixture(scope="module", params=[
    *(pytest.param((trainer, problem), id=f"{trainer.__name__}-{problem}")
      for trainer in OF_TABLES for problem in PROBLEMS),
    *(pytest.param((CodedTrainer, problem), id=f"CodedTrainer-{problem}") for problem in PROBLEMS),
    pytest.param((CatboostPixelTrainer, Problem.SEGMENTATION), id="CatboostPixelTrainer"),
    pytest.param((CatboostClassTrainer, "classes"), id="CatboostClassTrainer"),
    pytest.param((CatboostClassTrainer, "two classes"), id="CatboostClassTrainer-two"),
    *(pytest.param((EfficientnetTrainer, problem), id=f"EfficientnetTrainer-{problem}", marks=pytest.mark.skipif(
        BACKBONE is None, reason="the extra pictures is not installed")) for problem in PICTURES),
])
def fitted(request, tmp_path_factory) -> Fitted:
    maker, problem = request.param
    make_trainer, make_loader = MAKERS[maker]
    trainer, calls = make_trainer(), []
    task, parts = data_of(problem) if maker is not CodedTrainer else with_texts(*data_of(problem))
    task = known_to(trainer, task)
    events = tmp_path_factory.mktemp("run") / "tensorboard"
    model = trainer.fit(task, parts, events, lambda *call: calls.append(call))
    return Fitted(trainer, make_loader(), problem, task, parts, model, calls, events)


def data_of(problem: Problem | str, seed: int = 0) -> tuple[Task, Parts]:
    if problem in PICTURES:
        task = make_class_task(labels=PICTURES[problem])
        return task, make_class_parts(task, 30, seed)
    if problem is Problem.SEGMENTATION:
        return make_picture_task(), make_picture_parts(make_picture_task(), seed=seed)
    return make_task(problem), make_parts(make_task(problem), 300, seed)


def with_texts(task: Task, parts: Parts) -> tuple[Task, Parts]:
    """With a column of free texts, which know of the target."""
    columns = (*task.schema.columns, Column(REMARK, ColumnType.TEXT))
    return replace(task, schema=Schema(columns)), Parts(*(
        Table({**table.columns, REMARK: texts(map(remark, range(table.n_rows), table[LATE].tolist()))})
        for table in (parts.train, parts.valid, parts.test)))


def remark(row: int, target: object) -> str:
    kind = sum(str(target).encode()) % 2
    words = ("рейс", "ПОЗДНО", "on", "time", "Gate", "№", "7") if kind else ("ok", "в", "срок")
    return "" if row % 9 == 0 else f"{words[row % len(words)]} {words[row // 3 % len(words)]}, flight {row % 17}!"


def known_to(trainer: Trainer, task: Task) -> Task:
    """Of the task's parameters those that the trainer has."""
    known = {name: value for name, value in task.training.params.items() if name in trainer.describe().params}
    return replace(task, training=replace(task.training, params=known))


@pytest.fixture
def of_tables(fitted) -> Fitted:
    if fitted.task.kind is Kind.IMAGE:
        pytest.skip("about columns of tables")
    return fitted


@pytest.fixture(params=OF_TABLES)
def trainer(request) -> Trainer:
    return MAKERS[request.param][0]()


def fit(trainer: Trainer, task: Task, parts: Parts, folder: Path) -> TrainedModel:
    return trainer.fit(known_to(trainer, task), parts, folder, lambda *_: None)


def with_targets(parts: Parts, targets) -> Parts:
    train = Table({**parts.train.columns, LATE: targets(parts.train.n_rows)})
    return Parts(train, parts.valid, parts.test)


def test_it_learns(fitted):
    targets = fitted.task.targets(fitted.parts.test[fitted.task.schema.target.name])
    scores = score(fitted.task, targets, fitted.model.predict(fitted.parts.test))
    least = {"auc": 0.8, "accuracy": 0.55, "r2": 0.5, "iou": 0.9}
    judged = {name: value for name, value in scores.items() if name in least}
    assert judged
    assert all(value > least[name] for name, value in judged.items()), scores


def test_the_export_answers_as_the_model(fitted):
    runner = fitted.loader.load(fitted.model.export())
    for table in (fitted.parts.train, fitted.parts.test, fitted.parts.test.take(slice(0, 1))):
        assert parity.check(fitted.model.predict(table), runner.predict(table), "rows") <= 1e-5


def test_the_export_answers_as_the_model_where_exports_go_wrong(fitted):
    made = fitted.task.rules.made_rows(fitted.task.schema.features, fitted.parts.train, fitted.model.borders)
    answers = fitted.loader.load(fitted.model.export()).predict(made)
    assert parity.check(fitted.model.predict(made), answers, "made rows") <= 1e-5


def test_the_export_says_what_it_is(fitted):
    card = fitted.loader.load(fitted.model.export()).card
    assert (card.task, card.labels, card.experiment_id) == (fitted.task.name, fitted.task.labels, None)
    assert [(c.name, c.type) for c in card.features] == [(c.name, c.type) for c in fitted.task.schema.features]


def test_the_same_rows_parameters_and_seed_give_the_same_bytes(fitted, tmp_path):
    again = fit(fitted.trainer, fitted.task, fitted.parts, tmp_path)
    assert again.export() == fitted.model.export()
    assert fitted.model.export() == fitted.model.export()
    assert again.learning_curve == fitted.model.learning_curve
    assert again.importance == fitted.model.importance


def test_other_parameters_give_another_model(fitted, tmp_path):
    other = replace(fitted.task, training=fitted.task.training.override({"iterations": 2}))
    again = fit(fitted.trainer, other, fitted.parts, tmp_path)
    assert len(again.learning_curve) <= 2
    assert again.export() != fitted.model.export()


def test_every_iteration_is_told(fitted):
    limit = fitted.task.training.params["iterations"]
    numbers = [number for number, _, _ in fitted.calls]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {iterations for _, iterations, _ in fitted.calls} == {limit}
    assert [loss for _, _, loss in fitted.calls] == pytest.approx([row["valid"] for row in fitted.model.learning_curve])


def test_the_learning_curve(fitted):
    curve = fitted.model.learning_curve
    assert [row["iteration"] for row in curve] == list(range(1, len(curve) + 1))
    assert all(set(row) == {"iteration", "train", "valid"} for row in curve)
    assert curve[-1]["train"] < curve[0]["train"]


def test_the_importance_sums_to_one(fitted):
    assert sum(fitted.model.importance.values()) == pytest.approx(1)
    assert min(fitted.model.importance.values()) >= 0


def test_the_importance_sees_what_counts(of_tables):
    shares = of_tables.model.importance
    assert set(shares) == {column.name for column in of_tables.task.schema.features}
    assert shares[TEMP] > shares[ENGINE]


def test_the_importance_sees_what_counts_in_a_pixel(fitted):
    if fitted.task.problem is not Problem.SEGMENTATION:
        pytest.skip("about pixels")
    assert fitted.model.importance["intensity"] + fitted.model.importance["Gaussian at 1 px"] > 0.3


def test_the_borders_belong_to_the_numbers(of_tables):
    assert set(of_tables.model.borders) == {TEMP, DISTANCE}
    assert {borders.dtype for borders in of_tables.model.borders.values()} == {np.dtype(np.float32)}


def test_the_events_are_files_of_tensorboard_and_nothing_else(fitted):
    """Where a trainer leaves none, its learning curve becomes some."""
    files = [path.name for path in fitted.events.rglob("*") if path.is_file()]
    assert files or not isinstance(fitted.trainer, CatboostTrainer | CatboostPixelTrainer)
    assert all("tfevents" in name for name in files)


def test_the_native_file_is_there(fitted):
    assert len(fitted.model.native()) > 100


def test_the_same_model_once_more_on_other_rows(fitted, tmp_path):
    """With the number of steps that came out, and the curve that chose it."""
    if fitted.model.refit is None:
        assert not fitted.trainer.describe().refits
        return
    rows = concat([fitted.parts.train, fitted.parts.test])
    again = fitted.model.refit(rows)
    assert again.export() != fitted.model.export()
    assert again.export() == fitted.model.refit(rows).export()
    assert again.learning_curve == fitted.model.learning_curve
    answers = fitted.loader.load(again.export()).predict(fitted.parts.test)
    assert parity.check(again.predict(fitted.parts.test), answers, "rows") <= 1e-5


def test_it_describes_itself(trainer):
    card = trainer.describe()
    assert card == trainer.describe()
    assert card == from_plain(json.loads(json.dumps(to_plain(card))))
    assert card.faults(card.resolved({}, Kind.TABULAR, 100)) == []
    assert all(parameter.meaning for parameter in card.params.values())


def test_the_held_out_rows_are_not_looked_at(fitted, tmp_path):
    _, other = data_of(fitted.problem, seed=9)
    parts = Parts(fitted.parts.train, fitted.parts.valid, other.test)
    assert fit(fitted.trainer, fitted.task, parts, tmp_path).export() == fitted.model.export()


def test_the_rows_are_not_changed(fitted, tmp_path):
    before = [digest(table) for table in (fitted.parts.train, fitted.parts.valid)]
    fit(fitted.trainer, fitted.task, fitted.parts, tmp_path)
    assert [digest(table) for table in (fitted.parts.train, fitted.parts.valid)] == before


def digest(table: Table) -> str:
    made = TableDigest()
    made.update(table)
    return made.hexdigest()


def test_each_kind_has_its_own(tmp_path):
    for problem, loader in ((Problem.BINARY, LinearModelLoader()), (Problem.SEGMENTATION, OnnxModelLoader())):
        task, parts = data_of(problem)
        assert loader.load(fit(by_kind(), task, parts, tmp_path / problem).export()).card.task == task.name


def test_pictures_of_one_class_alone_are_nothing_to_learn(tmp_path):
    task, parts = data_of(Problem.SEGMENTATION)
    empty = cells([np.zeros_like(mask) for mask in parts.train[MASK]])
    parts = Parts(Table({**parts.train.columns, MASK: empty}), parts.valid, parts.test)
    with pytest.raises(TrainingFailed, match="are ground"):
        fit(CatboostPixelTrainer(2), task, parts, tmp_path)


def test_a_class_that_the_training_masks_lack_is_a_class_all_the_same(tmp_path):
    task = make_picture_task(labels=("ground", "cell", "dust"), values=())
    parts = make_picture_parts(make_picture_task())
    answers = fit(CatboostPixelTrainer(2), task, parts, tmp_path).predict(parts.test).probabilities[0]
    assert answers.shape == (40, 56, 3)
    assert answers.sum(axis=2) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.REGRESSION])
def test_one_class_alone_is_nothing_to_learn(trainer, problem, tmp_path):
    task = make_task(problem)
    same = np.float32([7] * 1_000) if problem is Problem.REGRESSION else texts(["1"] * 1_000)
    with pytest.raises(TrainingFailed, match="same late"):
        fit(trainer, task, with_targets(make_parts(task, 100), lambda n_rows: same[:n_rows]), tmp_path)


def test_a_class_that_the_training_rows_lack_is_a_class_all_the_same(trainer, tmp_path):
    task = make_task(Problem.MULTICLASS)
    first, second, _ = task.labels
    parts = with_targets(make_parts(task, 200), lambda n: texts([first, second] * n)[:n])
    answers = fit(trainer, task, parts, tmp_path).predict(parts.test)
    assert answers.probabilities.shape == (parts.test.n_rows, 3)
    assert np.isfinite(answers.probabilities).all()


def test_columns_without_a_value_are_trained_on_or_refused_in_words(trainer, tmp_path):
    task, parts = make_task(), make_parts(make_task(), 100)
    empty = {TEMP: np.full(parts.train.n_rows, np.nan, dtype=np.float32), ENGINE: texts([""] * parts.train.n_rows),
             CARRIER: texts(["UA"] * parts.train.n_rows), DISTANCE: np.zeros(parts.train.n_rows, dtype=np.float32)}
    parts = Parts(Table({**parts.train.columns, **empty}), parts.valid, parts.test)
    try:
        model = fit(trainer, task, parts, tmp_path)
    except TrainingFailed as failure:
        assert failure.detail
    else:
        assert np.isfinite(model.predict(parts.test).probabilities).all()
