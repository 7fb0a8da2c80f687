"""Entries as lines, with and without what stands behind them."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from adapters.spool import lines
from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from application.ports.prediction_log import AnsweredRows
from domain.text_cells import CodedTexts
from tests.builders import CARRIER, TEMP, make_answered
from tests.fakes.telemetry import InMemoryTelemetry

ROWS = 7
NUMBERS = st.one_of(arrays.arrays(np.float64, ROWS), arrays.arrays(np.float32, ROWS),
                    arrays.arrays(np.float64, ROWS, elements=st.floats(width=32)))
TEXTS = st.builds(lambda texts, codes: CodedTexts.of(texts, codes),
                  st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)),
                           min_size=2, max_size=9), arrays.arrays(np.intp, ROWS, elements=st.integers(0, 1)))


def packed(cells: object, scores: object) -> AnsweredRows:
    return make_answered(ROWS, inputs={CARRIER: cells, TEMP: scores}, scores=scores, predictions=scores)


def apart(written: Sequence[memoryview]) -> tuple[bytes, bytes]:
    """(the line, what is behind it) of one entry."""
    line, _, rest = b"".join(written).partition(b"\n")
    more = lines.bytes_behind(line)
    assert more is not None and len(rest) == more + 1 and rest.endswith(b"\n")
    return line, rest[:-1]


@given(st.one_of(NUMBERS, TEXTS), NUMBERS)
def test_both_ways_come_to_the_same(cells, scores):
    rows = packed(cells, scores)
    alone, (line, behind) = lines.encode(rows), apart(lines.Batch().encode(rows))
    read = lines.decode(alone.rstrip(b"\n"))
    assert read is not None and read == lines.decode(line, behind)
    assert list(read.inputs[TEMP]) == [None if score != score else score for score in scores.tolist()]
    assert list(read.inputs[CARRIER]) == [None if cell != cell else cell for cell in cells.tolist()]
    assert lines.rows_in(line) == lines.rows_in(alone) == ROWS and lines.bytes_behind(alone) is None


def test_an_entry_takes_nothing_of_the_one_before():
    batch = lines.Batch()
    first, second = (batch.encode(packed(np.full(ROWS, value), np.full(ROWS, value))) for value in (1.5, 2.5))
    assert len(b"".join(first)) == len(b"".join(second)) and lines.decode(*apart(second)).scores == [2.5] * ROWS


@pytest.mark.parametrize("harm", [
    lambda line, behind: (line, behind[:-1]), lambda line, behind: (line, b""),
    lambda line, behind: (line, behind[:5] + b"x" + behind[6:]),
    lambda line, behind: (line.replace(b"flights", b"flowers"), behind),
    lambda line, behind: (line.replace(b" 7+", b" 8+"), behind)], ids=["short", "none", "changed", "line", "count"])
def test_what_was_harmed_is_not_read(harm):
    line, behind = apart(lines.Batch().encode(packed(np.arange(ROWS) / 3, np.arange(ROWS) / 7)))
    assert lines.decode(line, behind) is not None and lines.decode(*harm(line, behind)) is None


@pytest.fixture
def written(tmp_path):
    """A batch of three entries whose bytes look like ends of lines, and lines after it: its file, and what reads it."""
    log = SpoolPredictionLog(tmp_path, InMemoryTelemetry())
    newlines = np.frombuffer(b"\n\n\n\n" * ROWS, "<f4")
    with log.batch() as add:
        for name in ("a", "b", "c"):
            add(make_answered(ROWS, name, inputs={CARRIER: ["UA"] * ROWS, TEMP: newlines}))
    log.append(make_answered(request_id="later"))
    log.close()
    path, = tmp_path.glob("*/batch-*.ndjson")
    return path, SpoolPredictionSpool(tmp_path)


def ids(spool: SpoolPredictionSpool) -> list[str]:
    return sorted(entry.rows.request_id for entry in spool.pending(10**9))


def test_bytes_that_look_like_ends_of_lines_are_none(written):
    path, spool = written
    assert (spool.backlog_rows(), ids(spool)) == (3 * ROWS + 1, ["a", "b", "c", "later"])
    assert [entry.rows.inputs[TEMP][0] for entry in spool.pending(10**9)][0] == pytest.approx(6.6e-33, rel=0.01)
    spool.shipped()
    assert (spool.torn(), spool.backlog_rows(), path.exists()) == (0, 0, False)


def test_some_of_them_at_a_time(written):
    _, spool = written
    found = []
    while given_ := spool.pending(1):
        found += [entry.rows.request_id for entry in given_]
        spool.shipped()
    assert sorted(found) == ["a", "b", "c", "later"] and spool.backlog_rows() == 0


@pytest.mark.parametrize(("harm", "left", "torn"), [
    (lambda content: content.replace(b'"b"', b'"B"'), ["a", "c", "later"], 1),
    (lambda content: content[:-10], ["a", "b", "later"], 1),
    (lambda content: content[:-1], ["a", "b", "c", "later"], 0),
    (lambda content: content.replace(b" 7+28 ", b" 7+999999999 ", 1), ["later"], 1)],
    ids=["in the middle", "cut at the end", "its last newline", "a length that is none"])
def test_a_harmed_file(written, harm, left, torn):
    path, spool = written
    before = path.read_bytes()
    path.write_bytes(harm(before))
    assert path.read_bytes() != before and ids(spool) == left
    spool.shipped()
    assert (spool.torn(), spool.backlog_rows(), path.exists()) == (torn, 0, False)
