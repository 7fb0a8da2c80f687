"""The contract of the port FeatureStore."""
from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import MIGRATIONS, SqlmodelStorage
from adapters.system.clock import SystemClock
from application.decorators.feature_store import StoredPictures
from application.pictures.picture_files import PictureFiles
from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.columns import ColumnType
from domain.dataset import DatasetVersion
from domain.errors import Conflict, InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.table import Table, TableDigest, concat
from domain.task import Task
from tests.contracts.processes import run_processes, start_process
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.picture_codec import NpyPictureCodec
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

NUMBER, CATEGORY = ColumnType.NUMBER, ColumnType.CATEGORY
HOUR = timedelta(hours=1)


def make_task(numbers=("x",), categories=("c",), name="flights") -> Task:
    columns = [Column(number, NUMBER) for number in numbers] + [Column(category, CATEGORY) for category in categories]
    target = Column("target", CATEGORY, Role.TARGET, nullable=False)
    ignored = Column("ignored", CATEGORY, Role.IGNORED)
    return Task(name, Kind.TABULAR, Problem.BINARY, Schema((*columns, ignored, target)), labels=("no", "yes"))


TASK = make_task()


def rows(start: int, stop: int, task: Task = TASK) -> Table:
    """Rows that differ from those of every other range."""
    return Table({
        column.name: np.arange(start, stop, dtype=np.float64) if column.type is NUMBER
        else np.array([f"{column.name[:9]} {number}".replace("\0", "") for number in range(start, stop)], dtype=object)
        for column in task.schema.stored})


def column_of(values) -> Table:
    """A table of TASK with these values in its column of their type."""
    numbers = values if isinstance(values, np.ndarray) else np.zeros(len(values), dtype=np.float64)
    texts = ["a"] * len(values) if isinstance(values, np.ndarray) else values
    return Table({"x": numbers, "c": np.array([*texts, None], dtype=object)[:-1],
                  "target": np.array(["yes"] * len(values), dtype=object)})


def assert_same(table: Table, expected: Table) -> None:
    assert list(table.columns) == list(expected.columns)
    for name, values in expected.columns.items():
        got = table[name]
        assert got.dtype == values.dtype
        if values.dtype == object:
            assert got.tolist() == values.tolist()
            assert all(type(value) is str for value in got.tolist())
        else:
            missing = np.isnan(values)
            assert np.array_equal(np.isnan(got), missing)
            assert np.array_equal(got[~missing].view(np.uint32), values[~missing].view(np.uint32))


def read(store, task: Task, version: int) -> Table:
    return concat(list(store.read(task, version)))


def digest_of(*tables: Table) -> str:
    digest = TableDigest()
    for table in tables:
        digest.update(table)
    return digest.hexdigest()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def with_pictures(clock: FixedClock) -> StoredPictures:
    return StoredPictures(InMemoryFeatureStore(clock), PictureFiles(InMemoryArtifactStore(), NpyPictureCodec()))


IN_MEMORY = {"fake": InMemoryFeatureStore, "StoredPictures": with_pictures}


@pytest.fixture(params=[*IN_MEMORY, "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request, clock, make_database_url) -> Iterator[FeatureStore]:
    if request.param in IN_MEMORY:
        yield IN_MEMORY[request.param](clock)
        return
    database = Database(make_database_url(request.param))
    yield SqlmodelFeatureStore(database, clock)
    database.close()


@pytest.fixture(params=IN_MEMORY)
def picture_store(request, clock) -> FeatureStore:
    """One that takes pictures too. A database is given their digests; so it has no place here."""
    return IN_MEMORY[request.param](clock)


@pytest.fixture
def sql_store(database, clock) -> SqlmodelFeatureStore:
    return SqlmodelFeatureStore(database, clock)


def test_rows_come_back_as_they_went_in(store):
    table = Table({
        "x": np.array([1.5, np.nan, -2], dtype=np.float64), "c": np.array(["UA", "", "AA"], dtype=object),
        "target": np.array(["yes", "no", "yes"], dtype=object)})
    store.append(TASK, [table])
    assert_same(read(store, TASK, 1), table)


def test_the_digest_is_that_of_what_would_be_added(store):
    table = Table(dict(reversed(rows(0, 9).columns.items())) | {"ignored": rows(0, 9)["c"]})
    digest = store.digest(TASK, iter(table.chunks(4)))
    assert list(store.versions(TASK.name)) == []
    assert store.append(TASK, [table]).version.digest == digest
    assert store.digest(TASK, [rows(0, 8)]) != digest


def test_every_field_of_a_version(store, clock):
    first = store.append(TASK, [rows(0, 3), rows(3, 5)])
    digest = digest_of(rows(0, 5))
    fingerprint = hashlib.sha256(digest.encode()).hexdigest()
    assert not first.duplicate
    assert first.version == DatasetVersion(
        "flights", 1, first.version.batch_id, digest, fingerprint, rows_added=5, rows=5, created_at=clock.now())
    clock.advance(HOUR)
    second = store.append(TASK, [rows(5, 7)]).version
    other = digest_of(rows(5, 7))
    assert second == DatasetVersion(
        "flights", 2, second.batch_id, other, hashlib.sha256(f"{fingerprint}{other}".encode()).hexdigest(), 2, 7,
        clock.now())
    assert second.batch_id > first.version.batch_id
    assert list(store.versions("flights")) == [first.version, second]


FLOATS = [0.0, -0.0, 1e-45, -1e-45, 1.1754942e-38, 3.4028235e38, -3.4028235e38, 0.1, 1 / 3, 16777216, 16777217, 1e10,
          np.nan, 123456.79, 5e-324, np.pi, np.inf, -np.inf]


def test_numbers_come_back_bit_for_bit(store):
    table = column_of(np.array(FLOATS, dtype=np.float64))
    store.append(TASK, [table])
    assert_same(read(store, TASK, 1), table)


def test_any_numbers_come_back_bit_for_bit(store):
    bits = np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)
    table = column_of(np.where(np.isnan(bits.view(np.float64)), np.float64(0), bits.view(np.float64)))
    store.append(TASK, [table])
    assert_same(read(store, TASK, 1), table)


TEXTS = ["", " ", "  both  ", "\t", "\n", "\r", "\r\n", "a\n\\.\nb", "\\.", "\\N", "\\", "\\\\", "\\t", '"', '""', "'",
         ",", 'a,"b"\n', "NULL", "null", "NaN", "None", "Ёлка", "\U0001f600\U0001f468\u200d\U0001f469", "e\u0301",
         "\u00e9", "\u2028", "\x01\x1f\x7f", "0", "-0.0", "1e5", "true", "\ufeffbom", "%s %(x)s :x ?", "x" * 10_000,
         "\uffff", "{}"]


def test_texts_come_back_exactly(store):
    table = column_of(TEXTS)
    store.append(TASK, [table])
    assert_same(read(store, TASK, 1), table)


def test_a_text_alone_comes_back_exactly(store):
    for value in TEXTS:
        store.append(TASK, [column_of([value])])
    assert [chunk["c"].tolist() for chunk in store.read(TASK, len(TEXTS), chunk_rows=1)] == [[text] for text in TEXTS]


HOSTILE_NAMES = [
    "batch", "row_no", "rowid", "oid", "_rowid_", "ctid", "xmin", "select", "Select", "SELECT", "a b", "a_b", "a-b",
    '"', "'", ";--", "%", "%s", ":x", "?", "\\", "\n", " ", "1", "температура", "Температура", "温度",
    "x" * 300, "x" * 301, "ж" * 300, "ж" * 299 + "з", "\U0001f600", "İ", "ß", "ss", "µ", "μ", "features_flights",
    "batch_2", "\x01", "$1", "a\0b"]


def test_columns_may_have_any_name(store):
    task = make_task(numbers=HOSTILE_NAMES, categories=[f"{name} too" for name in HOSTILE_NAMES])
    table = rows(0, 3, task)
    store.append(task, [table])
    store.append(task, [rows(3, 5, task)])
    assert_same(read(store, task, 1), table)
    assert_same(read(store, task, 2), rows(0, 5, task))


@pytest.mark.parametrize(("numbers", "categories"), [(999, 0), (0, 999), (500, 499)])
def test_a_thousand_columns(store, numbers, categories):
    task = make_task([f"n{i}" for i in range(numbers)], [f"c{i}" for i in range(categories)])
    # Values too short for PostgreSQL to move out of the row, too many to stay in it.
    filled = rows(0, 60, task).columns
    table = Table({name: values + (" filled up to here" if values.dtype == object else 0)
                   for name, values in filled.items()})
    store.append(task, [table])
    assert_same(concat(list(store.read(task, 1, chunk_rows=7))), table)


def test_a_store_without_data(store):
    assert list(store.versions("flights")) == []
    with pytest.raises(UnknownDatasetVersion):
        store.read(TASK, 1)


def test_an_unknown_version(store):
    store.append(TASK, [rows(0, 3)])
    for version in (0, -1, 2, 2**31, 2**63, 10**30):
        with pytest.raises(UnknownDatasetVersion):
            store.read(TASK, version)


def test_any_task_may_be_asked_for(store):
    store.append(TASK, [rows(0, 3)])
    for name in ("", "nobody", "\0", "\ud800", "'; DROP TABLE task; --"):
        assert list(store.versions(name)) == []


def test_no_rows_are_refused(store):
    for tables in ([], [rows(0, 0)], [rows(0, 0)] * 3):
        with pytest.raises(InvalidInput):
            store.append(TASK, iter(tables))
    assert list(store.versions("flights")) == []


def test_empty_tables_between_others_do_no_harm(store):
    store.append(TASK, [rows(0, 0), rows(0, 2), rows(0, 0), rows(2, 4), rows(4, 4)])
    assert_same(read(store, TASK, 1), rows(0, 4))


def test_columns_may_come_in_any_order_and_others_are_left_out(store):
    table = Table(dict(reversed(rows(0, 4).columns.items())) | {"ignored": rows(0, 4)["c"]})
    assert store.append(TASK, [table]).version.digest == digest_of(table)
    assert_same(read(store, TASK, 1), rows(0, 4))


def test_rows_of_other_ids_are_other_rows(store):
    def sent(first: int) -> Table:
        return Table(dict(rows(0, 4).columns) | {"id": np.array([f"{first + n}" for n in range(4)], dtype=object)})

    assert [store.append(TASK, [sent(first)]).duplicate for first in (0, 10, 0)] == [False, False, True]
    assert store.append(TASK, [rows(0, 4)]).version.version == 3  # without ids: of nobody else
    assert store.append(TASK, [sent(20)]).duplicate  # now known without them


@pytest.mark.parametrize("names", [["target"], ["x", "c"], ["x", "c", "target"]])
def test_some_columns_alone(store, names):
    store.append(TASK, [rows(0, 30)])
    chunks = list(store.read(TASK, 1, 12, columns=names))
    assert [chunk.n_rows for chunk in chunks] == [12, 12, 6]
    assert_same(concat(chunks), rows(0, 30).select(names))


@pytest.mark.parametrize(("after", "version"), [(0, 3), (1, 3), (2, 3), (1, 2)])
def test_rows_after_a_version(store, after, version):
    ends = [0, 4, 9, 20]
    for start, stop in zip(ends, ends[1:]):
        store.append(TASK, [rows(start, stop)])
    chunks = list(store.read(TASK, version, 6, columns=["x"], after=after))
    assert [chunk.n_rows for chunk in chunks[:-1]] == [6] * (len(chunks) - 1)
    assert_same(concat(chunks), rows(ends[after], ends[version]).select(["x"]))
    with pytest.raises(UnknownDatasetVersion):
        store.read(TASK, 4, after=after)


def test_some_of_very_many_columns(store):
    task = make_task([f"n{i}" for i in range(1_500)])
    store.append(task, [rows(0, 3, task)])
    for names in (["n1499"], ["n0", "n1499"]):
        assert_same(next(store.read(task, 1, columns=names)), rows(0, 3, task).select(names))


def test_a_missing_column_is_refused_and_nothing_stays(store):
    with pytest.raises(KeyError):
        store.append(TASK, [rows(0, 3), rows(3, 6).without(["c"])])
    assert list(store.versions("flights")) == []


def test_the_same_content_again_is_the_same_version(store, clock):
    first = store.append(TASK, [rows(0, 10)]).version
    store.append(TASK, [rows(10, 12)])
    clock.advance(HOUR)
    again = store.append(TASK, rows(0, 10).chunks(3))
    assert again.duplicate and again.version == first
    assert len(store.versions("flights")) == 2
    assert_same(read(store, TASK, 2), rows(0, 12))


def test_the_same_content_in_two_tasks_is_no_duplicate(store):
    other = make_task(name="flights_2")
    store.append(TASK, [rows(0, 3)])
    appended = store.append(other, [rows(0, 3)])
    assert not appended.duplicate and appended.version.version == 1
    assert [version.task for version in store.versions("flights_2")] == ["flights_2"]
    assert_same(read(store, other, 1), rows(0, 3))


def test_a_version_never_changes(store):
    for start in (0, 10, 20):
        store.append(TASK, [rows(start, start + 10)])
    for version in (1, 2, 3):
        assert_same(read(store, TASK, version), rows(0, 10 * version))
    reading = store.read(TASK, 2, chunk_rows=6)
    first = next(reading)
    store.append(TASK, [rows(30, 40)])
    assert_same(concat([first, *reading]), rows(0, 20))


def test_chunks_are_in_order_and_no_larger_than_asked(store):
    for start, stop in ((0, 10), (10, 13), (13, 30)):
        store.append(TASK, [rows(start, stop)])
    for chunk_rows in (1, 3, 10, 11, 1_000):
        chunks = list(store.read(TASK, 3, chunk_rows))
        assert all(0 < chunk.n_rows <= chunk_rows for chunk in chunks)
        assert_same(concat(chunks), rows(0, 30))


def test_what_was_read_may_be_changed(store):
    store.append(TASK, [rows(0, 5)])
    table = read(store, TASK, 1)
    for values in table.columns.values():
        values[:] = values[0]
    next(store.read(TASK, 1))["x"][:] = 7
    assert_same(read(store, TASK, 1), rows(0, 5))


def test_what_was_appended_may_be_changed(store):
    table = rows(0, 5)
    store.append(TASK, [table])
    table["x"][:] = 7
    assert_same(read(store, TASK, 1), rows(0, 5))


class Broken(Exception):
    pass


def breaking_after(n_rows: int, failure: BaseException) -> Iterator[Table]:
    yield from rows(0, n_rows).chunks(1)
    raise failure


@pytest.mark.parametrize("failure", [
    Broken(), InvalidInput("row 7"), KeyboardInterrupt(), OSError(28, "disk full")], ids=repr)
@pytest.mark.parametrize("n_rows", [0, 1, 60])
def test_what_the_tables_raise_comes_out_and_nothing_is_added(store, monkeypatch, n_rows, failure):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 30)
    store.append(TASK, [rows(100, 101)])
    with pytest.raises(type(failure)) as raised:
        store.append(TASK, breaking_after(n_rows, failure))
    assert raised.value is failure
    assert len(store.versions("flights")) == 1
    assert not store.append(TASK, [rows(0, 60)]).duplicate
    assert_same(read(store, TASK, 2), concat([rows(100, 101), rows(0, 60)]))


def test_batches_by_threads_are_versions_without_a_gap(store, monkeypatch):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 60)
    with ThreadPoolExecutor(6) as pool:
        appended = list(pool.map(lambda i: store.append(TASK, rows(100 * i, 100 * i + 50).chunks(10)), range(12)))
    versions = store.versions("flights")
    assert [version.version for version in versions] == list(range(1, 13))
    assert [version.rows for version in versions] == list(range(50, 601, 50))
    assert {item.version.batch_id for item in appended} == {version.batch_id for version in versions}
    chain = ""
    for version in versions:
        chain = hashlib.sha256(f"{chain}{version.digest}".encode()).hexdigest()
        assert version.fingerprint == chain
    starts = {item.version.version: 100 * i for i, item in enumerate(appended)}
    expected = concat([rows(starts[version], starts[version] + 50) for version in range(1, 13)])
    assert_same(read(store, TASK, 12), expected)
    assert_same(concat(list(store.read(TASK, 12, chunk_rows=70))), expected)


def test_the_same_batch_by_threads_is_one_version(store):
    together = Barrier(4)

    def tables() -> Iterator[Table]:
        together.wait(10)
        yield rows(0, 50)

    with ThreadPoolExecutor(4) as pool:
        appended = list(pool.map(lambda _: store.append(TASK, tables()), range(4)))
    assert sorted(item.duplicate for item in appended) == [False, True, True, True]
    assert len({item.version for item in appended}) == len(store.versions("flights")) == 1
    assert_same(read(store, TASK, 1), rows(0, 50))


def test_a_slow_batch_keeps_nobody_waiting_and_is_not_seen(store, monkeypatch):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 3)
    half_way, go_on = Event(), Event()

    def tables() -> Iterator[Table]:
        yield rows(0, 5)
        half_way.set()
        assert go_on.wait(20)
        yield rows(5, 10)

    thread = Thread(target=lambda: store.append(TASK, tables()))
    thread.start()
    assert half_way.wait(10)
    started = time.monotonic()
    assert store.append(TASK, [rows(50, 60)]).version.version == 1
    assert time.monotonic() - started < 5
    assert_same(read(store, TASK, 1), rows(50, 60))
    go_on.set()
    thread.join(20)
    assert_same(read(store, TASK, 2), concat([rows(50, 60), rows(0, 10)]))


def test_a_sweep_leaves_a_living_writer_alone(store, clock, monkeypatch):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 3)

    def tables() -> Iterator[Table]:
        for start in range(5):
            yield rows(start, start + 1)
            clock.advance(timedelta(minutes=59))
            assert store.sweep() == 0

    assert store.append(TASK, tables()).version.rows == 5
    assert_same(read(store, TASK, 1), rows(0, 5))


def test_a_writer_that_makes_rows_slowly_shows_that_it_lives(store, clock):
    def tables() -> Iterator[Table]:
        for start in range(5):
            clock.advance(timedelta(minutes=50))
            yield rows(start, start + 1)
            assert store.sweep() == 0

    assert store.append(TASK, tables()).version.rows == 5


def test_a_sweep_takes_nothing_that_was_appended(store, clock):
    assert store.sweep() == 0
    store.append(TASK, [rows(0, 5)])
    clock.advance(2 * HOUR)
    assert store.sweep() == 0
    assert_same(read(store, TASK, 1), rows(0, 5))


# Of pictures ----------------------------------------------------------------------------------------------------------

FORMS = [{}, {"channels": 3}, {"bits": 16}, {"labels": ("a", "b", "c"), "values": (9, 5, 200)}]
PICTURES = make_picture_task()


def assert_same_pictures(table: Table, expected: Table) -> None:
    assert list(table.columns) == list(expected.columns)
    for name, pictures in expected.columns.items():
        assert [(one.dtype, one.shape) for one in table[name]] == [(one.dtype, one.shape) for one in pictures]
        for one, other in zip(table[name], pictures, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("form", FORMS)
def test_pictures_come_back_as_they_went_in(picture_store, form):
    task = make_picture_task(**form)
    table = make_pictures(task, 5)
    picture_store.append(task, [table.take(slice(0, 2)), table.take(slice(2, 5))])
    assert_same_pictures(read(picture_store, task, 1), table)


def test_the_same_pictures_again_are_the_same_version(picture_store):
    first = picture_store.append(PICTURES, [make_pictures(PICTURES, 3)])
    again = picture_store.append(PICTURES, make_pictures(PICTURES, 3).chunks(1))
    assert (first.duplicate, again.duplicate, again.version) == (False, True, first.version)


def test_another_pixel_is_another_batch(picture_store):
    table = make_pictures(PICTURES, 2)
    picture_store.append(PICTURES, [table])
    table[IMAGE][1][0, 0, 0] ^= 1
    assert not picture_store.append(PICTURES, [table]).duplicate
    assert len(picture_store.versions(PICTURES.name)) == 2


def test_the_digest_of_pictures_is_that_of_what_would_be_added(picture_store):
    table = make_pictures(PICTURES, 3)
    digest = picture_store.digest(PICTURES, iter(table.chunks(2)))
    assert list(picture_store.versions(PICTURES.name)) == []
    assert picture_store.append(PICTURES, [table]).version.digest == digest
    assert picture_store.digest(PICTURES, [make_pictures(PICTURES, 2)]) != digest


def test_pictures_in_chunks_no_larger_than_asked(picture_store):
    table = make_pictures(PICTURES, 40)
    picture_store.append(PICTURES, table.chunks(7))
    for chunk_rows in (1, 15, 65_536):
        chunks = list(picture_store.read(PICTURES, 1, chunk_rows))
        assert all(0 < chunk.n_rows <= chunk_rows for chunk in chunks)
        assert_same_pictures(concat(chunks), table)


@pytest.mark.parametrize("names", [[IMAGE], [MASK]])
def test_pictures_after_a_version_and_some_columns_alone(picture_store, names):
    for seed in range(3):
        picture_store.append(PICTURES, [make_pictures(PICTURES, 2, seed)])
    chunks = list(picture_store.read(PICTURES, 2, columns=names, after=1))
    assert_same_pictures(concat(chunks), make_pictures(PICTURES, 2, 1).select(names))


def test_pictures_that_went_in_and_came_back_may_be_changed(picture_store):
    table = make_pictures(PICTURES, 2)
    picture_store.append(PICTURES, [table])
    for changed in (table, read(picture_store, PICTURES, 1)):
        for name in (IMAGE, MASK):
            changed[name][0][:] = 0
            changed[name][1] = None
    assert_same_pictures(read(picture_store, PICTURES, 1), make_pictures(PICTURES, 2))


def test_what_tables_of_pictures_raise_comes_out_and_nothing_is_added(picture_store):
    def tables() -> Iterator[Table]:
        yield make_pictures(PICTURES, 1)
        raise Broken

    with pytest.raises(Broken):
        picture_store.append(PICTURES, tables())
    assert list(picture_store.versions(PICTURES.name)) == []
    with pytest.raises(InvalidInput):
        picture_store.append(PICTURES, [make_pictures(PICTURES, 0)])
    with pytest.raises(UnknownDatasetVersion):
        picture_store.read(PICTURES, 1)


# What follows is about processes and about what a database keeps; a store in memory has neither.

def kept_rows(database: Database) -> int:
    """Rows in the database, whoever may see them."""
    with database.read() as session:
        names = [name for name in inspect(session.connection()).get_table_names() if name.startswith("features_")]
        return sum(session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar() for name in names)


def append_in_a_process(url: str) -> None:
    store = SqlmodelFeatureStore(Database(url), SystemClock())
    for i in range(5):
        store.append(TASK, [rows(10 * i, 10 * i + 10)])


def test_batches_by_processes_are_versions_without_a_gap(sql_store, database_url, monkeypatch):
    run_processes(append_in_a_process, database_url, times=3)
    assert [version.version for version in sql_store.versions("flights")] == [1, 2, 3, 4, 5]
    assert read(sql_store, TASK, 5).n_rows == 50


def append_for_ever(url: str) -> None:
    def tables() -> Iterator[Table]:
        yield from rows(0, 400_000).chunks(100_000)
        print("half-way", flush=True)
        time.sleep(60)

    # Its ids have to differ from those of the test's own clock.
    clock = FixedClock(START + timedelta(milliseconds=1))
    SqlmodelFeatureStore(Database(url), clock).append(TASK, tables())


def test_a_killed_process_leaves_nothing_to_be_seen(sql_store, database, database_url, clock):
    process = start_process(append_for_ever, database_url)
    assert process.stdout.readline() == "half-way\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert kept_rows(database) > 0
    assert list(sql_store.versions("flights")) == []
    assert sql_store.append(TASK, [rows(0, 5)]).version.version == 1
    assert_same(read(sql_store, TASK, 1), rows(0, 5))

    clock.advance(HOUR)
    assert sql_store.sweep() == 0
    clock.advance(timedelta(seconds=1))
    assert sql_store.sweep() == 1
    assert sql_store.sweep() == 0
    assert kept_rows(database) == 5
    assert_same(read(sql_store, TASK, 1), rows(0, 5))


@pytest.mark.parametrize("failure", [Broken(), KeyboardInterrupt()], ids=repr)
def test_a_failed_batch_leaves_no_rows(sql_store, database, monkeypatch, failure):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 30)
    monkeypatch.setattr("adapters.sqlmodel.feature_store.DELETE_ROWS", 7)
    with pytest.raises(type(failure)):
        sql_store.append(TASK, breaking_after(60, failure))
    assert kept_rows(database) == 0
    sql_store.append(TASK, [rows(0, 60)])
    sql_store.append(TASK, [rows(0, 60)])
    assert kept_rows(database) == 60


def test_a_writer_that_was_swept_is_told_and_leaves_nothing(sql_store, database, clock, monkeypatch):
    monkeypatch.setattr("adapters.sqlmodel.feature_store.STAGE_CELLS", 3)

    def tables() -> Iterator[Table]:
        yield rows(0, 5)
        clock.advance(2 * HOUR)
        assert sql_store.sweep() == 1
        yield rows(5, 10)

    with pytest.raises(Conflict):
        sql_store.append(TASK, tables())
    assert kept_rows(database) == 0 and list(sql_store.versions("flights")) == []


def test_many_small_batches_are_read_together(sql_store, database, monkeypatch):
    monkeypatch.setattr("adapters.sqlmodel.feature_table.MAX_SEGMENTS", 20)
    for start in range(50):
        sql_store.append(TASK, [rows(start, start + 1)])
    chunks = list(sql_store.read(TASK, 50, chunk_rows=30))
    assert [chunk.n_rows for chunk in chunks] == [20, 20, 10]
    assert_same(concat(chunks), rows(0, 50))


def downgrade(database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_rows_of_a_version_that_rounded_numbers_are_known_again(sql_store, database):
    """It knew them by their numbers as 32-bit floats, and had no other."""
    table = column_of(np.array([0.1, 2.5, np.nan]))
    sql_store.append(TASK, [table])
    older = TableDigest()
    older.update(table)
    with database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE dataset_version SET digest = '{older.other_names(table.columns)[1]}'")
        if not database.is_sqlite:
            session.connection().exec_driver_sql("ALTER TABLE features_flights ALTER COLUMN x TYPE REAL")
    if not database.is_sqlite:
        downgrade(database, "0005")
    SqlmodelStorage(database).migrate()
    assert sql_store.append(TASK, [table]).duplicate
    assert not sql_store.append(TASK, [column_of(np.array([0.1, 2.6]))]).duplicate
    assert read(sql_store, TASK, 2)["x"].tolist()[3:] == [0.1, 2.6]


DOUBLE = {"postgresql": "DOUBLE PRECISION", "sqlite": "REAL"}  # SQLite calls its doubles so


def test_the_table_is_typed_and_readable(sql_store, database):
    task = make_task(["temp, °C", "Temp  C"], ["carrier"])
    sql_store.append(task, [rows(0, 2, task)])
    with database.read() as session:
        columns, name = inspect(session.connection()).get_columns("features_flights"), session.connection().dialect.name
    assert {column["name"]: str(column["type"]) for column in columns} == {
        "batch": "INTEGER", "row_no": "INTEGER", "temp_c": DOUBLE[name], "temp_c_2": DOUBLE[name], "carrier": "TEXT",
        "target": "TEXT"}


def test_missing_values_are_null(sql_store, database):
    sql_store.append(TASK, [Table({"x": np.array([np.nan], dtype=np.float64), "c": np.array([""], dtype=object),
                                   "target": np.array(["yes"], dtype=object)})])
    with database.read() as session:
        assert session.execute(text("SELECT x, c FROM features_flights")).one() == (None, None)


def test_pyarrow_is_not_imported_before_rows_move():
    code = "import sys, adapters.sqlmodel.feature_store; sys.exit('pyarrow' in sys.modules or 'alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
