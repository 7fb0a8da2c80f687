from __future__ import annotations

import json
from dataclasses import replace

import pytest

from application.ports.trainer import TrainingFailed
from application.use_cases.train_model import TrainModel
from domain import parity
from domain.kinds.kind import Problem
from domain.parity import ParityBroken
from domain.scoring import score
from domain.splitting import Parts
from domain.table import concat
from tests.builders import CARRIER, LATE, TEMP, make_parts, make_task
from tests.fakes.model_runner import LinearModelLoader
from tests.fakes.trainer import LinearTrainedModel, LinearTrainer


class OnAllRows(LinearTrainer):
    """Its models can be fitted once more."""

    def fit(self, task, parts, events, on_iteration):
        model = super().fit(task, parts, events, on_iteration)
        model.refit = lambda rows: LinearTrainer.fit(
            self, task, Parts(rows, parts.valid, parts.test), events, lambda *_: None)
        return model


PROBLEMS = [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION]


def train(task, folder, trainer=None, parts=None, calls=None):
    use_case = TrainModel(trainer or LinearTrainer(), LinearModelLoader())
    return use_case.execute(task, parts or make_parts(task), folder, lambda *call: (calls or []).append(call))


class Crooked(LinearTrainer):
    """What it exports answers differently from what it trained, by `change` of the document."""

    def __init__(self, change) -> None:
        self._change = change

    def fit(self, task, parts, events, on_iteration):
        model = super().fit(task, parts, events, on_iteration)
        change = self._change

        class Exported(LinearTrainedModel):
            def export(self) -> bytes:
                document = json.loads(super().export())
                change(document)
                return json.dumps(document).encode()

        return Exported(model.native(), model.learning_curve, model.importance, model.borders)


def test_what_is_kept_learns_from_the_rows_that_chose_its_settings_too(tmp_path):
    task, parts = make_task(), make_parts(make_task())
    training = train(task, tmp_path, OnAllRows())
    first = LinearTrainer().fit(task, parts, tmp_path, lambda *_: None)
    joined = replace(parts, train=concat([parts.train, parts.valid]))
    both = LinearTrainer().fit(task, joined, tmp_path, lambda *_: None)
    assert weights(training.model) == weights(both.export()) != weights(first.export())
    assert training.judged == training.model
    targets = task.targets(parts.valid[LATE])
    unseen = score(task, targets, first.predict(parts.valid))
    assert training.metrics["valid"] == unseen, "of one that had not seen them"


class Counting(LinearModelLoader):
    """Keeps how many rows each run of a model had."""

    def __init__(self) -> None:
        self.runs: list[int] = []

    def load(self, model: bytes):
        runner, runs = super().load(model), self.runs

        class Counted:
            def predict(self, table):
                runs.append(table.n_rows)
                return runner.predict(table)

        return Counted()


def test_the_file_answers_the_rows_it_learned_from_once(tmp_path):
    loader, parts = Counting(), make_parts(make_task())
    TrainModel(LinearTrainer(), loader).execute(make_task(), parts, tmp_path, lambda *_: None)
    assert loader.runs.count(parts.train.n_rows) == 1, "of pictures that takes as long as the training"


def test_a_model_of_all_rows_has_another_beside_it_to_judge_by(tmp_path):
    task, parts = make_task(), make_parts(make_task())
    usual = train(task, tmp_path, OnAllRows())
    whole = train(replace(task, training=task.training.override({"refit": "all"})), tmp_path, OnAllRows())
    every = concat([parts.train, parts.valid, parts.test])
    expected = LinearTrainer().fit(task, replace(parts, train=every), tmp_path, lambda *_: None)
    assert weights(whole.model) == weights(expected.export())
    assert whole.judged == usual.model and whole.metrics == usual.metrics


def weights(model: bytes) -> dict:
    """What the file answers with, without what is stamped into it."""
    document = json.loads(model)
    return {name: document[name] for name in ("weights", "codes", "bias")}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_file_is_judged_by_its_own_answers(problem, tmp_path):
    task = make_task(problem)
    training, parts = train(task, tmp_path), make_parts(task)
    runner = LinearModelLoader().load(training.model)
    assert set(training.metrics) == {"train", "valid"}
    for name, values in training.metrics.items():
        rows = getattr(parts, name)
        assert values == score(task, task.targets(rows[LATE]), runner.predict(rows))
    assert training.parity <= parity.TOLERANCE
    assert training.native


def test_what_is_drawn(tmp_path):
    training = train(make_task(), tmp_path)
    assert [plot.name for plot in training.plots] == ["learning_curves", "feature_importance"]
    assert training.plots[0].y == "logloss"
    assert len(training.plots[0].rows) == 2 * len(training.curve)
    assert train(make_task(Problem.REGRESSION), tmp_path).plots[0].y == "rmse"


def test_the_held_out_rows_change_nothing_in_the_file_but_not_the_check(tmp_path):
    task, parts = make_task(), make_parts(make_task())
    other = Parts(parts.train, parts.valid, make_parts(task, seed=5).test)
    assert train(task, tmp_path, parts=parts).model == train(task, tmp_path, parts=other).model


@pytest.mark.parametrize("change", [
    lambda document: document["bias"].__setitem__(0, document["bias"][0] + 1e-3),
    lambda document: document["weights"].pop(TEMP),
    lambda document: document["codes"].pop(CARRIER),
], ids=["bias", "weights", "codes"])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_file_that_answers_differently_does_not_pass(problem, change, tmp_path):
    with pytest.raises(ParityBroken, match="differs from the trained model by .* on "):
        train(make_task(problem), tmp_path, Crooked(change))


def test_a_file_that_is_wrong_on_made_rows_alone_does_not_pass(tmp_path):
    def change(document):
        document["codes"][CARRIER][""] = [5.0, -5.0]  # no carrier is empty in the held-out rows

    with pytest.raises(ParityBroken, match="made rows"):
        train(make_task(), tmp_path, Crooked(change))


def test_a_training_that_fails_comes_out_as_it_is(tmp_path):
    task, parts = make_task(), make_parts(make_task())
    first = parts.train.take(parts.train[LATE] == "1")
    with pytest.raises(TrainingFailed, match="same late"):
        train(task, tmp_path, parts=Parts(first, parts.valid, parts.test))


def test_iterations_are_told(tmp_path):
    calls = [None]
    quick = replace(make_task(), training=make_task().training.override({"iterations": 4}))
    training = train(quick, tmp_path, calls=calls)
    assert [call[:2] for call in calls[1:]] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(training.curve) == 4
