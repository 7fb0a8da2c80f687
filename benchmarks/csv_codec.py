"""How fast CSV is read to Python texts and written, against pandas.

    python -m benchmarks.csv_codec [rows]

Both read every cell as text, as rows whose faults are to be told by row and column have to be, and give an empty cell
as "". Ours streams, in chunks of 65,536 rows, and finds broken quotes and widths by row. Best of three, by turns.
"""
from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from benchmarks.headline import Headline

ROUNDS = 3
Columns = Mapping[str, np.ndarray]


def table(rows: int) -> dict[str, np.ndarray]:
    """Twenty columns, half of them numbers, about 160 bytes a row."""
    random = np.random.default_rng(1)
    cities = np.array(["New York", "Chicago", "San Francisco", "Los Angeles"], dtype=object)
    numbers = {f"number{k}": (random.normal(size=rows) * 100).astype(np.float32) for k in range(10)}
    return numbers | {f"category{k}": cities[random.integers(0, 4, rows)] for k in range(10)}


def chunks_of(columns: Columns, size_rows: int = 65_536) -> Iterator[Columns]:
    rows = len(next(iter(columns.values())))
    for start in range(0, rows, size_rows):
        yield {name: values[start:start + size_rows] for name, values in columns.items()}


def ours_read(text: bytes) -> int:
    return sum(1 for _ in PyarrowCsvCodec().read(io.BytesIO(text)).chunks)


def ours_write(columns: Columns) -> bytes:
    return b"".join(PyarrowCsvCodec().write(list(columns), chunks_of(columns)))


def pandas_read(text: bytes) -> int:
    return len(pd.read_csv(io.BytesIO(text), dtype=object, keep_default_na=False))


def pandas_write(columns: Columns) -> bytes:
    return pd.DataFrame(columns).to_csv(index=False).encode()


def best_s(*works: Callable[[], object]) -> list[float]:
    """Of each, by turns, so that a busy moment of the machine is nobody's alone."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def main() -> list[Headline]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="?", default=300_000)
    rows = parser.parse_args().rows
    columns = table(rows)
    answer = columns | {"prediction": columns["number0"], "probability_1": columns["number1"]}
    text = ours_write(columns)
    read = best_s(lambda: ours_read(text), lambda: pandas_read(text))
    written = best_s(lambda: ours_write(answer), lambda: pandas_write(answer))
    print(f"read  {rows:,} x {len(columns)}, {len(text) / 1e6:.0f} MB, to Python texts: {read[0]:.2f} s, "
          f"pandas {read[1]:.2f} s")
    print(f"write {rows:,} x {len(answer)}: {written[0]:.2f} s, pandas {written[1]:.2f} s")
    return [Headline(f"CSV to texts, {rows:,} rows", "s", read[0], "pandas.read_csv", read[1]),
            Headline(f"columns to CSV, {rows:,} rows", "s", written[0], "pandas.to_csv", written[1])]


if __name__ == "__main__":
    main()
