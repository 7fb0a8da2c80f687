"""A real MLServer with a model of ours, in an environment of its own: it wants other versions of what is here."""
from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.server import free_port, wait_until, web

# Of a Python that has mlserver and onnxruntime; .ci/run makes one.
PYTHON = os.environ.get("PROGON_TEST_MLSERVER", "")
RUNTIME = Path(__file__).with_name("mlserver_runtime.py")
PACKAGES = ("mlserver==1.7.1", "onnxruntime")
needs_mlserver = pytest.mark.skipif(
    not PYTHON, reason="left out: PROGON_TEST_MLSERVER names no Python that has mlserver and onnxruntime")


@contextmanager
def mlserver(folder: Path, name: str, version: str, model: bytes, python: str = PYTHON
             ) -> Iterator[tuple[int, int, psutil.Process]]:
    """Gives its ports for HTTP and gRPC, and its process, which answers itself, without workers beside it."""
    ports = {kind: free_port() for kind in ("http_port", "grpc_port", "metrics_port")}
    settings, file = folder / "mlserver" / name, folder / "mlserver" / name / "model.onnx"
    settings.mkdir(parents=True)
    file.write_bytes(model)
    shutil.copy(RUNTIME, settings.parent)
    (settings.parent / "settings.json").write_text(json.dumps(
        {**ports, "host": "127.0.0.1", "parallel_workers": 0, "logging_settings": None}))
    (settings / "model-settings.json").write_text(json.dumps({
        "name": name, "implementation": "mlserver_runtime.OnnxColumns",
        "parameters": {"uri": str(file), "version": version}}))
    with (folder / "mlserver.log").open("wb") as log:
        process = psutil.Popen(
            [Path(python).with_name("mlserver"), "start", str(settings.parent)], stdout=log, stderr=log,
            env={"HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(settings.parent)})
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{ports['http_port']}", process), "MLServer", within_s=120)
        yield ports["http_port"], ports["grpc_port"], process
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str, process: psutil.Popen) -> bool:
    assert process.poll() is None, "MLServer ended"
    try:
        return web.get(f"{url}/v2/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
