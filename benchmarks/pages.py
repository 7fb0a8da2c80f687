"""How long each page takes with many experiments and many answers, on a live service.

    python -m benchmarks.pages [experiments] [predictions]

The service runs as a process of its own, with a HOME that is filled first. Printed are the median and the slowest of
RUNS requests of each page, its compressed size, and the bare `/healthz` beside it, which tells how busy the machine is.
"""
from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import TASK, csv_of, put_small_task

RUNS = 15
PAGES = ("/ui/", "/ui/try/small", "/ui/data/small", "/ui/experiments", "/ui/experiments?sort=-test.auc",
         "/ui/experiments?filter=auc+>+0.1+and+depth+<+6&sort=-test.auc",
         "/ui/experiments?q=run+77", "/ui/experiments/{last}", "/ui/compare?ids=1,2", "/ui/deployments",
         "/ui/deployments/deploy/2", "/ui/monitoring", "/ui/monitoring?prediction=1&label=0",
         "/ui/monitoring?request_id=nobody")


def fill(home: Path, experiments: int) -> None:
    container = put_small_task(home, experiments=2)
    log, now = container.experiment_log(), container.clock().now()
    first = log.get(1)
    chance = random.Random(20261)
    for number in range(experiments - 2):
        others = {f"other_{position}": chance.random() for position in range(30 - len(TASK.training.as_dict()))}
        params = {**TASK.training.as_dict(), "depth": chance.randint(2, 10), **others}
        added = log.add(type(first)(0, TASK.name, f"run {number}", 1, "0" * 40, now, params))
        log.update(added.id, lambda one: one.start(now))
        log.update(added.id, lambda one: one.succeed(now, first.metrics, from_cache=False))
    container.storage().close()


def answer(client: httpx.Client, predictions: int) -> None:
    """Labelled rows in files of 500; returns once all can be asked for and were looked at."""
    for seed in range(predictions // 500):
        client.post("/evaluate", content=csv_of(500, seed), headers={"Content-Type": "text/csv"}).raise_for_status()
    wait_until(lambda: "progon_prediction_log_backlog_rows 0.0" in client.get("/metrics").text, "an empty backlog")
    wait_until(lambda: client.get("/observations").json()["models"][0]["rows"], "the models to be looked at")


def measure(client: httpx.Client, path: str) -> tuple[list[float], int]:
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        response = client.get(path)
        seconds.append(time.perf_counter() - began)
        if response.status_code != 200:
            raise SystemExit(f"{path}: {response.status_code}")
    return seconds, response.num_bytes_downloaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiments", type=int, nargs="?", default=1_000)
    parser.add_argument("predictions", type=int, nargs="?", default=10_000)
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder:
        show(Path(folder), **vars(parser.parse_args()))


def show(home: Path, experiments: int, predictions: int) -> None:
    fill(home, experiments)
    with Server(home, PROGON_MONITOR_REFRESH_S=1).start("/readyz") as server, \
            httpx.Client(base_url=server.url, timeout=60) as client:
        answer(client, predictions)
        print(f"{experiments:,} experiments, {predictions:,} predictions; milliseconds and compressed bytes")
        for path in (page.format(last=experiments) for page in ("/healthz", *PAGES)):
            seconds, size = measure(client, path)
            print(f"{path:42} median {statistics.median(seconds) * 1e3:6.1f}  slowest {max(seconds) * 1e3:6.1f}  "
                  f"{size:7,}")


if __name__ == "__main__":
    main()
