from __future__ import annotations

import numpy as np
import pytest

from application.ports.task_catalog import UnknownTask
from application.use_cases.add_data import AddData
from domain.errors import InvalidInput, TooLarge
from domain.kinds.kind import Problem
from domain.late_labels import LateLabel
from domain.rows import CoercedRows, TextRows
from domain.schema import REQUEST_ID, ROW_NO
from domain.table import concat
from tests.builders import DAY, LATE, ROW_ID, TEMP, assert_same_table, make_table, make_task, text_cells
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.task_catalog import InMemoryTaskCatalog


class World:
    def __init__(self, problem: Problem = Problem.BINARY, **limits: int) -> None:
        self.task = make_task(problem)
        self.store, self.labels = InMemoryFeatureStore(FixedClock()), InMemoryLateLabels()
        self.add = AddData(InMemoryTaskCatalog(self.task), self.store, self.labels, **limits)

    def chunks(self, rows: int = 21, seed: int = 0, size_rows: int = 7, **more: list[str]) -> list[TextRows]:
        """more: further cells of all rows."""
        cells = text_cells(make_table(self.task, rows, seed)) | more
        return [TextRows({name: values[start:start + size_rows] for name, values in cells.items()}, start + 1)
                for start in range(0, rows, size_rows)]

    def stored(self, version: int):
        return concat(list(self.store.read(self.task, version)))


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_rows_become_the_next_version(problem):
    world = World(problem)
    added = world.add.execute("flights", world.chunks())
    version = added.appended.version
    assert (version.version, version.rows_added, added.appended.duplicate) == (1, 21, False)
    assert added.late_labels == 0
    assert_same_table(world.stored(1), make_table(world.task, 21).select(
        column.name for column in world.task.schema.stored))
    assert world.add.execute("flights", world.chunks(7, seed=1)).appended.version.rows == 28


def test_the_same_content_again_adds_nothing(world):
    first = world.add.execute("flights", world.chunks())
    again = world.add.execute("flights", world.chunks(size_rows=4))
    shuffled = [TextRows(dict(reversed(rows.cells.items())), rows.first_row) for rows in world.chunks()]
    ignored = world.chunks(**{ROW_ID: [str(number) for number in range(21)]})
    for chunks in (shuffled, ignored):
        assert world.add.execute("flights", chunks).appended.duplicate
    assert again.appended.duplicate and again.appended.version == first.appended.version
    assert len(world.store.versions("flights")) == 1


def test_a_fault_in_the_last_chunk_adds_nothing(world):
    chunks = world.chunks(2_100, size_rows=100, request_id=[f"r{number}" for number in range(2_100)])
    chunks[20].cells[TEMP][99] = "warm"
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [(fault.where, fault.problem) for fault in failure.value.faults] == [
        (f"row 2100, column {TEMP}", 'expected a number, got "warm"')]
    assert list(world.store.versions("flights")) == []
    assert list(world.labels.get("flights", ["r0"])) == []


def test_an_unknown_label_in_the_last_chunk_adds_nothing(world):
    chunks = world.chunks()
    chunks[2].cells[LATE][6] = "2"
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [fault.where for fault in failure.value.faults] == [f"row 21, column {LATE}"]
    assert list(world.store.versions("flights")) == []


def test_every_faulty_row_is_named_up_to_a_limit(world):
    chunks = world.chunks(700)
    for chunk in chunks:
        chunk.cells[TEMP][0] = "warm"
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [fault.where for fault in failure.value.faults] == [
        f"row {1 + 7 * number}, column {TEMP}" for number in range(100)]


def test_faults_of_all_kinds_are_named_together_by_row_and_then_by_column(world):
    """One and the same row, rows of one chunk, and later chunks, some of them unfit for a table."""
    chunks = world.chunks(request_id=["r"] * 21, row_no=["1"] * 21)
    chunks[0].cells[LATE][4] = "maybe"
    chunks[0].cells[TEMP][6] = "warm"
    chunks[1].cells[LATE][0], chunks[1].cells[TEMP][0], chunks[1].cells[REQUEST_ID][0] = "2", "cold", "r" * 129
    chunks[1].cells[ROW_NO][1] = "0.5"
    chunks[2].cells[LATE][2], chunks[2].cells[LATE][1] = "", "3"
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [fault.where for fault in failure.value.faults] == [
        f"row {row}, column {column}" for row, column in [
            (5, LATE), (7, TEMP), (8, TEMP), (8, LATE), (8, REQUEST_ID), (9, ROW_NO), (16, LATE)]]
    assert str(failure.value) == f'row 5, column {LATE}: "maybe" is none of the labels 0, 1 (and 6 more)'
    assert list(world.store.versions("flights")) == []


def test_the_first_hundred_faults_are_told_whatever_kind_they_are_of(world):
    chunks = world.chunks(700, size_rows=350)
    for chunk in chunks:
        chunk.cells[TEMP][1::2], chunk.cells[LATE][::2] = ["warm"] * 175, ["maybe"] * 175
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [fault.where for fault in failure.value.faults] == [
        f"row {row}, column {LATE if row % 2 else TEMP}" for row in range(1, 101)]


@pytest.mark.parametrize("name", [TEMP, LATE, DAY])
def test_a_missing_column_adds_nothing(world, name):
    chunks = [TextRows({other: values for other, values in rows.cells.items() if other != name}, rows.first_row)
              for rows in world.chunks()]
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", chunks)
    assert [(fault.where, fault.problem) for fault in failure.value.faults] == [(f"column {name}", "is missing")]


def test_an_id_that_no_answer_can_have_had(world):
    """PostgreSQL keeps no key of this length."""
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", world.chunks(request_id=["r"] * 20 + ["r" * 129]))
    assert [fault.where for fault in failure.value.faults] == [f"row 21, column {REQUEST_ID}"]
    assert list(world.store.versions("flights")) == []
    world.add.execute("flights", world.chunks(request_id=["r"] * 20 + ["r" * 128]))


def test_no_rows_add_nothing(world):
    for chunks in ([], [TextRows({name: [] for name in make_table(world.task, 1).columns})]):
        with pytest.raises(InvalidInput, match="no rows"):
            world.add.execute("flights", chunks)
    assert list(world.store.versions("flights")) == []


def test_rows_that_were_coerced_before_may_be_added(world):
    table = make_table(world.task, 21)
    world.add.execute("flights", [CoercedRows(table)])
    assert world.add.execute("flights", world.chunks()).appended.duplicate


def test_an_unknown_task(world):
    with pytest.raises(UnknownTask):
        world.add.execute("nope", world.chunks())


def test_rows_that_name_an_earlier_answer_are_its_late_labels(world):
    ids = [f"r{number}" for number in range(21)]
    ids[3] = ids[9] = " "
    added = world.add.execute("flights", world.chunks(request_id=ids))
    assert added.late_labels == 19
    labels = make_table(world.task, 21)[LATE].tolist()
    assert list(world.labels.get("flights", ids)) == [
        LateLabel(name, label) for name, label in zip(ids, labels) if name != " "]
    assert REQUEST_ID not in world.stored(1).columns


def test_more_late_labels_than_can_wait_in_memory_add_nothing():
    world = World(max_late_labels=20)
    with pytest.raises(TooLarge, match="more than 20 rows have a request_id"):
        world.add.execute("flights", world.chunks(request_id=["r"] * 21))
    assert list(world.store.versions("flights")) == [] == list(world.labels.get("flights", ["r"]))
    assert world.add.execute("flights", world.chunks(request_id=["r"] * 20 + [""])).late_labels == 20


def test_late_labels_are_kept_again_when_the_rows_are_a_duplicate(world):
    """The process may have died between the rows and the labels."""
    ids = [f"r{number}" for number in range(21)]
    world.add.execute("flights", world.chunks())
    for _ in range(2):
        added = world.add.execute("flights", world.chunks(request_id=ids))
        assert added.appended.duplicate and added.late_labels == 21
        assert len(world.labels.get("flights", ids)) == 21


def test_the_late_label_of_a_number_is_its_shortest_text():
    world = World(Problem.REGRESSION)
    chunks = world.chunks(3, request_id=["a", "b", "c"])
    chunks[0].cells[LATE][:] = ["12.3", "-7", "1e-3"]
    world.add.execute("flights", chunks)
    found = [label.label for label in world.labels.get("flights", ["a", "b", "c"])]
    assert found == [str(np.float32(number)) for number in (12.3, -7, 0.001)] == ["12.3", "-7.0", "0.001"]


@pytest.mark.parametrize(("name", "problem"), [("a\0b", "NUL"), ("\ud800", "surrogate"), ("x" * 10_001, "longer")])
def test_a_request_id_that_nothing_can_hold_is_a_fault(world, name, problem):
    with pytest.raises(InvalidInput) as failure:
        world.add.execute("flights", world.chunks(7, request_id=["a"] * 6 + [name]))
    assert failure.value.faults[0].where == "row 7, column request_id" and problem in failure.value.faults[0].problem
    assert list(world.store.versions("flights")) == []
