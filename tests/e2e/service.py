"""A service of several workers, and the experiments, sound and broken, that it is made to serve."""
from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psutil

from domain.provenance import model_path, stamp
from tests.builders import succeeded
from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import TASK, put_small_task, train


class Workshop:
    """A home with the small task, its data and experiment 1, deployed; more are stamped out of one real model."""

    def __init__(self, home: Path) -> None:
        self.home, self.container = home, put_small_task(home, commit_hash="abc")
        self._model, self._loader = self.container.artifact_store().read(model_path(1)), self.container.model_loader()
        self._of_another, _ = train(self.container, replace(TASK, name="other"), home / "events of another")

    def sound(self) -> int:
        """Returns: the id of a succeeded experiment."""
        return self._put(lambda stamped: stamped)

    def truncated(self) -> int:
        return self._put(lambda stamped: stamped[:len(stamped) // 2])

    def of_another_task(self) -> int:
        return self._put(lambda _: self._of_another)

    def with_another_probe(self) -> int:
        """A file that answers otherwise than the model it says it was made of."""
        probe = json.loads(self._loader.load(self._model).card.metadata["probe"])
        probe["probabilities"] = [row[::-1] for row in probe["probabilities"]]
        return self._put(lambda stamped: self._loader.stamp(stamped, {"probe": json.dumps(probe)}))

    def living_workers(self) -> int:
        since = self.container.clock().now() - timedelta(seconds=3)
        return len(self.container.serving_fleet().workers(since))

    def close(self) -> None:
        self.container.storage().close()

    def _put(self, change: Callable[[bytes], bytes]) -> int:
        experiment = self.container.experiment_log().add(succeeded(TASK))
        stamped = self._loader.stamp(self._model, stamp(experiment, experiment.metrics, experiment.created_at))
        self.container.artifact_store().put(model_path(experiment.id), io.BytesIO(change(stamped)))
        return experiment.id


@dataclass(frozen=True)
class Service:
    port: int
    process: psutil.Process
    log: Path

    def workers(self) -> list[psutil.Process]:
        """The processes that answer, where there are several."""
        children = self.process.children(recursive=True)
        return [child for child in children if any("spawn_main" in part for part in child.cmdline())]

    def memory_bytes(self) -> list[int]:
        return [worker.memory_info().rss for worker in self.workers()]

    def connections(self) -> dict[int, int]:
        """Worker -> how many of its connections are open."""
        return {worker.pid: sum(1 for found in worker.net_connections("tcp4") if found.status == "ESTABLISHED"
                                and found.laddr.port == self.port) for worker in self.workers()}


@contextmanager
def serving(workshop: Workshop, workers: int) -> Iterator[Service]:
    """Begins when all workers answer."""
    assert workshop.living_workers() == 0, "those before said goodbye"
    # Nothing is trained here, so no engine for it is started.
    settings = {"PROGON_WORKERS": workers, "PROGON_LOG_LEVEL": "warning", "PROGON_DASK_SCHEDULER": "tcp://127.0.0.1:1"}
    with Server(workshop.home, **settings) as server:
        server.start()
        wait_until(lambda: workshop.living_workers() == workers, "all workers")
        yield Service(server.port, psutil.Process(server.process.pid), server.log)
