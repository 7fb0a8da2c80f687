"""What a service of many tasks takes: 50 of small tables and 3 of colour pictures by default, in all its processes.

    python -m benchmarks.many_tasks [--tables 50] [--pictures 3] [--rows 2000] [--size 512] [--rounds 2]

Each task has a model of its own, of as many trees as its training chose: flights of the demo, and cells in colour. All
are asked by turns: a row, a file of `rows`, a picture of `size` x `size`. Memory is the proportional set size, where
pages that processes share count once. Then the time of the first row that a task is asked for after the others.
"""
from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from benchmarks.colours import drawn
from benchmarks.flights import Flights, read_flights, train_ours
from benchmarks.headline import Headline
from benchmarks.memory import pss_mb
from domain.deployment import Deployment
from domain.splitting import Parts
from domain.task import Task
from domain.training import Training
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.e2e.server import Server
from tests.e2e.small_task import put_experiment
from tests.pictures import make_picture_task

LIMIT_MB, FLIGHTS, CELLS = 700, 2_400, 12


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """A task and a model of it, to be published under several names."""

    task: Task
    model: bytes

    def publish(self, container: Container, number: int) -> str:
        task = replace(self.task, name=f"{self.task.name}_{number}")
        container.task_catalog().add(task)
        model = container.model_loader().stamp(self.model, {"task": task.name})
        experiment, now = put_experiment(container, task, model, {}), container.clock().now()
        container.deployment_log().append(task.name, lambda _: Deployment(task.name, experiment.id, None, 1, now))
        return task.name


def main() -> list[Headline]:
    arguments = read_arguments()
    flights = small_flights()
    table, picture = Learned(flights.task, train_ours(flights).model), colours()
    print(f"model files: {len(table.model) / 1e6:.2f} MB of a table, {len(picture.model) / 1e6:.2f} of pictures")
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as home:
        container = make_container(Settings(home=Path(home), commit_hash="benchmark"))
        container.storage().migrate()
        tables = [table.publish(container, number) for number in range(arguments.tables)]
        pictures = [picture.publish(container, number) for number in range(arguments.pictures)]
        container.storage().close()
        with Server(Path(home), PROGON_LOG_LEVEL="warning") as server:
            server.start("/readyz", within_s=300)
            with httpx.Client(base_url=server.url, timeout=600) as client:
                return measure(client, psutil.Process(server.process.pid), flights, (tables, pictures), arguments)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("tables", 50), ("pictures", 3), ("rows", 2_000), ("size", 512), ("rounds", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    return parser.parse_args()


def small_flights() -> Flights:
    flights = read_flights(iterations=300)
    few = (part.take(slice(0, FLIGHTS)) for part in (flights.parts.train, flights.parts.valid, flights.parts.test))
    return replace(flights, parts=Parts(*few))


def colours() -> Learned:
    cells = drawn(CELLS, np.random.default_rng(0))
    task = make_picture_task(channels=3, training=Training.of(iterations=100, early_stopping_rounds=0))
    parts = Parts(*(cells.take(slice(*ends)) for ends in ((0, 8), (8, 10), (10, 12))))
    with tempfile.TemporaryDirectory() as folder:
        training = TrainModel(CatboostPixelTrainer(2), OnnxModelLoader()).execute(
            task, parts, Path(folder), lambda *_: None)
    return Learned(task, training.model)


def measure(client: httpx.Client, service: psutil.Process, flights: Flights, names: tuple[list[str], list[str]],
            arguments: argparse.Namespace) -> list[Headline]:
    tables, pictures = names
    row, file, picture = flights.bodies(1)[0], flights.csv(arguments.rows), noise(arguments.size)
    tell("started", service)
    for _ in range(arguments.rounds):
        rows_s = [post(client, name, "/forward", row, "application/json") for name in tables]
        tell("a row of each table", service)
        for name in tables:
            post(client, name, "/forward_batch", file, "text/csv")
        tell(f"a file of {arguments.rows:,} rows to each", service)
        for name in pictures:
            post_picture(client, name, picture)
        tell(f"a picture of {arguments.size} x {arguments.size} to each", service)
    total_mb = sum(taken_mb(service).values())
    print(f"the first row after all others: median {statistics.median(rows_s) * 1e3:.1f} ms, longest "
          f"{max(rows_s) * 1e3:.1f} ms")
    what = f"{len(tables)} + {len(pictures)} tasks, all processes"
    return [Headline(what, "MB", total_mb, "the limit", LIMIT_MB)]


def post(client: httpx.Client, task: str, path: str, body: bytes, media_type: str) -> float:
    """Returns: seconds."""
    began = time.perf_counter()
    client.post(path, params={"task": task}, content=body, headers={"Content-Type": media_type}).raise_for_status()
    return time.perf_counter() - began


def post_picture(client: httpx.Client, task: str, picture: bytes) -> None:
    client.post("/forward", params={"task": task}, files={"image": ("noise.png", picture)}).raise_for_status()


def noise(size: int) -> bytes:
    """As a PNG."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def tell(when: str, service: psutil.Process) -> None:
    taken = taken_mb(service)
    each = ", ".join(f"{name} {mb:.0f}" for name, mb in taken.items())
    print(f"{when:32} {sum(taken.values()):5.0f} MB: {each}", flush=True)


def taken_mb(service: psutil.Process) -> Mapping[str, float]:
    return dict(_taken_mb(service))


def _taken_mb(service: psutil.Process) -> Iterator[tuple[str, float]]:
    for number, process in enumerate((service, *service.children(recursive=True))):
        with suppress(psutil.NoSuchProcess, OSError):
            if taken := pss_mb(process.pid):
                yield f"{number} {_name(process)}", taken


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return next((name for name in ("housekeeping", "engine", "resource_tracker", "progon") if name in words), "python")


if __name__ == "__main__":
    main()
