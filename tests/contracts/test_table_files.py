"""The contract of the port TableFiles."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.pyarrow.table_files import ParquetTableFiles
from application.ports.table_files import UnreadableTable
from domain.columns import ColumnType
from domain.schema import Column
from domain.table import Table
from tests.builders import TEMP, assert_same_table, make_table, make_task, texts
from tests.fakes.table_files import InMemoryTableFiles
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures

TASK = make_task()
STORED = TASK.schema.stored


@pytest.fixture(params=[InMemoryTableFiles, ParquetTableFiles])
def files(request):
    return request.param()


def write(files, path, columns, *tables: Table) -> None:
    with files.create(path, columns) as sink:
        for table in tables:
            sink.write(table)


def test_what_is_written_comes_back(files, tmp_path):
    table = make_table(TASK, 500)
    write(files, tmp_path / "new" / "folder" / "t.parquet", STORED, table)
    assert_same_table(files.read(tmp_path / "new" / "folder" / "t.parquet", STORED), table)


def test_extremes_come_back_to_the_bit(files, tmp_path):
    columns = [Column("a.b, °", ColumnType.NUMBER), Column("колонка \"x\"", ColumnType.CATEGORY)]
    limits = np.finfo(np.float64)
    table = Table({
        "a.b, °": np.array([np.nan, -0.0, limits.max, limits.min, limits.smallest_subnormal, 1 / 3]),
        "колонка \"x\"": texts(["", " ", "None", "\U0001f6eb", "a\nb\r\"',;", "x" * 10_000])})
    write(files, tmp_path / "t.parquet", columns, table)
    assert_same_table(files.read(tmp_path / "t.parquet", columns), table)


def test_chunks_stay_in_order_and_may_be_empty(files, tmp_path):
    table = make_table(TASK, 100)
    chunks = [table.take(slice(0, 0)), *table.chunks(33), table.take(slice(0, 0))]
    write(files, tmp_path / "t.parquet", STORED, *chunks)
    assert_same_table(files.read(tmp_path / "t.parquet", STORED), table)


@pytest.mark.parametrize("chunks", [0, 1])
def test_a_file_without_rows_is_one_too(files, tmp_path, chunks):
    nothing = make_table(TASK, 5).take(slice(0, 0))
    write(files, tmp_path / "t.parquet", STORED, *[nothing] * chunks)
    assert_same_table(files.read(tmp_path / "t.parquet", STORED), nothing)


def test_columns_are_picked_by_name_and_in_the_order_asked_for(files, tmp_path):
    table = make_table(TASK, 10)
    write(files, tmp_path / "t.parquet", STORED, table.select(reversed(table.columns)))
    wanted = [STORED[3], STORED[1]]
    assert_same_table(files.read(tmp_path / "t.parquet", wanted), table.select(column.name for column in wanted))


def test_a_table_with_more_columns_leaves_them_out(files, tmp_path):
    table = make_table(TASK, 10)
    write(files, tmp_path / "t.parquet", [TASK.schema[TEMP]], table)
    assert_same_table(files.read(tmp_path / "t.parquet", [TASK.schema[TEMP]]), table.select([TEMP]))


def test_a_new_file_takes_the_place_of_the_old(files, tmp_path):
    for seed in (1, 2):
        write(files, tmp_path / "t.parquet", STORED, make_table(TASK, 10, seed))
    assert_same_table(files.read(tmp_path / "t.parquet", STORED), make_table(TASK, 10, 2))


def test_no_file(files, tmp_path):
    with pytest.raises(UnreadableTable):
        files.read(tmp_path / "t.parquet", STORED)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n" * 100])
def test_a_file_of_another_kind(files, tmp_path, content):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(UnreadableTable):
        files.read(tmp_path / "t.parquet", STORED)


def test_a_column_that_is_not_there(files, tmp_path):
    write(files, tmp_path / "t.parquet", STORED, make_table(TASK, 10))
    with pytest.raises(UnreadableTable):
        files.read(tmp_path / "t.parquet", [*STORED, Column("other", ColumnType.NUMBER)])


@pytest.mark.parametrize("form", [{}, {"channels": 3}, {"bits": 16}])
def test_pictures_come_back(files, tmp_path, form):
    task = make_picture_task(**form)
    table = make_pictures(task, 5)
    write(files, tmp_path / "t.parquet", task.schema.stored, *table.chunks(2), table.take(slice(0, 0)))
    read = files.read(tmp_path / "t.parquet", task.schema.stored)
    for name in (IMAGE, MASK):
        assert [(one.dtype, one.shape) for one in read[name]] == [(one.dtype, one.shape) for one in table[name]]
        for one, other in zip(read[name], table[name], strict=True):
            np.testing.assert_array_equal(one, other)
