"""A model made elsewhere becomes an experiment, or leaves nothing."""
from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from application.ports.feature_store import UnknownDatasetVersion
from application.ports.model_wrapper import ModelSource
from application.serving.fitness import check_fitness
from application.training.publishing import Publishing
from application.use_cases.export_data import Export, ExportData
from application.use_cases.extract_data import ExtractData
from application.use_cases.import_model import ImportModel, ImportRequest
from application.use_cases.inference_model import InferenceModel
from domain.drift import read_reference
from domain.errors import InvalidInput
from domain.experiment import Origin, Status
from domain.makers_answers import MakersAnswers
from domain.model_mapping import ModelMapping
from domain.parity import ParityBroken
from domain.provenance import model_path
from tests.builders import CARRIER, DISTANCE, LATE, TEMP, make_table, make_timed_task, with_days
from tests.fakes.model_runner import linear_model
from tests.fakes.model_trial import InProcessModelTrial
from tests.fakes.model_wrapper import LinearModelWrapper
from tests.fakes.table_files import InMemoryTableFiles

WEIGHTS = {TEMP: [0.0, 0.05], DISTANCE: [0.0, 0.0004]}


@pytest.fixture
def model(world) -> bytes:
    return linear_model(world.task, WEIGHTS, {CARRIER: {"UA": [0.0, 0.5]}}, [0.0, -3.5])


@pytest.fixture
def use_case(world) -> ImportModel:
    files = InMemoryTableFiles()

    @contextmanager
    def workspace():
        yield world.folder

    return ImportModel(
        world.tasks, world.store, ExtractData(world.store, files),
        InProcessModelTrial(files, LinearModelWrapper(), world.loader), world.log, world.marks,
        Publishing(world.log, world.loader, world.artifacts, world.clock), world.clock, "abc", workspace)


def request(world, model: bytes, **changes) -> ImportRequest:
    return replace(ImportRequest(world.task.name, model, "source.onnx", ModelSource(model)), **changes)


def test_it_is_an_experiment_like_any_other(world, use_case, model):
    world.with_data()
    done = use_case.execute(request(world, model, name="чужая"))
    assert done == world.log.get(done.id)
    assert (done.status, done.origin, done.name, done.dataset_version) == (
        Status.SUCCEEDED, Origin.IMPORTED, "чужая", 1)
    assert set(done.metrics) == {"train", "valid", "test"} and done.metrics["test"]["auc"] > 0.8
    runner = world.loader.load(world.artifacts.read(model_path(done.id)))
    check_fitness(world.task, runner)
    said = runner.card.metadata
    assert (said["origin"], said["holdout"], said["experiment_id"]) == ("imported", "unverified", str(done.id))
    assert said["source_sha256"] == hashlib.sha256(model).hexdigest() == done.source["sha256"]
    assert {TEMP, "prediction_score"} <= set(read_reference(said["reference"]).histograms)
    paths = {info.path.partition("/")[2].partition("/")[2] for info in world.artifacts.list(f"experiments/{done.id}")}
    assert {"model.onnx", "source.onnx", "metrics.json", "plots/feature_importance.json", "plots/roc.json"} <= paths
    assert world.artifacts.read(f"experiments/{done.id}/source.onnx") == model
    importance = json.loads(world.artifacts.read(f"experiments/{done.id}/plots/feature_importance.json"))
    assert importance[0]["importance"] > 0.4


def test_it_is_judged_as_the_stage_of_the_pipeline_does(world, use_case, model, monkeypatch):
    seen = []
    execute = InferenceModel.execute
    monkeypatch.setattr(
        InferenceModel, "execute", lambda self, task, test: seen.append(test) or execute(self, task, test))
    done = use_case.execute(request(world.with_data(), model))
    assert len(seen) == 1
    assert done.source["notes"] == ["the file names no classes"]


def test_nothing_is_kept_of_a_dry_run(world, use_case, model):
    would = use_case.execute(request(world.with_data(), model, dry=True))
    assert (would.id, would.status) == (0, Status.SUCCEEDED)
    assert set(would.metrics) == {"train", "valid", "test"}
    assert not world.log.list() and not world.artifacts.list("experiments")


def test_nothing_is_kept_of_what_is_refused(world, use_case, model):
    rows = make_table(world.task, 30)
    makers = MakersAnswers(rows.without([LATE]), np.full((30, 2), 0.5), None)
    for wanted, failure in ((request(world.with_data(), b"?"), InvalidInput),
                            (request(world, model, makers=makers), ParityBroken),
                            (request(world, model, mapping=ModelMapping(labels=("a", "b"))), InvalidInput),
                            (request(world, model, name=" " * 3), InvalidInput),
                            (request(world, model, dataset_version=7), UnknownDatasetVersion)):
        with pytest.raises(failure):
            use_case.execute(wanted)
    assert not world.log.list() and not world.artifacts.list("experiments")


def test_one_that_cannot_be_published_has_failed(world, use_case, model, monkeypatch):
    def full(path, content):
        raise OSError("нет места")

    monkeypatch.setattr(world.artifacts, "put", full)
    with pytest.raises(OSError):
        use_case.execute(request(world.with_data(), model))
    assert [(each.status, each.error) for each in world.log.list()] == [(Status.FAILED, "OSError: нет места")]


def test_what_it_was_made_with(world, use_case, model):
    world.with_data()
    exported = ExportData(world.tasks, world.store).execute(world.task.name)
    assert use_case.execute(request(world, model, export=exported.export)).source["holdout"] == "exported"
    other = replace(exported.export, fingerprint="other")
    with pytest.raises(InvalidInput, match="of other rows"):
        use_case.execute(request(world, model, export=other))


def test_an_export_that_is_newer_than_what_judges_by_time(world, use_case, model):
    world.task = make_timed_task()
    world.tasks.add(world.task)
    for seed in (1, 2):
        world.store.append(world.task, [with_days(make_table(world.task, 100, seed), f"202{seed}")])
    exported = ExportData(world.tasks, world.store).execute(world.task.name).export
    assert use_case.execute(request(world, model, export=exported)).source["holdout"] == "exported"
    with pytest.raises(InvalidInput, match="parted by time"):
        use_case.execute(request(world, model, export=exported, dataset_version=1))


def test_an_export_has_no_held_out_row(world):
    world.with_data()
    use_case = ExportData(world.tasks, world.store)
    exported = use_case.execute(world.task.name, ["train"])
    rows = {part: sum(table.n_rows for table in tables) for part, tables in exported.tables.items()}
    assert set(rows) == {"train"} and 0 < rows["train"] < 240
    assert Export.from_document(exported.export.to_document()) == exported.export
    for parts in (["test"], ["train", "holdout"], []):
        with pytest.raises(InvalidInput, match="not given away"):
            use_case.execute(world.task.name, parts)
    for document in (None, {}, {"task": 1}, exported.export.to_document() | {"dataset_version": "1"}):
        with pytest.raises(InvalidInput, match="export-data"):
            Export.from_document(document)
