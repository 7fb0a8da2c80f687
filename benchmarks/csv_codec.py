"""How fast CSV is read to Python texts and written: python -m benchmarks.csv_codec [rows]."""
from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable

import numpy as np

from adapters.pyarrow.csv_codec import PyarrowCsvCodec

ROUNDS = 3


def table(rows: int) -> dict[str, np.ndarray]:
    """Twenty columns, half of them numbers, about 160 bytes a row."""
    random = np.random.default_rng(1)
    cities = np.array(["New York", "Chicago", "San Francisco", "Los Angeles"], dtype=object)
    numbers = {f"number{k}": (random.normal(size=rows) * 100).astype(np.float32) for k in range(10)}
    return numbers | {f"category{k}": cities[random.integers(0, 4, rows)] for k in range(10)}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def chunks_of(columns: dict[str, np.ndarray], size_rows: int = 65_536):
    rows = len(next(iter(columns.values())))
    for start in range(0, rows, size_rows):
        yield {name: values[start:start + size_rows] for name, values in columns.items()}


def main(rows: int) -> None:
    codec, columns = PyarrowCsvCodec(), table(rows)
    answer = columns | {"prediction": columns["number0"], "probability_1": columns["number1"]}
    text = b"".join(codec.write(list(columns), chunks_of(columns)))
    read_s = min(seconds(lambda: sum(1 for _ in codec.read(io.BytesIO(text)).chunks)) for _ in range(ROUNDS))
    write_s = min(seconds(lambda: sum(map(len, codec.write(list(answer), chunks_of(answer))))) for _ in range(ROUNDS))
    print(f"read  {rows} x {len(columns)}, {len(text) / 1e6:.0f} MB, to Python texts: {read_s:.2f} s")
    print(f"write {rows} x {len(answer)}: {write_s:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
