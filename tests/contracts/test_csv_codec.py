from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from application.ports.csv_codec import CsvLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.csv_codec import StdlibCsvCodec

CODECS = [StdlibCsvCodec(), PyarrowCsvCodec()]
# Small blocks, so that small files have many and their edges fall everywhere.
SMALL_BLOCKS = CsvLimits(max_row_bytes=300)


@pytest.fixture(params=CODECS, ids=lambda codec: type(codec).__name__)
def codec(request):
    return request.param


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, as a socket may."""

    def __init__(self, content: bytes, step: int = 3) -> None:
        super().__init__()
        self._content, self._step = io.BytesIO(content), step

    def read(self, size: int = -1) -> bytes:
        return self._content.read(self._step if size < 0 else min(self._step, size))


def table(codec, content: bytes | str, limits: CsvLimits = CsvLimits(), stream=io.BytesIO) -> dict[str, list[str]]:
    """The whole file; checks on the way that the chunks are numbered without a gap."""
    read = codec.read(stream(content.encode() if isinstance(content, str) else content), limits)
    cells: dict[str, list[str]] = {name: [] for name in read.names}
    rows = 0
    for chunk in read.chunks:
        assert chunk.first_row == rows + 1
        assert tuple(chunk.cells) == read.names
        [size] = {len(values) for values in chunk.cells.values()}
        assert size
        rows += size
        for name, values in chunk.cells.items():
            cells[name] += values
    return cells


def faults(codec, content: bytes | str, limits: CsvLimits = CsvLimits()) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as raised:
        table(codec, content, limits)
    assert str(raised.value)
    return [(fault.where, fault.problem) for fault in raised.value.faults]


def row_faults(codec, content: bytes | str, limits: CsvLimits = CsvLimits()) -> list[str]:
    return [where for where, _ in faults(codec, content, limits)]


class TestForms:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("bom", ["", "\ufeff"])
    @pytest.mark.parametrize("last_end", [True, False])
    def test_separators_line_ends_and_bom(self, codec, separator, end, bom, last_end):
        lines = [separator.join(row) for row in (["name", "age"], ["Ann", "1"], ["Боб", ""])]
        text = bom + end.join(lines) + (end if last_end else "")
        assert table(codec, text) == {"name": ["Ann", "Боб"], "age": ["1", ""]}

    @pytest.mark.parametrize("rows", [1 << 14, (1 << 14) + 1, 50_000])
    def test_very_many_short_rows(self, codec, rows):
        numbers = [str(number) for number in range(rows)]
        assert table(codec, "a\n" + "\n".join(numbers)) == {"a": numbers}
        assert [where for where, _ in faults(codec, "a,b\n" + "1,2\n" * rows + "1\n")] == [f"row {rows + 1}"]

    def test_quotes(self, codec):
        text = 'a,b\n"x,y","say ""hi"""\n"two\nlines","and\r\nmore"\n"","\'"\n'
        assert table(codec, text) == {"a": ["x,y", "two\nlines", ""], "b": ['say "hi"', "and\r\nmore", "'"]}

    def test_quotes_where_they_do_not_belong_are_text(self, codec):
        assert table(codec, 'a,b\n6" pipe,"x"y\n "z",\n') == {"a": ['6" pipe', ' "z"'], "b": ["xy", ""]}

    def test_one_column_has_no_separator(self, codec):
        text = "text\nhello, world; and | more\n\"quoted, too\"\n\"\"\n"
        assert table(codec, text) == {"text": ["hello, world; and | more", "quoted, too", ""]}

    def test_decimal_commas_are_no_separators(self, codec):
        assert table(codec, "a;b\n1,5;2,5\n") == {"a": ["1,5"], "b": ["2,5"]}

    def test_the_separator_is_the_one_that_cuts_evenly(self, codec):
        assert table(codec, "a;b, in kg;c, in m\n1;2;3\n") == {"a": ["1"], "b, in kg": ["2"], "c, in m": ["3"]}
        assert table(codec, '"x;y",b\n1,2\n') == {"x;y": ["1"], "b": ["2"]}

    def test_names_lose_the_space_around_them_and_cells_keep_it(self, codec):
        assert table(codec, "\ufeff a ,\"b \"\n 1 , 2\n") == {"a": [" 1 "], "b": [" 2"]}

    def test_a_first_column_without_a_name_is_left_out(self, codec):
        assert table(codec, ",a,b\n0,x,y\n1,z,w\n") == {"a": ["x", "z"], "b": ["y", "w"]}

    @pytest.mark.parametrize(("text", "left_out"), [
        ("a,b,\n1,2,\n3,4, \n", (3,)), ("a,b,,\n1,2,,\n", (3, 4)), ("a,,b\n1,,2\n", (2,)),
        (",a,,b,\n0,1,,2,\n", (1, 3, 5)), ("a,b,,\n1,2\n3,4\n", (3, 4)), ("a,b\n1,2,\n3,4,\n", (3,)),
        ("a;b;;\r\n1;2;;\r\n", (3, 4)), ("a,b,\n", (3,)), ("a,b,,\n1,2,\n3,4,\n", (3, 4)), ("a,b\n1,2\n", ())])
    def test_columns_without_name_and_value_are_left_out(self, codec, text, left_out):
        read = codec.read(io.BytesIO(text.encode()))
        assert (read.names, read.left_out) == (("a", "b"), left_out)
        assert [cells for chunk in read.chunks for cells in chunk.cells.values()] in ([], [["1"], ["2"]],
                                                                                      [["1", "3"], ["2", "4"]])

    def test_one_row_that_is_narrower_than_most_is_ragged(self, codec):
        assert row_faults(codec, "a,b,\n1,2,\n3,4\n5,6,\n") == ["row 2"]
        assert row_faults(codec, "a,b\n1,2\n3,4,\n5,6\n") == ["row 2"]

    @pytest.mark.parametrize("separator", [";", ",", "\t", "|", ":", "^"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_line_that_says_the_separator(self, codec, separator, end):
        text = f"sep={separator}{end}a{separator}b{end}1,5{separator}2{end}" if separator != "," else (
            f"sep=,{end}a,b{end}\"1,5\",2{end}")
        for before in ("", "\ufeff", end):
            read = codec.read(io.BytesIO((before + text).encode()))
            assert (read.names, read.separator) == (("a", "b"), separator)
            assert [dict(chunk.cells) for chunk in read.chunks] == [{"a": ["1,5"], "b": ["2"]}]

    def test_the_separator_is_told(self, codec):
        for text, separator in (("a,b\n", ","), ("a\tb\n", "\t"), ("a\n1\n", ""), ("sep=;\na\n1,2\n", ";")):
            assert codec.read(io.BytesIO(text.encode())).separator == separator

    def test_a_header_alone_is_a_table_without_rows(self, codec):
        for text in ("a,b", "a,b\n", "a,b\r\n\r\n", "\n\na,b\n\n"):
            read = codec.read(io.BytesIO(text.encode()))
            assert read.names == ("a", "b")
            assert list(read.chunks) == []

    def test_a_header_over_several_lines(self, codec):
        assert table(codec, 'a,"b\nc"\n1,2\n') == {"a": ["1"], "b\nc": ["2"]}

    def test_blank_lines_are_no_rows(self, codec):
        assert table(codec, "\n\na,b\n\n1,2\n\r\n\n3,4\n\n") == {"a": ["1", "3"], "b": ["2", "4"]}

    def test_the_first_cell_keeps_a_bom_of_its_own(self, codec):
        assert table(codec, "a,b\n\ufeffx,y\n") == {"a": ["\ufeffx"], "b": ["y"]}

    def test_only_line_ends_end_lines(self, codec):
        assert table(codec, "a,b\nx\x0by\x0c,z\u2028\x85\n") == {"a": ["x\x0by\x0c"], "b": ["z\u2028\x85"]}

    @pytest.mark.parametrize("step", [1, 2, 7])
    def test_a_stream_that_gives_little_at_a_time(self, codec, step):
        content = "имя,b\n" + "".join(f'"строка\n{row}",{row}\n' for row in range(200))
        expected = {"имя": [f"строка\n{row}" for row in range(200)], "b": [str(row) for row in range(200)]}
        assert table(codec, content, SMALL_BLOCKS, lambda data: Trickle(data, step)) == expected

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends_that_fall_between_blocks(self, codec, end):
        limits = CsvLimits(max_row_bytes=60)
        for length in range(120):
            rows = ["x" * (1 + length // 2), "y" * (1 + length - length // 2), f"in{end}quotes", "z"]
            text = "".join(f'"{row}"{end}' for row in ["a", *rows])
            for blank_lines in range(3):
                assert table(codec, text + end * blank_lines, limits) == {"a": rows}

    def test_what_the_stream_raises_comes_out(self, codec):
        class Broken(Trickle):
            def read(self, size: int = -1) -> bytes:
                return super().read(size) or self._fail()

            def _fail(self):
                raise RuntimeError("the upload broke off")

        with pytest.raises(RuntimeError, match="broke off"):
            table(codec, "a,b\n" + "1,2\n" * 1000, CsvLimits(max_header_bytes=10), lambda data: Broken(data, 100))

    def test_the_stream_is_left_open(self, codec):
        stream = io.BytesIO(b"a,b\n1,2\n")
        list(codec.read(stream).chunks)
        assert not stream.closed

    def test_reading_may_stop_early(self, codec):
        chunks = codec.read(io.BytesIO(b"a,b\n" + b"1,2\n" * 100_000), SMALL_BLOCKS).chunks
        assert next(chunks).first_row == 1
        chunks.close()


class TestFaults:
    def test_not_utf8(self, codec):
        content = b"a,b\n" + b"x,y\n" * 16 + b"caf\xe9,y\n" + b"x,y\n" * 9
        [(where, problem)] = faults(codec, content)
        assert where == "row 17"
        assert "0xE9" in problem and "UTF-8" in problem

    @pytest.mark.parametrize("tail", [
        b"\xe9,y\n", b"x,\"\xe9\"\n", b"x,\xe9", b"\xd0", b"x,\"\n\n\xff\n\"\n", b"\xed\xa0\x80,\n"])
    def test_not_utf8_wherever_it_stands(self, codec, tail):
        content = b'a,b\n"two\nlines",y\n\n\nx,y\n'
        assert row_faults(codec, content + tail) == ["row 3"]
        assert row_faults(codec, content[:-1] + tail.replace(b"\n", b"")) == ["row 2"] or tail.startswith(b"x")

    def test_not_utf8_in_the_header(self, codec):
        for content in (b"caf\xe9,b\n1,2\n", b"a,b\xe9", b'a,"b\n\xe9"\n1,2\n', b"\xe9"):
            assert row_faults(codec, content) == ["header"]
        assert row_faults(codec, b"a,b\n\xe9") == ["row 1"]

    def test_not_utf8_deep_in_the_file(self, codec):
        content = b'"two\nlines",y\n\n' * 50_000
        assert row_faults(codec, b"a,b\n" + content + b"x,\xe9\n" + content) == ["row 50001"]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf16(self, codec, encoding):
        bom = {"utf-16": ""}.get(encoding, "\ufeff")
        [(where, problem)] = faults(codec, (bom + "a,b\n1,2\n").encode(encoding))
        assert where == "file"
        assert "UTF-16" in problem and "UTF-8" in problem

    def test_nul(self, codec):
        [(where, problem)] = faults(codec, b"a,b\n1,2\n3,\x004\n5,6\n")
        assert where == "row 2"
        assert "NUL" in problem
        assert row_faults(codec, b"a\0,b\n1,2\n") == ["header"]
        assert row_faults(codec, "a,b\n1,2\n".encode("utf-16-le")) == ["header"]

    @pytest.mark.parametrize("content", ["", "\ufeff", "\n", "\r\n\r\n", "\n" * 10_000])
    def test_an_empty_file(self, codec, content):
        assert faults(codec, content) == [("file", "is empty")]

    def test_names_twice(self, codec):
        assert faults(codec, "a,b, a,b,c\n") == [("column a", "is named twice"), ("column b", "is named twice")]

    def test_a_value_in_a_column_without_a_name(self, codec):
        found = faults(codec, "a,,b, \n1,,3, \n1,2,3,\n1,2,3,4\n")
        assert [where for where, _ in found] == ["row 2", "row 3"]
        assert "column 2, which has no name" in found[0][1] and "column 4, which has no name" in found[1][1]
        assert row_faults(codec, ",,b\n1,2,3\n") == ["row 1"]
        assert row_faults(codec, "Sales of 2024,,\na,b,c\n1,2,3\n") == ["row 1", "row 1"]

    def test_no_name_at_all(self, codec):
        for content in ('""\n1\n', ",,\n", ";;;\n1;2;3;4\n"):
            assert faults(codec, content) == [("header", "no column has a name")]

    def test_a_value_far_down_in_a_column_without_a_name(self, codec):
        assert row_faults(codec, "a,b,\n" + "1,2,\n" * 30_000 + "1,2,3\n" + "1,2,\n" * 100) == ["row 30001"]

    def test_ragged_rows(self, codec):
        text = 'a,b,c\n1,2,3\n\n"4\n4",5\n\n1,2,3\n1\n1,2,3,4\n,,\n'
        found = faults(codec, text)
        assert [where for where, _ in found] == ["row 2", "row 4", "row 5"]
        assert found[0][1] == "has 2 cells, the header has 3"
        assert "4 cells" in found[2][1]

    def test_ragged_rows_are_counted_over_blocks(self, codec):
        text = "a,b\n" + '"x\ny",2\n\n1\n' * 60
        assert row_faults(codec, text, SMALL_BLOCKS) == [f"row {row}" for row in range(2, 121, 2)]

    def test_ragged_rows_count_the_index_of_pandas(self, codec):
        assert row_faults(codec, ",a,b\n0,1,2\n1,2\n") == ["row 2"]

    @pytest.mark.parametrize("rows", [99, 100, 101, 5000])
    def test_a_hundred_ragged_rows_are_enough(self, codec, rows):
        found = row_faults(codec, "a,b\n1,2\n" + "3\n" * rows, SMALL_BLOCKS)
        assert found == [f"row {row + 2}" for row in range(min(rows, 100))]

    def test_ragged_rows_come_before_what_ends_the_reading(self, codec):
        assert row_faults(codec, b"a,b\n1\n2,3\n4\n5,\xe9\n6\n") == ["row 1", "row 3", "row 4"]
        assert row_faults(codec, b'a,b\n1\n2,3\n4,"') == ["row 1", "row 3"]

    def test_rows_before_a_fault_come_first(self, codec):
        chunks = codec.read(io.BytesIO(b"a,b\n" + b"1,2\n" * 5000 + b"3\n"), SMALL_BLOCKS).chunks
        assert next(chunks).first_row == 1

    @pytest.mark.parametrize("tail", ['"x,y\nz,w\n', 'x,"y\nz,w\n', 'x,"', '"', 'x,"y"",z', '"x\n\n\n', 'x,"\0'[:3]])
    def test_a_quote_never_closed(self, codec, tail):
        [(where, problem)] = faults(codec, 'a,b\n1,2\n\n"3\n3",4\n' + tail)
        assert where == "row 3"
        assert "quote" in problem

    def test_a_quote_never_closed_in_the_header(self, codec):
        [(where, problem)] = faults(codec, 'a,"b\n1,2\n')
        assert where == "header"
        assert "quote" in problem

    def test_a_quote_never_closed_in_one_column(self, codec):
        assert row_faults(codec, 'a\n1\n"2\n3\n') == ["row 2"]

    def test_a_quote_never_closed_in_a_long_file_is_too_large(self, codec):
        limits = CsvLimits(max_row_bytes=10_000)
        with pytest.raises((TooLarge, InvalidInput), match="row 2.*quote"):
            table(codec, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 1_900, limits)
        with pytest.raises((TooLarge, InvalidInput), match="row 2"):
            table(codec, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 100_000, limits)


class TestLimits:
    def test_columns(self, codec):
        limits = CsvLimits(max_columns=3)
        assert list(table(codec, "a,b,c\n1,2,3\n", limits)) == ["a", "b", "c"]
        with pytest.raises(TooLarge, match="4"):
            table(codec, "a,b,c,d\n", limits)

    @pytest.mark.parametrize("end", [b"", b"\n1\n", b"\r\n1\r\n", b"\r1\r"])
    def test_a_header_of_very_many_columns(self, codec, end):
        with pytest.raises(TooLarge, match="20000"):
            codec.read(io.BytesIO(b",".join(b"column%d" % k for k in range(20_000)) + end))

    def test_a_header_of_very_many_columns_behind_a_line_of_its_separator(self, codec):
        with pytest.raises(TooLarge, match="20000"):
            codec.read(io.BytesIO(b"sep=;\n" + b";".join(b"column%d" % k for k in range(20_000)) + b"\n1\n"))

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_what_parts_nothing_counts_for_no_column(self, codec, end):
        limits = CsvLimits(max_columns=3)
        assert list(table(codec, end.join(['"a,,,,,,";b', "1;2", ""]), limits)) == ["a,,,,,,", "b"]
        assert len(table(codec, end.join(["a;b", *["1;2,2"] * 9, ""]), limits)["a"]) == 9

    def test_rows(self, codec):
        limits = CsvLimits(max_rows=1_000)
        assert len(table(codec, "a,b\n" + "1,2\n" * 1_000, limits)["a"]) == 1_000
        with pytest.raises(TooLarge, match="1000"):
            table(codec, "a,b\n" + "1,2\n" * 1_001, limits)

    def test_a_cell(self, codec):
        limits = CsvLimits(max_cell_chars=10)
        assert table(codec, f"a,b\n1,{'ю' * 10}\n", limits)["b"] == ["ю" * 10]
        with pytest.raises(TooLarge, match="row 2"):
            table(codec, f"a,b\n1,{'ю' * 10}\n1,{'ю' * 11}\n", limits)
        with pytest.raises(TooLarge):
            table(codec, f"a,{'b' * 11}\n", limits)

    def test_a_long_cell_of_a_long_file(self, codec):
        with pytest.raises(TooLarge, match="row 30001"):
            table(codec, "a,b\n" + "1,2\n" * 30_000 + f"{'x' * 10_001},2\n" + "1,2\n" * 30_000)

    def test_a_header(self, codec):
        limits = CsvLimits(max_header_bytes=20)
        assert list(table(codec, "a,b\n" + "1,2\n" * 50, limits)) == ["a", "b"]
        for start in ("a," * 50, '"' + "a,b\n" * 50):
            with pytest.raises(TooLarge, match="header"):
                table(codec, start, limits)

    def test_a_row_as_long_as_allowed(self, codec):
        limits = CsvLimits(max_row_bytes=1_000)
        for before in range(0, 1_000, 37):
            text = f"a,b\n{'x' * before},1\n" + f"{'y' * 498},{'z' * 499}\n" * 3
            assert len(table(codec, text, limits)["a"]) == 4


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1f"), max_size=8)
TRICKY = st.text(st.sampled_from('",;|\t\n\r a\'é\ufeff\u2028'), max_size=8)
CELLS = st.one_of(TEXTS, TRICKY)
NAMES = st.lists(CELLS.map(str.strip).filter(lambda name: name.strip("\ufeff")), min_size=1, max_size=4,
                 unique=True).filter(lambda names: not names[0].startswith("\ufeff"))


@st.composite
def named_tables(draw) -> dict[str, list[str]]:
    names = draw(NAMES)
    rows = draw(st.lists(st.tuples(*[CELLS] * len(names)), max_size=12))
    return {name: [row[position] for row in rows] for position, name in enumerate(names)}


@pytest.mark.parametrize("writer", CODECS, ids=lambda codec: type(codec).__name__)
@pytest.mark.parametrize("reader", CODECS, ids=lambda codec: type(codec).__name__)
@given(cells=named_tables())
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read(writer, reader, cells):
    text = b"".join(writer.write(list(cells), [cells]))
    assert table(reader, text) == table(reader, text, SMALL_BLOCKS) == cells


@st.composite
def files(draw) -> tuple[str, dict[str, list[str]]]:
    """A well-formed file in any of its forms, and what is in it."""
    separator, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.tuples(*[CELLS] * width), max_size=30))
    names = [f"column {position}" for position in range(width)]
    marks = f'"{separator}\r\n' if width > 1 else '"\r\n'

    def line(cells) -> str:
        quoted = [draw(st.booleans()) or any(mark in cell for mark in marks) for cell in cells]
        written = ['"' + cell.replace('"', '""') + '"' if quote else cell for cell, quote in zip(cells, quoted)]
        return (separator.join(written) or '""') + end * draw(st.integers(1, 3))

    text = draw(st.sampled_from(["", "\ufeff"])) + "".join(map(line, [names, *rows]))
    return text, {name: [row[position] for row in rows] for position, name in enumerate(names)}


@given(file=files())
@settings(max_examples=300, deadline=None)
def test_both_read_every_well_formed_file_alike(file):
    text, cells = file
    for codec in CODECS:
        assert table(codec, text) == cells
        assert table(codec, text, SMALL_BLOCKS) == cells


@given(text=st.lists(st.sampled_from(['"', ",", ";", "\n", "\r", "a", "b", "a,b\n", "é", '"x"', "1,2\n",
                                      "sep=;\n", "1,2,\n", "a,,\n"]), max_size=40))
@settings(max_examples=400, deadline=None)
def test_both_say_the_same_of_any_text(text):
    assert outcome(CODECS[0], "".join(text)) == outcome(CODECS[1], "".join(text))


def outcome(codec, text: str, limits: CsvLimits = CsvLimits()) -> object:
    try:
        return table(codec, text, limits)
    except InvalidInput as failure:
        return [fault.where for fault in failure.faults]


@given(data=st.binary(max_size=60), start=st.sampled_from([b"", b"a,b\n", b"a\n", b"a;b\n1;2\n"]))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_a_table_or_bad_input(data, start):
    outcomes = []
    for codec in CODECS:
        try:
            outcomes.append(table(codec, start + data))
        except InvalidInput as failure:
            outcomes.append([fault.where for fault in failure.faults])
    assert outcomes[0] == outcomes[1]


class TestWriting:
    def text(self, codec, *chunks, names=None) -> str:
        return b"".join(codec.write(names or list(chunks[0]), chunks)).decode()

    def test_a_table(self, codec):
        cells = {
            "name": np.array(["Ann", 'Bob "B"', ""], dtype=object), "age": [1, 2, 3],
            "temp": np.array([39.0, 0.1, np.nan], dtype=np.float32), "label": np.array([0, 1, 0]),
        }
        assert self.text(codec, cells) == (
            'name,age,temp,label\nAnn,1,39.0,0\n"Bob ""B""",2,0.1,1\n,3,,0\n')

    def test_the_header_stands_once_before_all_chunks(self, codec):
        assert self.text(codec, {"a": ["1"], "b": ["x"]}, {"b": ["y"], "a": ["2"]}) == "a,b\n1,x\n2,y\n"
        assert b"".join(codec.write(["a", "b"], [])) == b"a,b\n"
        assert self.text(codec, {"a": [], "b": np.array([], np.float32)}) == "a,b\n"

    def test_chunks_are_written_while_they_come(self, codec):
        taken = []
        written = codec.write(["a"], (taken.append(row) or {"a": [str(row)]} for row in range(3)))
        assert (next(written), taken) == (b"a\n", [])
        assert (next(written), taken) == (b"0\n", [0])

    def test_only_what_is_named_is_written(self, codec):
        assert self.text(codec, {"a": ["1"], "b": ["2"], "c": ["3"]}, names=["c", "a"]) == "c,a\n3,1\n"

    def test_quotes_only_where_needed(self, codec):
        cells = {"a": ["x,y", "l\nl", "c\rc", 'q"', " s ", "é;"], "b;c": ["", "1", "2", "3", "4", "5"]}
        assert self.text(codec, cells) == (
            'a,"b;c"\n"x,y",\n"l\nl",1\n"c\rc",2\n"q""",3\n s ,4\né;,5\n')

    def test_an_empty_cell_alone_in_its_row_is_not_a_blank_line(self, codec):
        assert self.text(codec, {"a": ["", "x"]}) == 'a\n""\nx\n'
        assert self.text(codec, {"a": np.array([np.nan, 1], dtype=np.float32)}) == 'a\n""\n1.0\n'

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_numbers_read_back_as_they_were(self, codec, dtype):
        random = np.random.default_rng(5)
        bits = random.integers(0, 2**(8 * dtype().itemsize - 1), 20_000, dtype=f"u{dtype().itemsize}")
        special = np.array([0, -0.0, 1e14, 1e15, 1e16, 16777216, 1e-5], dtype=dtype)
        usual = random.normal(size=1_000).astype(dtype)
        numbers = np.concatenate([bits.view(dtype), -bits.view(dtype), special, usual])
        numbers = numbers[np.isfinite(numbers)]
        text = self.text(codec, {"a": numbers, "b": numbers})
        cells = table(codec, text)["a"]
        assert np.array_equal(np.array(cells, dtype=object).astype(dtype), numbers)
        # Shortest: as few digits as numpy's own shortest form.
        assert list(map(digits, cells)) == [digits(str(number)) for number in numbers]

    def test_whole_numbers_have_a_point_or_an_exponent(self, codec):
        numbers = np.array([0, 1, -39, 1e14, 999999986991104, 1e15, 1e16, 2e30, 16777216], dtype=np.float32)
        for values in (numbers, numbers.astype(np.float64)):
            cells = table(codec, self.text(codec, {"a": values, "b": values}))["b"]
            assert all("." in cell or "e" in cell for cell in cells)
        assert cells[:3] == ["0.0", "1.0", "-39.0"]

    def test_floats_that_are_no_numbers(self, codec):
        assert self.text(codec, {"a": np.array([np.inf, -np.inf, np.nan], np.float32), "b": [1, 2, 3]}) == (
            "a,b\ninf,1\n-inf,2\n,3\n")

    def test_lists_of_python_values(self, codec):
        cells = {"a": [1.5, 2.0], "b": [True, False], "c": np.array([1, 0], dtype=object)}
        assert self.text(codec, cells) == "a,b,c\n1.5,True,1\n2.0,False,0\n"


def digits(text: str) -> str:
    return text.partition("e")[0].strip("-").replace(".", "").strip("0")


def test_pyarrow_is_imported_only_where_it_is_used():
    code = "import sys; import adapters.pyarrow.csv_codec; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


READ_200_MB = """
import resource
import pyarrow.compute, pyarrow.csv
from adapters.pyarrow.csv_codec import PyarrowCsvCodec

class Generated:
    block = b'some text of a usual length,"and a quoted one,\\nof two lines",3.25\\n' * 4000
    pending, blocks = b"a,b,c\\n", 200_000_000 // len(block)

    def read(self, size):
        if not self.pending and self.blocks:
            self.pending, self.blocks = self.block, self.blocks - 1
        piece, self.pending = self.pending[:size], self.pending[size:]
        return piece

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

start_mb = peak_mb()
rows = sum(len(chunk.cells["a"]) for chunk in PyarrowCsvCodec().read(Generated()).chunks)
print(rows, peak_mb() - start_mb)
"""


def test_memory_does_not_grow_with_the_file():
    done = subprocess.run([sys.executable, "-c", READ_200_MB], capture_output=True, text=True, check=True)
    rows, grown_mb = map(float, done.stdout.split())
    assert rows > 2_000_000
    assert grown_mb < 150
