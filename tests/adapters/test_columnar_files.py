"""Files as pandas and pyarrow write them."""
from __future__ import annotations

import io
from datetime import date, datetime, timezone
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from adapters.pyarrow.columnar_codec import PyarrowColumnarCodec
from application.ports.csv_codec import CsvLimits
from domain.errors import InvalidInput, TooLarge

CODEC = PyarrowColumnarCodec()


def read(content: bytes, limits: CsvLimits = CsvLimits()) -> dict[str, list]:
    table = CODEC.read(io.BytesIO(content), limits)
    found = {name: [] for name in table.names}
    for chunk in table.chunks:
        for name, cells in chunk.items():
            found[name] += [None if cell != cell else cell for cell in cells.tolist()]
    return found


def parquet(table: pa.Table, **options) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def one(values, kind: pa.DataType) -> list:
    return read(parquet(pa.table({"x": pa.array(values, kind)})))["x"]


@pytest.mark.parametrize(("values", "kind", "expected"), [
    ([1, None], pa.int8(), [1, None]), ([2**64 - 1], pa.uint64(), [2**64 - 1]), ([None, None], pa.null(), [None, None]),
    ([0.5, None], pa.float16(), [0.5, None]), ([True, None], pa.bool_(), [True, None]),
    (["a", None], pa.large_string(), ["a", None]), (["a", "b"], pa.dictionary(pa.int8(), pa.string()), ["a", "b"]),
    ([Decimal("1.25"), None], pa.decimal128(9, 2), [1.25, None]),
    ([date(2013, 1, 31), None], pa.date32(), ["2013-01-31", None]),
    ([datetime(2013, 1, 31, 5, 0, 7)], pa.timestamp("s"), ["2013-01-31 05:00:07"]),
    ([datetime(2013, 1, 31, 5, 0, 0, 250_000)], pa.timestamp("ns"), ["2013-01-31 05:00:00.250000"]),
    ([datetime(2013, 1, 31, 5, tzinfo=timezone.utc)], pa.timestamp("us", "UTC"), ["2013-01-31 05:00:00+00:00"])])
def test_every_type_of_cell(values, kind, expected):
    assert one(values, kind) == expected


@pytest.mark.parametrize(("values", "kind"), [
    ([[1, 2]], pa.list_(pa.int8())), ([{"a": 1}], pa.struct({"a": pa.int8()})), ([b"a"], pa.binary()),
    ([7], pa.duration("s"))])
def test_what_is_no_cell_is_refused_by_name(values, kind):
    with pytest.raises(InvalidInput, match="column x is of the type"):
        one(values, kind)


def test_files_of_pandas_with_their_index_left_out():
    frame = pd.DataFrame({"age": [39, None], "job": pd.Categorical(["clerk", None]), "late": [True, False]})
    file = io.BytesIO()
    frame.to_parquet(file)
    assert read(file.getvalue()) == {"age": [39.0, None], "job": ["clerk", None], "late": [True, False]}
    file = io.BytesIO()
    pyarrow.feather.write_feather(frame, file)
    assert read(file.getvalue()) == {"age": [39.0, None], "job": ["clerk", None], "late": [True, False]}


def test_a_name_that_is_there_twice():
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(InvalidInput, match="column a is there twice"):
        read(parquet(table))


def test_the_cell_that_is_too_long_is_named():
    table = pa.table({"a": ["x"] * 9_000 + ["x" * 11] + ["x"]})
    with pytest.raises(TooLarge, match="row 9001, column a: 11 characters; 10"):
        read(parquet(table), CsvLimits(max_cell_chars=10))


def test_rows_are_counted_before_anything_is_unpacked():
    content = parquet(pa.table({"a": np.zeros(5_000_000)}))
    assert len(content) < 100_000
    with pytest.raises(TooLarge, match="5000000 rows"):
        CODEC.read(io.BytesIO(content), CsvLimits(max_rows=1_000_000))


def test_a_group_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("adapters.pyarrow.columnar_codec._MAX_GROUP_BYTES", 1_000)
    with pytest.raises(TooLarge, match="row group"):
        read(parquet(pa.table({"a": np.arange(100_000)})))


def test_any_damage_is_refused_or_told():
    whole, random = parquet(pa.table({"a": ["x", "y"] * 500, "b": np.arange(1000.0)})), np.random.default_rng(3)
    for _ in range(60):
        damaged = bytearray(whole)
        for place in random.integers(4, len(whole), 3):
            damaged[place] ^= 0xFF
        try:
            read(bytes(damaged))
        except (InvalidInput, TooLarge):
            pass


def repeated(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), [text])


def arrow(column: pa.Array) -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_stream(file, pa.schema({"a": column.type})) as writer:
        writer.write_batch(pa.record_batch({"a": column}))
    return file.getvalue()


@pytest.mark.parametrize("write", [lambda column: parquet(pa.table({"a": column}), store_schema=False), arrow],
                         ids=["parquet", "arrow"])
def test_a_text_that_stands_for_many_is_not_unpacked_for_each(write):
    """Unpacked it would take 80 GB."""
    with pytest.raises(TooLarge, match="column a: "):
        read(write(repeated("x" * 10_000_000, 8_000)))


def test_long_texts_come_in_shorter_chunks():
    """Of 8,192 rows each a chunk would have 80 MB."""
    content = parquet(pa.table({"a": repeated("x" * 10_000, 8_192)}), store_schema=False)
    chunks = [len(chunk["a"]) for chunk in PyarrowColumnarCodec().read(io.BytesIO(content)).chunks]
    assert sum(chunks) == 8_192
    assert max(chunks) * 10_000 <= 16 << 20


def test_texts_written_as_differences():
    texts = [f"a long beginning {number}" for number in range(20_000)]
    content = parquet(pa.table({"a": texts}), use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    assert read(content) == {"a": texts}


def test_texts_that_stand_once_for_many_rows_are_told_by_the_same_list_while_they_stay_the_same():
    batches = [pa.RecordBatch.from_arrays([pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), texts)], ["x"])
               for codes, texts in [([0, 1, 0], ["a", "b"]), ([1, 1, None], ["a", "b"]), ([1, 0, None], ["a", "b"]),
                                    ([1, 0, 1], ["a", "c"]), ([0, 0, 1], ["a", "c"])]]
    file = io.BytesIO()
    with pa.ipc.new_stream(file, batches[0].schema, options=pa.ipc.IpcWriteOptions(
            unify_dictionaries=False, emit_dictionary_deltas=False)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    columns = [chunk["x"] for chunk in CODEC.read(io.BytesIO(file.getvalue())).chunks]
    assert [column.tolist() for column in columns] == [
        ["a", "b", "a"], ["b", "b", None], ["b", "a", None], ["c", "a", "c"], ["a", "a", "c"]]
    same = [one.texts is other.texts for one, other in pairwise(columns)]
    assert same == [False, True, False, True]
