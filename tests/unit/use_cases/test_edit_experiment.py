"""What people say of an experiment."""
from __future__ import annotations

import pytest

from application.ports.experiment_log import UnknownExperiment
from application.use_cases.edit_experiment import EditExperiment
from domain.errors import InvalidInput
from domain.history import Act
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.clock import FixedClock
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.history import InMemoryHistory


@pytest.fixture
def log() -> InMemoryExperimentLog:
    log = InMemoryExperimentLog()
    for name in ("flights", "flights", "other"):
        log.add(succeeded(make_task(name=name)))
    return log


@pytest.fixture
def history() -> InMemoryHistory:
    return InMemoryHistory()


@pytest.fixture
def edit(log, history) -> EditExperiment:
    return EditExperiment(log, history, FixedClock())


def test_what_is_said_is_kept_and_what_was_said_is_told(edit, log, history):
    edit.execute(1, {"tags": ["big", " big ", "new"], "note": " worth a look\n", "name": "n"}, by="anna")
    found = log.get(1)
    assert (found.tags, found.note, found.name) == (("big", "new"), "worth a look", "n")
    (entry,) = history.newest()
    assert (entry.act, entry.task, entry.by) == (Act.EXPERIMENT_CHANGED, "flights", "anna")
    assert entry.detail["tags"] == {"before": [], "after": ["big", "new"]}
    edit.execute(1, {"note": "worth a look"})
    assert len(history.newest()) == 1, "nothing was changed"


def test_one_of_a_task_is_pinned(edit, log):
    for number in (1, 3, 2):
        edit.execute(number, {"pinned": True})
    assert [log.get(number).pinned for number in (1, 2, 3)] == [False, True, True]
    edit.execute(2, {"pinned": False})
    assert not log.get(2).pinned


def test_one_that_runs_goes_on(edit, log):
    running = log.add(make_experiment(make_task()))
    log.update(running.id, lambda one: one.start(one.created_at))
    edit.execute(running.id, {"archived": True})
    assert log.get(running.id).archived and log.get(running.id).status == "running"


def test_every_fault_is_told_and_nothing_is_changed(edit, log, history):
    with pytest.raises(InvalidInput) as failure:
        edit.execute(1, {"name": "x" * 201, "tags": ["a,b"], "note": 3, "pinned": 1, "auc": 2, "archived": True})
    assert [fault.where for fault in failure.value.faults] == ["name", "tags", "note", "pinned", "auc"]
    for tags in ("a", ["a"] * 1 + [""], [3], [f"t{number}" for number in range(21)], ["x" * 51]):
        with pytest.raises(InvalidInput):
            edit.execute(1, {"tags": tags})
    for changes in (None, [], "tags"):
        with pytest.raises(InvalidInput):
            edit.execute(1, changes)
    assert not log.get(1).archived and not history.newest()


def test_an_unknown_one(edit):
    with pytest.raises(UnknownExperiment):
        edit.execute(9, {"note": "x"})
