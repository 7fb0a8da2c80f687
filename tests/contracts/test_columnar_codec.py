"""The contract of the port ColumnarCodec."""
from __future__ import annotations

import io

import numpy as np
import pytest

from adapters.pyarrow.columnar_codec import PyarrowColumnarCodec
from application.ports.columnar_codec import ColumnarForm
from application.ports.csv_codec import CsvLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.columnar_codec import InMemoryColumnarCodec

NAMES = ["number", "whole", "yes", "слово"]
CHUNK = {"number": np.array([1.5, np.nan]), "whole": [3, None], "yes": [True, False], "слово": ["ж", None]}


@pytest.fixture(params=[InMemoryColumnarCodec(), PyarrowColumnarCodec()], ids=lambda codec: type(codec).__name__)
def codec(request):
    return request.param


@pytest.fixture(params=ColumnarForm)
def form(request):
    return request.param


def written(codec, form, names, *chunks) -> io.BytesIO:
    return io.BytesIO(b"".join(codec.write(form, names, iter(chunks))))


def columns(codec, file, limits=CsvLimits()) -> dict[str, list]:
    table = codec.read(file, limits)
    found = {name: [] for name in table.names}
    for chunk in table.chunks:
        assert tuple(chunk) == table.names and all(isinstance(cells, np.ndarray) for cells in chunk.values())
        for name, cells in chunk.items():
            found[name] += [None if cell != cell else cell for cell in cells.tolist()]
    return found


def test_what_is_written_is_read(codec, form):
    file = written(codec, form, NAMES, CHUNK, CHUNK | {"further": [1, 2]})
    assert codec.fits(file.getvalue()[:8])
    assert columns(codec, file) == {"number": [1.5, None] * 2, "whole": [3, None] * 2, "yes": [True, False] * 2,
                                    "слово": ["ж", None] * 2}


def test_what_form_it_is_of_is_told(codec, form):
    assert codec.read(written(codec, form, NAMES, CHUNK)).form == form


def test_numbers_keep_their_digits(codec, form):
    values = [2**53 + 1, -2**63, 2**62]
    assert columns(codec, written(codec, form, ["n"], {"n": np.array(values)})) == {"n": values}
    floats = [0.1, 1e-300, float(np.float32(0.1))]
    assert columns(codec, written(codec, form, ["n"], {"n": np.array(floats)})) == {"n": floats}


def test_many_rows_come_in_chunks_in_their_order(codec, form):
    n_rows = 70_000
    chunks = [{"n": np.arange(start, start + 7_000)} for start in range(0, n_rows, 7_000)]
    table = codec.read(written(codec, form, ["n"], *chunks))
    found = [chunk["n"] for chunk in table.chunks]
    assert len(found) > 1 and max(map(len, found)) < n_rows
    assert np.concatenate(found).tolist() == list(range(n_rows))


def test_a_cell_of_another_type_is_its_text_among_texts(codec, form):
    assert columns(codec, written(codec, form, ["n"], {"n": ["a"]}, {"n": [7]})) == {"n": ["a", "7"]}


def test_without_rows(codec, form):
    for chunks in ((), ({"a": [], "b": []},)):
        assert columns(codec, written(codec, form, ["a", "b"], *chunks)) == {"a": [], "b": []}


@pytest.mark.parametrize("limits", [CsvLimits(max_columns=3), CsvLimits(max_rows=1), CsvLimits(max_cell_chars=0)])
def test_limits(codec, form, limits):
    file = written(codec, form, NAMES, CHUNK)
    with pytest.raises(TooLarge):
        columns(codec, file, limits)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_breaks_off(codec, form, share):
    whole = written(codec, form, NAMES, *[CHUNK] * 50).getvalue()
    with pytest.raises(InvalidInput):
        columns(codec, io.BytesIO(whole[:int(len(whole) * share)]))


def test_other_files_do_not_fit(codec):
    assert not any(map(codec.fits, (b"", b"a,b\n1,2\n", b"PK\3\4....", b'{"a": 1}', b"\x1f\x8b......")))
