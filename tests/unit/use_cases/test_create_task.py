from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.catboost.card import CARD
from application.ports.task_catalog import TaskExists, UnknownTask
from application.queries.label_shares import LabelShares
from application.training.known_trainers import KnownTrainers
from application.use_cases.create_task import CreateTask
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.rows import TextRows
from tests.builders import CARRIER, LATE, TEMP, make_table, make_task, text_cells
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.trainer_cards import InMemoryTrainerCards


class Failing(Exception):
    pass


class FailingStore(InMemoryFeatureStore):
    fails = True

    def append(self, task, tables):
        if self.fails:
            raise Failing
        return super().append(task, tables)


class Service:
    def __init__(self) -> None:
        self.tasks, self.store = InMemoryTaskCatalog(), FailingStore(FixedClock())
        self.store.fails = False
        self.create = CreateTask(self.tasks, self.store, KnownTrainers([CARD], InMemoryTrainerCards(), FixedClock()))


@pytest.fixture
def service():
    return Service()


def rows_of(task, n_rows: int = 20, **changed):
    """Gives the rows in two chunks; changed: column -> {row number in the file: cell}."""
    cells = text_cells(make_table(task, n_rows))
    for name, new in changed.items():
        for row, text in new.items():
            cells[name][row - 1] = text
    cut = n_rows // 2
    return lambda: iter([TextRows({name: values[:cut] for name, values in cells.items()}),
                         TextRows({name: values[cut:] for name, values in cells.items()}, cut + 1)])


def test_a_task_without_data(service):
    created = service.create.execute(make_task())
    assert created.version is None and service.tasks.get("flights") == make_task()
    assert not service.store.versions("flights")


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_the_rows_become_the_first_version(service, problem):
    task = make_task(problem)
    version = service.create.execute(task, rows_of(task)).version
    assert (version.version, version.rows) == (1, 20)
    assert service.tasks.get("flights") == task


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.REGRESSION])
def test_rows_without_a_target_are_left_out(service, problem):
    task = make_task(problem)
    assert service.create.execute(task, rows_of(task, **{LATE: {3: "", 17: " "}})).version.rows == 18


def test_the_same_again_changes_nothing(service):
    task = make_task()
    first = service.create.execute(task, rows_of(task))
    assert service.create.execute(task, rows_of(task)) == first
    assert len(service.store.versions("flights")) == 1


def test_another_task_of_the_name(service):
    service.create.execute(make_task(), rows_of(make_task()))
    other = replace(make_task(), description="else")
    for rows in (None, rows_of(other)):
        with pytest.raises(TaskExists):
            service.create.execute(other, rows)
    assert service.tasks.get("flights") == make_task()


def test_the_same_task_with_other_rows(service):
    service.create.execute(make_task(), rows_of(make_task()))
    with pytest.raises(TaskExists, match="other data"):
        service.create.execute(make_task(), rows_of(make_task(), 30))
    assert len(service.store.versions("flights")) == 1


def test_a_task_that_was_there_without_data_gets_it(service):
    service.create.execute(make_task())
    assert service.create.execute(make_task(), rows_of(make_task())).version.version == 1


@pytest.mark.parametrize(("changed", "wheres"), [
    ({TEMP: {4: "warm", 15: "cold"}, LATE: {1: ""}}, ["row 4, column temp. °F", "row 15, column temp. °F"]),
    ({CARRIER: {12: ""}}, ["row 12, column Перевозчик"]),
    ({LATE: {2: "", 14: "maybe"}}, ["row 14, column late"]),
    ({LATE: {2: "", 3: "maybe", 15: "2"}, TEMP: {1: "warm"}}, [
        "row 1, column temp. °F", "row 3, column late", "row 15, column late"]),
])
def test_faulty_rows_are_named_by_their_place_in_the_file_and_there_is_no_task(service, changed, wheres):
    with pytest.raises(InvalidInput) as failure:
        service.create.execute(make_task(), rows_of(make_task(), **changed))
    assert [fault.where for fault in failure.value.faults] == wheres
    with pytest.raises(UnknownTask):
        service.tasks.get("flights")


def test_no_row_with_a_target(service):
    with pytest.raises(InvalidInput, match="no rows"):
        service.create.execute(make_task(), rows_of(make_task(), 2, **{LATE: {1: "", 2: ""}}))


def test_after_a_failure_of_the_store_it_can_be_created_again(service):
    service.store.fails = True
    with pytest.raises(Failing):
        service.create.execute(make_task(), rows_of(make_task()))
    service.store.fails = False
    assert service.create.execute(make_task(), rows_of(make_task())).version.version == 1


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_label_shares_by_batch(service, problem):
    task = make_task(problem)
    tables = [make_table(task, n_rows, seed) for seed, n_rows in enumerate((20, 7, 33))]
    for table in tables:
        service.store.append(task, [table])
    shares = LabelShares(service.store)
    for _ in range(2):
        found = shares.of(task, service.store.versions(task.name))
        assert [summary.rows for summary in found] == [20, 7, 33]
        for summary, table in zip(found, tables, strict=True):
            if problem is Problem.REGRESSION:
                assert summary.span["max"] == table[LATE].max() and not summary.counts
            else:
                assert summary.counts == {str(label): (table[LATE] == str(label)).sum() for label in task.labels}
                assert sum(summary.shares.values()) == pytest.approx(1)
    assert shares.of(task, []) == []


class CountingStore(InMemoryFeatureStore):
    """Gives a few rows at a time, and knows how many it gave."""

    given = 0

    def read(self, task, version, chunk_rows=65_536, columns=None, after=0):
        for table in super().read(task, version, 4, columns, after):
            self.given += table.n_rows
            yield table


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.REGRESSION])
def test_label_shares_read_each_batch_once(problem):
    task, store = make_task(problem), CountingStore(FixedClock())
    tables = [make_table(task, n_rows, seed) for seed, n_rows in enumerate((20, 7, 33))]
    shares = LabelShares(store)
    for number, table in enumerate(tables, start=1):
        store.append(task, [table])
        for _ in range(2):
            found = shares.of(task, store.versions(task.name))
            assert [summary.rows for summary in found] == [20, 7, 33][:number]
        assert store.given == sum([20, 7, 33][:number])
    for summary, table in zip(found, tables, strict=True):
        if problem is Problem.REGRESSION:
            assert summary.span == pytest.approx({
                name: getattr(table[LATE].astype(float), name)() for name in ("min", "mean", "max")})
        else:
            assert summary.counts == {str(label): (table[LATE] == str(label)).sum() for label in task.labels}
    assert len(shares.of(task, store.versions(task.name)[:2])) == 2
