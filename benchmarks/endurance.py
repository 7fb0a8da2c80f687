"""What a service takes after a long time under full load, while it learns and deploys: nothing may grow.

    python -m benchmarks.endurance --minutes 20 [--pause 5]

16 connections ask rows without a pause; meanwhile rows are added, a model is trained on them and deployed, again and
again. Each second the proportional set size, the open files and the threads of the processes that last (those that
answer, the one beside them, the engine) are looked at, and their means in the last third are put beside those of the
middle one. The first third is left out: caches fill in it. An answer that is no 200 ends it.
"""
from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import httpx
import psutil

from benchmarks import load
from benchmarks.headline import Headline
from benchmarks.memory import pss_mb
from domain.table import Table
from tests.builders import make_table
from tests.e2e.server import Server
from tests.e2e.small_task import TASK, csv_of, put_small_task

CLIENTS, SLICE_S, ROWS, ADDED = 16, 10, 400, 200
LIMIT = 0.05
TRAINING = "entrypoints.processes.run_experiment"


@dataclass(frozen=True, slots=True)
class Look:
    memory_mb: float
    files: int
    threads: int


def main() -> list[Headline]:
    arguments = read_arguments()
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as home:
        container = put_small_task(Path(home))
        container.storage().close()
        with Server(Path(home), PROGON_LOG_LEVEL="warning") as server:
            server.start("/readyz")
            return endure(server, arguments.minutes * 60, arguments.pause)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True, help="20 tell it well")
    parser.add_argument("--pause", type=float, default=5, help="seconds between a deployment and the next training")
    return parser.parse_args()


def endure(server: Server, seconds: float, pause_s: float) -> list[Headline]:
    ended, until = Event(), time.monotonic() + seconds
    with ThreadPoolExecutor(3) as threads:
        works: list[Future] = [threads.submit(asked, server, until, ended),
                               threads.submit(learned, server, ended, pause_s), threads.submit(looked, server, ended)]
        for work in works:
            work.add_done_callback(lambda _: ended.set())  # also where it fails
        slices, deployed, looks = (work.result() for work in works)
    print(f"{seconds / 60:.0f} minutes, {CLIENTS} connections: {statistics.median(slices):,.0f} answers a second "
          f"({min(slices):,.0f} to {max(slices):,.0f} in slices of {SLICE_S} s), no answer but 200; "
          f"{deployed} models trained and deployed")
    return list(compared(looks))


def asked(server: Server, until: float, ended: Event) -> list[float]:
    """Returns: answers a second of each slice of the time. Raises: SystemExit for one that is no 200."""
    names = [column.name for column in TASK.schema.features]
    bodies, rates = rows(make_table(TASK, ROWS).select(names)), []
    while time.monotonic() < until and not ended.is_set():
        rates.append(load.under_load(server.port, "/forward", bodies, CLIENTS, SLICE_S).rate)
    return rates


def rows(table: Table) -> list[bytes]:
    """As JSON."""
    columns = {name: table[name].tolist() for name in table.columns}
    return [json.dumps({name: None if values[place] != values[place] else values[place]
                        for name, values in columns.items()}).encode() for place in range(table.n_rows)]


def learned(server: Server, ended: Event, pause_s: float) -> int:
    """Returns: models deployed."""
    deployed = 0
    with httpx.Client(base_url=server.url, timeout=600) as client:
        while not ended.wait(pause_s):
            client.put("/add_data", content=csv_of(ADDED, seed=100 + deployed), headers={
                "Content-Type": "text/csv"}).raise_for_status()
            trained = client.put("/retrain", json={"name": f"number {deployed}"}).raise_for_status().json()
            client.post(f"/deploy/{trained['experiment_id']}").raise_for_status()
            deployed += 1
    return deployed


def looked(server: Server, ended: Event) -> list[Look]:
    found, service = [], psutil.Process(server.process.pid)
    while not ended.wait(1):
        found.append(look(service))
    return found


def look(service: psutil.Process) -> Look:
    memory_mb, files, threads = 0.0, 0, 0
    for process in lasting(service):
        with suppress(psutil.NoSuchProcess, OSError):
            memory_mb, files, threads = (memory_mb + pss_mb(process.pid), files + process.num_fds(),
                                         threads + process.num_threads())
    return Look(memory_mb, files, threads)


def lasting(process: psutil.Process) -> Iterator[psutil.Process]:
    """It and those below it, but for trainings, which end with all that they start."""
    yield process
    with suppress(psutil.NoSuchProcess):
        for child in process.children():
            if not is_training(child):
                yield from lasting(child)


def is_training(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return TRAINING in process.cmdline()
    return True


def compared(looks: Sequence[Look]) -> list[Headline]:
    third = len(looks) // 3
    found = []
    for name, unit in (("memory_mb", "MB"), ("files", ""), ("threads", "")):
        middle, last = (statistics.mean(getattr(one, name) for one in part)
                        for part in (looks[third:2 * third], looks[2 * third:]))
        first = statistics.mean(getattr(one, name) for one in looks[:third])
        print(f"{name.partition('_')[0]:8} first third {first:8.1f}, middle {middle:8.1f}, last {last:8.1f} {unit}: "
              f"{last / middle - 1:+.1%} (at most {LIMIT:.0%})", flush=True)
        found.append(Headline(f"{name.partition('_')[0]} in the last third of it", unit, last, "in the middle one",
                              middle))
    return found


if __name__ == "__main__":
    main()
