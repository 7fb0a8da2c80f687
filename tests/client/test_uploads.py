"""Tables and pictures as files, whatever they come as."""
from __future__ import annotations

import io
import sys

import numpy as np
import pandas
import polars
import pyarrow.csv
import pyarrow.parquet
import pytest
from PIL import Image
from progon_client import uploads
from progon_client.downloads import MEDIA_TYPES, Download

FRAME = pandas.DataFrame({"имя": ["a", None, "c"], "n": [1.5, 2.0, None]})
ROWS = [{"имя": "a", "n": 1.5}, {"имя": None, "n": 2.0}, {"имя": "c", "n": None}]


def read(upload: uploads.Upload) -> pyarrow.Table:
    with upload.open() as file:
        return pyarrow.ipc.open_stream(file).read_all()


@pytest.mark.parametrize("table", [
    FRAME, pyarrow.Table.from_pandas(FRAME, preserve_index=False), polars.DataFrame(ROWS),
    pandas.concat([FRAME, FRAME])[lambda frame: frame["n"].notna() | frame["имя"].notna()].iloc[:3]], ids=[
        "pandas", "pyarrow", "polars", "pandas with an index"])
def test_tables_of_libraries(table):
    upload = uploads.table(table)
    assert upload.media_type == uploads.ARROW
    assert read(upload).to_pylist() == ROWS


def test_a_frame_without_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    upload = uploads.table(FRAME)
    assert upload.media_type == "text/csv; charset=utf-8"
    assert upload.open().read().decode() == "имя,n\na,1.5\n,2.0\nc,\n"


def test_rows():
    upload = uploads.table([{"a": np.float32(1.5), "b": np.int64(2), "c": "ж"}, {"a": None, "b": 1, "c": "x"}])
    assert upload.open().read().decode() == '{"a": 1.5, "b": 2, "c": "ж"}\n{"a": null, "b": 1, "c": "x"}'


def test_a_path_is_read_when_it_is_sent(tmp_path):
    upload = uploads.table(tmp_path / "late.csv", charset="windows-1251")
    (tmp_path / "late.csv").write_bytes(b"a\n1\n")
    for _ in range(2):
        with upload.open() as file:
            assert file.read() == b"a\n1\n"
    assert (upload.name, upload.media_type) == ("late.csv", "text/csv; charset=windows-1251")


def test_pictures(tmp_path):
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    for picture in (pixels, Image.fromarray(pixels), tmp_path / "a.png", (tmp_path / "a.png").read_bytes()):
        with uploads.picture(picture).open() as file:
            assert (np.asarray(Image.open(file)) == pixels).all()


@pytest.mark.parametrize(("make", "what"), [
    (uploads.table, 5), (uploads.picture, 5), (uploads.table, [{"a": object()}])])
def test_what_cannot_be_sent(make, what):
    with pytest.raises(TypeError):
        make(what)


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_tables_that_come(form):
    table, written = pyarrow.table({"a": [1, 2], "b": ["x", "y"]}), io.BytesIO()
    if form == "arrow":
        with pyarrow.ipc.new_stream(written, table.schema) as stream:
            stream.write_table(table)
    else:
        {"csv": pyarrow.csv.write_csv, "parquet": pyarrow.parquet.write_table}[form](table, written)
    found = Download(content=written.getvalue(), media_type=MEDIA_TYPES[form], told={})
    assert found.to_arrow() == table
    assert found.to_pandas().to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    with pytest.raises(ValueError, match="is no zip"):
        found.files()


def test_a_file_that_is_no_table():
    with pytest.raises(ValueError, match="image/png is no table"):
        Download(content=b"", media_type="image/png", told={}).to_pandas()
