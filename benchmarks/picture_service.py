"""A live service with one model of pictures, its speed and its memory as its users meet them."""
from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image

from adapters.onnx.model_runner import OnnxModelLoader
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.task import Task
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.builders import succeeded
from tests.e2e.server import Server
from tests.fakes.clock import START

# Nothing is trained here, so no engine for it is started.
NO_ENGINE = "tcp://127.0.0.1:1"


@dataclass(frozen=True)
class PictureService:
    client: httpx.Client
    process: psutil.Process

    def forward(self, content: bytes, output: str = "mask") -> None:
        files = {"image": ("picture.png", content)}
        answer = self.client.post("/forward", files=files, headers={"X-Output": output})
        answer.raise_for_status()
        assert answer.json()["image"]

    def forget_peak(self) -> None:
        for process in self._processes():
            Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")

    def peak_mb(self) -> int:
        """Since it was forgotten, of all processes of the service together, each at its own moment."""
        peaks = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))
                 for process in self._processes()]
        return sum(int(peak[1]) for peak in peaks if peak) // 1024

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def serving(home: Path, task: Task, model: bytes) -> Iterator[PictureService]:
    _deploy(home, task, model)
    with Server(home, PROGON_DASK_SCHEDULER=NO_ENGINE, PROGON_LOG_LEVEL="warning") as server:
        with httpx.Client(base_url=server.start("/readyz").url, timeout=600) as client:
            yield PictureService(client, psutil.Process(server.process.pid))


def png(pixels: np.ndarray) -> bytes:
    """pixels: uint8[height, width, 1]."""
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0]).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _deploy(home: Path, task: Task, model: bytes) -> None:
    container = make_container(Settings(home=home, commit_hash="benchmark"))
    container.storage().migrate()
    container.task_catalog().add(task)
    experiment = container.experiment_log().add(succeeded(task))
    stamped = OnnxModelLoader().stamp(model, stamp(experiment, experiment.metrics, START))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(task.name, lambda _: Deployment(task.name, experiment.id, None, 1, START))
    container.storage().close()
