"""A column in a few numbers, and a version's columns read once."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from application.ports.feature_store import UnknownDatasetVersion
from application.queries.column_summaries import ColumnSummaries
from domain.column_summary import BINS, MAX_VALUES, summarize
from domain.columns import ColumnType
from domain.schema import Column
from tests.builders import make_table, make_task, texts
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore

PATIENCE_S = 10
NUMBER, CATEGORY = Column("n", ColumnType.NUMBER), Column("c", ColumnType.CATEGORY)


@pytest.mark.parametrize("values", [
    [1.5], [0.0, 0.0], [1, 2, 2, 5], list(range(500)), [-1e30, 3.4e38], [0.1, np.nan], [7, np.nan, 7]])
def test_every_number_is_in_a_bin(values):
    found = summarize(NUMBER, np.array(values, dtype=np.float32))
    known = [value for value in values if value == value]
    assert sum(found.counts) == len(known) and found.missing == len(values) - len(known)
    assert len(found.edges) == len(found.counts) + 1 <= BINS + 1
    assert found.edges[0] <= min(known) + 1e30 * 1e-6 and found.edges[-1] >= np.float32(max(known)) - 0.51


def test_few_whole_numbers_have_a_bar_each():
    assert summarize(NUMBER, np.array([1, 3, 3, 4], dtype=np.float32)).counts == [1, 0, 2, 1]


def test_the_most_frequent_values_stand_first():
    found = summarize(CATEGORY, texts(["b", "a", "b", "", *(f"x{n}" for n in range(50))]))
    assert found.values[:2] == ["b", "a"] and found.counts[0] == 2
    assert (len(found.values), found.distinct, found.missing) == (MAX_VALUES, 52, 1)


def test_of_a_private_column_only_the_gaps_are_told():
    found = summarize(Column("n", ColumnType.NUMBER, private=True), np.array([1, np.nan], dtype=np.float32))
    assert (found.missing, found.edges, found.mean) == (1, (), None)


def test_a_column_without_a_value():
    assert summarize(NUMBER, np.array([np.nan], dtype=np.float32)).counts == ()
    assert summarize(CATEGORY, texts([""])).values == ()


def test_a_version_is_read_once():
    task, store = make_task(), InMemoryFeatureStore(FixedClock())
    summaries = ColumnSummaries(store)
    with pytest.raises(UnknownDatasetVersion):
        summaries.of(task)
    store.append(task, [make_table(task, 20)])
    store.append(task, [make_table(task, 30, seed=1)])
    assert summaries.of(task) is summaries.of(task, 2)
    assert [summaries.of(task, version).rows for version in (None, 1, 2)] == [50, 20, 50]
    with pytest.raises(UnknownDatasetVersion):
        summaries.of(task, 3)


class SlowStore(InMemoryFeatureStore):
    """Reads the tasks in `slow` no further than `go_on` allows."""

    def __init__(self, *slow: str) -> None:
        super().__init__(FixedClock())
        self._slow, self.reads = slow, []
        self.is_reading, self.go_on = Event(), Event()

    def read(self, task, version, chunk_rows=65_536, columns=None, after=0):
        self.reads.append((task.name, version))
        if task.name in self._slow:
            self.is_reading.set()
            assert self.go_on.wait(PATIENCE_S)
        return super().read(task, version, chunk_rows)


def test_who_asks_for_another_task_or_version_does_not_wait():
    store, slow, other = SlowStore("slow"), make_task(name="slow"), make_task(name="other")
    summaries = ColumnSummaries(store)
    for task in (slow, other):
        store.append(task, [make_table(task, 20)])
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(summaries.of, slow)
        assert store.is_reading.wait(PATIENCE_S)
        assert pool.submit(summaries.of, other).result(PATIENCE_S).rows == 20
        assert not first.done()
        store.go_on.set()
        assert first.result(PATIENCE_S).rows == 20


def test_who_asks_for_the_same_waits_and_it_is_read_once():
    store, task = SlowStore("flights"), make_task()
    store.append(task, [make_table(task, 20)])
    summaries = ColumnSummaries(store)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(summaries.of, task) for _ in range(4)]
        assert store.is_reading.wait(PATIENCE_S)
        store.go_on.set()
        assert len({id(found.result(PATIENCE_S)) for found in asked}) == 1
    assert store.reads == [("flights", 1)]


def test_a_reading_that_fails_is_done_again_by_the_next():
    store, task = SlowStore(), make_task()
    store.append(task, [make_table(task, 20)])
    summaries, read = ColumnSummaries(store), store.read
    store.read = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        summaries.of(task)
    store.read = read
    assert summaries.of(task).rows == 20


def test_of_free_texts_it_is_told_how_long_they_are():
    column = Column("review", ColumnType.TEXT)
    found = summarize(column, np.array(["", "abcd", "x" * 100, "ёж"], dtype=object))
    assert (found.rows, found.missing, found.edges[0], found.edges[-1]) == (4, 1, 2, 100)
    assert sum(found.counts) == 3 and not found.values and found.distinct is None


def test_of_dates_the_year_and_how_much_of_it_has_gone():
    column = Column("when", ColumnType.DATETIME)
    found = summarize(column, texts(["", "2023-01-01", "2024-07-02", "2024-12-31T23:59:59-02:00"]))
    assert (found.missing, found.edges[0]) == (1, 2023) and found.edges[-1] == pytest.approx(2025.0002, abs=1e-4)
    assert found.mean == pytest.approx(2024.167, abs=1e-3)
