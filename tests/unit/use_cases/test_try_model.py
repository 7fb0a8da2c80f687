"""What a model that nobody knows has to keep."""
from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from application.ports.model_runner import ModelCrashed
from application.ports.model_wrapper import ModelSource
from application.serving.fitness import check_fitness
from application.training.trying import UnsteadyModel
from application.use_cases.try_model import TryModel
from domain import model_mapping
from domain.errors import InvalidInput
from domain.splitting import part
from domain.table import Table
from tests import foreign


def tried(content, task=None, rows=None, **mapping):
    task = task or foreign.make_foreign_task(jobs=False)
    parts = part(rows or foreign.make_foreign_rows(task, 240), task.split)
    steps = []
    done = TryModel(OnnxModelWrapper(), OnnxModelLoader(), perf_counter).execute(
        task, parts, ModelSource(content), model_mapping.from_document(mapping), None, steps.append)
    return done, steps


@pytest.mark.parametrize(("content", "labels", "mapping"), [
    (foreign.tensor_model(fixed=2), ("no", "yes"), {}), (foreign.trees_model(), ("no", "yes"), {}),
    (foreign.classes_model(), ("a", "b", "c"), {"outputs": {"logits": "logits"}}), (foreign.number_model(), (), {})])
def test_one_that_is_all_right_may_be_deployed(content, labels, mapping):
    task = foreign.make_foreign_task(labels, jobs=False)
    done, steps = tried(content, task, **mapping)
    check_fitness(task, OnnxModelLoader().load(done.wrapped.model))
    assert sum(done.importance.values()) == pytest.approx(1) and done.parity is None
    assert steps[:3] == ["to be read", "to be loaded", "for one row"]
    assert done.metrics["test"] == dict(done.inference.metrics)


def test_one_that_mixes_rows():
    with pytest.raises(UnsteadyModel, match="mixes rows"):
        tried(foreign.mixing_model())


def test_scores_that_are_no_probabilities():
    with pytest.raises(InvalidInput, match="outputs.logits: logits") as refused:
        tried(foreign.classes_model(), foreign.make_foreign_task(("a", "b", "c"), jobs=False))
    assert refused.value.faults[0].where == "outputs"


def test_rows_that_it_cannot_answer_are_told_beforehand():
    task = foreign.make_foreign_task(jobs=False, nullable=True)
    done, _ = tried(foreign.tensor_model(), task)
    notes = [note for note in done.wrapped.notes if "refused" in note]
    assert notes == [f"{name}: a row where it is missing is refused, as the model gives no number for it"
                     for name in (foreign.AGE, foreign.PAY)]
    done, _ = tried(foreign.tensor_model(), task, missing={foreign.AGE: 0, foreign.PAY: 0})
    assert not [note for note in done.wrapped.notes if "refused" in note]


def test_a_row_without_an_answer_is_refused_once_it_is_imported_and_the_others_are_answered():
    task = foreign.make_foreign_task(jobs=False, nullable=True)
    done, _ = tried(foreign.tensor_model(), task)
    loader = OnnxModelLoader()
    runner = loader.load(loader.stamp(done.wrapped.model, {"origin": "imported"}))
    check_fitness(task, runner)
    rows = Table({foreign.AGE: np.array([1.0, np.nan]), foreign.PAY: np.array([1.0, 2.0])})
    assert runner.predict(rows.take(slice(0, 1))).n_rows == 1
    with pytest.raises(ModelCrashed, match="for 1 of 2 rows"):
        runner.predict(rows)


def test_one_that_fails_on_unseen_texts_is_told_of_and_loads_all_the_same():
    task = foreign.make_foreign_task()
    done, _ = tried(foreign.strict_model(), task)
    note = f"{foreign.JOB}: a row where it is a text that training never saw is refused, as the model fails on it"
    assert done.wrapped.notes.count(note) == 1
    loader = OnnxModelLoader()
    check_fitness(task, loader.load(loader.stamp(done.wrapped.model, {"origin": "imported"})))


def test_one_that_fails_on_odd_numbers_loads_all_the_same():
    task = foreign.make_foreign_task(jobs=False)
    done, _ = tried(foreign.lookup_model(), task)
    check_fitness(task, OnnxModelLoader().load(done.wrapped.model))


def test_rows_of_the_task_have_to_be_answered():
    task = foreign.make_foreign_task(jobs=False, nullable=True)
    rows = foreign.make_foreign_rows(task, 240)
    holes = np.where(np.arange(240) % 10 == 0, np.nan, rows[foreign.AGE])
    with pytest.raises(ModelCrashed, match="no answer to .* training rows.* say under missing"):
        tried(foreign.tensor_model(), task, Table(dict(rows.columns) | {foreign.AGE: holes}))
