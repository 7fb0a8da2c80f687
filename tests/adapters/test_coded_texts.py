"""Free texts in the graph: the same tokens, the same sums, whatever is written."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest

from adapters.catboost.trainer import CatboostTrainer
from adapters.coded.learning import fit_texts
from adapters.coded.tokens import Alphabet
from adapters.coded.trainer import CodedTrainer
from adapters.matrix.lightgbm.trainer import LightgbmTrainer
from adapters.matrix.linear.trainer import LinearTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.tiles import TILE_CHARACTERS, TILE_ROWS, tiles
from application.use_cases.train_model import TrainModel
from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.scoring import score
from domain.splitting import Parts, part
from domain.table import Table
from domain.task import Task
from domain.training import Training
from tests.builders import texts

GOOD = ("отличная вещь", "works very well", "советую всем", "five stars", "РАБОТАЕТ", "great value")
BAD = ("сломалось сразу", "money wasted", "не советую", "one star", "Ужасно", "never again")
DULL = ("the box was blue", "привезли во вторник", "for my aunt", "на дачу", "№ 7", "e-mail")
ODD = ["", " ", "\t\n", "😀😀😀", "日本語の文章", "a" * 10_000, "w " * 5_000, "\u0301\u0301", "ß SS ſ İ ı", "0" * 40, "ё Ё е Е",
       "'\"\\<&>;--", "советую" + "\u200b" + "всем", "ГРЕЙТ value\u00a0five\u2028stars", "\U0010ffff\ue000\ufffd"]
THREE = ("bad", "dull", "good")


def reviews(problem: Problem, n_rows: int = 400, seed: int = 0) -> tuple[Task, Parts]:
    random = np.random.default_rng(seed)
    wishes = random.integers(0, 3 if problem is Problem.MULTICLASS else 2, n_rows) * (
        1 if problem is Problem.MULTICLASS else 2)
    said = [" ".join([*random.choice(DULL, 3), *random.choice((BAD, DULL, GOOD)[wish], 2), str(random.integers(99))])
            for wish in wishes]
    target = {Problem.BINARY: lambda: texts(["no" if wish == 0 else "yes" for wish in wishes]),
              Problem.MULTICLASS: lambda: texts([THREE[wish] for wish in wishes]),
              Problem.REGRESSION: lambda: wishes + random.normal(0, 0.1, n_rows)}[problem]()
    labels = {Problem.BINARY: ("no", "yes"), Problem.MULTICLASS: THREE, Problem.REGRESSION: ()}[problem]
    kind = ColumnType.NUMBER if problem is Problem.REGRESSION else ColumnType.CATEGORY
    task = Task("reviews", Kind.TABULAR, problem, Schema((
        Column("sold", ColumnType.NUMBER), Column("review", ColumnType.TEXT),
        Column("review: score", ColumnType.NUMBER), Column("y", kind, Role.TARGET, nullable=False))), labels)
    table = Table({"sold": random.normal(0, 1, n_rows), "review": texts(said),
                   "review: score": random.normal(0, 1, n_rows), "y": target})
    return task, part(table, task.split)


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
@pytest.mark.parametrize("trainer", [CatboostTrainer(1), LinearTrainer(), LightgbmTrainer(1)],
                         ids=["catboost", "linear", "lightgbm"])
def test_they_are_learned_and_answered_as_trained(trainer, problem, tmp_path):
    task, parts = reviews(problem)
    task = replace(task, training=Training.of(iterations=50))
    made = TrainModel(CodedTrainer(trainer), OnnxModelLoader()).execute(task, parts, tmp_path, lambda *_: None)
    assert made.parity < 1e-5
    found = score(task, task.targets(parts.test["y"]), OnnxModelLoader().load(made.judged).predict(parts.test))
    assert found.get("accuracy", found.get("r2")) > 0.9
    assert "review" in next(plot for plot in made.plots if plot.name == "feature_importance").rows[0].values()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    task, parts = reviews(Problem.BINARY)
    trained = CodedTrainer(CatboostTrainer(1)).fit(task, parts, tmp_path_factory.mktemp("run"), lambda *_: None)
    return trained, OnnxModelLoader().load(trained.export()), parts.test


def rows_of(table: Table, said: list[str]) -> Table:
    return Table({**table.take(np.zeros(len(said), int)).columns, "review": texts(said)})


def test_odd_texts_are_scored_to_the_bit(model):
    trained, runner, table = model
    rows = rows_of(table, ODD + [text.swapcase() for text in ODD])
    np.testing.assert_allclose(runner.predict(rows).probabilities, trained.predict(rows).probabilities, atol=1e-6)


@pytest.mark.parametrize("said", [[""], ["x"], ["", ""], ["", "a whole sentence of words"]])
def test_a_text_is_answered_alike_alone_and_among_others(model, said):
    _, runner, table = model
    rows = rows_of(table, said)
    alone = [runner.predict(row).probabilities for row in rows.chunks(1)]
    np.testing.assert_array_equal(np.concatenate(alone), runner.predict(rows).probabilities)


def test_case_says_nothing(model):
    _, runner, table = model
    said = ["Советую всем, great value", "советую всем, Great Value", "СОВЕТУЮ ВСЕМ, GREAT VALUE"]
    trained, *_ = model
    scores = trained._columns.codes["review"].transform(texts(said))[:, 0]
    assert len(set(scores.tolist())) == 1


def test_only_operators_of_stock_onnxruntime_and_no_locale(model):
    trained, *_ = model
    file = onnx.load_from_string(trained.export())
    assert {node.domain for node in file.graph.node} <= {"", "ai.onnx.ml", "com.microsoft"}
    assert not {"StringNormalizer"} & {node.op_type for node in file.graph.node}
    assert [tensor.name for tensor in file.graph.input] == ["sold", "review", "review: score"]
    session = onnxruntime.InferenceSession(file.SerializeToString())
    answer = session.run(None, {"sold": np.zeros((1, 1), np.float32), "review: score": np.zeros((1, 1), np.float32),
                                "review": np.array([["never again"]], object)})
    assert len(answer) == 2


def test_the_same_rows_give_the_same_file(model, tmp_path):
    trained, *_ = model
    task, parts = reviews(Problem.BINARY)
    assert CodedTrainer(CatboostTrainer(1)).fit(task, parts, tmp_path, lambda *_: None).export() == trained.export()


def test_no_text_is_scored_by_a_model_that_has_seen_its_target():
    """Noise that is learned by heart would be told by its score; out of fold it is not."""
    random = np.random.default_rng(3)
    said = texts([f"word{number % 200} again{number % 150}" for number in range(600)])
    targets = random.integers(0, 2, 600)
    out_of_fold, code = fit_texts(said, targets, 2, 0)
    known = code.transform(said)[:, 0]
    assert np.corrcoef(known, targets)[0, 1] > 0.2 > abs(np.corrcoef(out_of_fold[:, 0], targets)[0, 1]) + 0.05


def test_of_many_texts_some_are_learned_from_and_all_are_scored(monkeypatch):
    random = np.random.default_rng(5)
    targets = random.integers(0, 2, 400)
    said = texts([f"{'good' if target else 'bad'} thing number {number}" for number, target in enumerate(targets)])
    monkeypatch.setattr("adapters.coded.learning.MAX_CHARACTERS", 4_000)
    monkeypatch.setattr("adapters.coded.text_code._AT_ONCE", 1_000)
    matrix, code = fit_texts(said, targets, 2, 0)
    assert ((matrix[:, 0] > 0) == targets).mean() > 0.95 and matrix.shape == (400, 6)
    monkeypatch.setattr("adapters.coded.text_code._AT_ONCE", 10**9)
    whole = code.transform(said)
    monkeypatch.setattr("adapters.coded.text_code._AT_ONCE", 37)
    np.testing.assert_array_equal(code.transform(said), whole)


@pytest.mark.parametrize("values", [["", "", "", ""], ["a", "b", "c", "d"], ["one text"] * 4])
def test_texts_that_say_nothing(values):
    out_of_fold, code = fit_texts(texts(values), np.array([0, 1, 0, 1]), 2, 0)
    assert np.isfinite(out_of_fold).all() and np.isfinite(code.transform(texts(values))).all()


def test_one_class_alone_is_told_by_the_trainer(tmp_path):
    task, parts = reviews(Problem.BINARY)
    same = Table({**parts.train.columns, "y": texts(["no"] * parts.train.n_rows)})
    with pytest.raises(Exception, match="nothing to learn"):
        CodedTrainer(CatboostTrainer(1)).fit(task, Parts(same, parts.valid, parts.test), tmp_path, lambda *_: None)


def test_words_that_came_in_one_case_are_known_in_others():
    alphabet = Alphabet.of(["привет мир", "привет мир"])
    assert alphabet.words["привет"] == alphabet.words["Привет"] == alphabet.words["ПРИВЕТ"]
    assert alphabet.characters["п"] == alphabet.characters["П"]


def test_tiles_hold_few_long_texts():
    said = texts(["short"] * 700 + ["x" * 10_000] * 60 + ["short"] * 100)
    table = Table({"review": said})
    cut = [table.take(tile) for tile in tiles(table, ["review"])]
    assert [cell for tile in cut for cell in tile["review"]] == said.tolist()
    assert all(tile.n_rows <= TILE_ROWS for tile in cut)
    assert all(tile.n_rows * max(map(len, tile["review"])) <= TILE_CHARACTERS or tile.n_rows == 1 for tile in cut)
