"""Whether what is kept in several places agrees."""
from __future__ import annotations

import io
from dataclasses import replace

import pytest

from application.ports.model_runner import UnreadableModel
from application.queries.what_is_wrong import WhatIsWrong
from application.serving.loading import load_model
from domain.experiment import Status
from domain.history import Act, Entry
from domain.provenance import digest_line, digest_path, model_path
from tests.builders import make_experiment, make_task
from tests.fakes.clock import START
from tests.fakes.history import InMemoryHistory
from tests.unit.serving import Service, sound_model


class World(Service):
    def __init__(self) -> None:
        super().__init__()
        self.history = InMemoryHistory()
        self.looking = WhatIsWrong(self.tasks, self.store, self.log, self.deployments, self.artifacts, self.loader,
                                   self.history)

    def publish(self) -> int:
        number = self.train()
        model = self.artifacts.read(model_path(number))
        self.artifacts.put(digest_path(number), io.BytesIO(digest_line(model)))
        return number

    def wrong(self) -> list[str]:
        return list(self.looking.look())


@pytest.fixture
def world():
    world = World()
    world.deploy(world.publish())
    world.train()  # of before digests were kept
    world.log.add(make_experiment(make_task(), status=Status.FAILED))
    for _ in range(3):
        world.history.add(Entry(START, Act.DEPLOYED, "flights"))
    return world


def test_all_of_it_agrees(world):
    assert world.wrong() == []


def test_a_model_file_that_was_changed_is_told_and_not_loaded(world):
    number = world.publish()
    world.artifacts._contents[model_path(number)] = sound_model(world.task, bias=[1.0, 0.0])
    with pytest.raises(UnreadableModel, match="SHA-256"):
        load_model(world.artifacts, world.loader, number)
    wrong, = world.wrong()
    assert f"model file of experiment {number} is damaged, or was changed" in wrong


def test_a_model_file_that_is_missing(world):
    number = world.log.add(replace(make_experiment(make_task()), status=Status.SUCCEEDED)).id
    assert world.wrong() == [f"experiment {number} of flights has succeeded, but its model file is missing"]


def test_what_serves_and_cannot_be_loaded(world):
    number = world.train(b"nothing that can be loaded", id=0)
    world.deployments.append("flights", lambda history: replace(history[0], experiment_id=number, generation=2))
    wrong, = world.wrong()
    assert wrong.startswith(f"flights is served by experiment {number}, which fails: ")


def test_rows_that_are_missing(world, monkeypatch):
    read = world.store.read
    monkeypatch.setattr(world.store, "read", lambda *given, **named: (
        table.take(slice(0, table.n_rows - 1)) for table in read(*given, **named)))
    assert world.wrong() == ["dataset version 1 of flights has 239 rows, not 240"]


def test_files_of_an_experiment_that_there_is_not(world):
    world.artifacts.put("experiments/77/plots/a.png", io.BytesIO(b"a"))
    assert world.wrong() == ["experiments/77: files of an experiment that there is not"]


def test_a_history_that_was_changed(world):
    world.history._entries[1] = replace(world.history._entries[1], by="somebody else")
    assert world.wrong() == ["history: entry 2 was changed, or one before it was taken out"]
