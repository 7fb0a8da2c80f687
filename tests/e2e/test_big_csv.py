"""The memory that a large file takes does not depend on how large it is."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.big_csv import MIB, PeakMemory, grow, post
from tests.builders import ROW_ID, make_table, text_cells
from tests.e2e.service import Service, Workshop, serving
from tests.e2e.small_task import TASK
from tests.http.files import csv_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SMALL_BYTES, LARGE_BYTES = 20_000_000, 80_000_000


@pytest.fixture(scope="module")
def workshop(tmp_path_factory) -> Iterator[Workshop]:
    made = Workshop(tmp_path_factory.mktemp("home"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def files(workshop) -> tuple[Path, Path]:
    # Wide rows, so that the bytes are many and the answers few enough for a test.
    cells = text_cells(make_table(TASK, 2_000)) | {ROW_ID: ["x" * 300] * 2_000}
    sample, small, large = (workshop.home / f"{name}.csv" for name in ("sample", "small", "large"))
    sample.write_bytes(csv_of(cells))
    for file, size_bytes in ((small, SMALL_BYTES), (large, LARGE_BYTES)):
        grow(sample, file, size_bytes)
    return small, large


def peak_bytes(service: Service, file: Path, accept: str) -> int:
    with PeakMemory(service.process) as memory:
        post(service.port, file, accept)
    return memory.bytes


@pytest.mark.parametrize("accept", ["text/csv", "application/json"])
def test_memory_is_bounded(workshop, files, accept):
    small, large = files
    with serving(workshop, 1) as service:
        idle = service.process.memory_info().rss
        of_small = peak_bytes(service, small, accept) - idle
        of_large = peak_bytes(service, large, accept) - idle
    assert of_large < of_small + 40 * MIB, (of_small // MIB, of_large // MIB)
    assert of_large < 300 * MIB, of_large // MIB
