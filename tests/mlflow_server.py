"""A real tracking server of MLflow, of an environment of its own: its package wants other versions of what is here."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import free_port, wait_until, web

# Of a Python that has mlflow, onnx and onnxruntime; .ci/run makes one.
PYTHON = os.environ.get("PROGON_TEST_MLFLOW", "")
needs_mlflow = pytest.mark.skipif(
    not PYTHON, reason="left out: PROGON_TEST_MLFLOW names no Python that has mlflow, onnx and onnxruntime")


@contextmanager
def tracking_server(folder: Path) -> Iterator[str]:
    """Gives its URL."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    environment = {"HOME": str(folder), "PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"}
    with (folder / "mlflow.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")],
            env=environment, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        wait_until(lambda: _answers(url, process), "the tracking server", within_s=180)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def _answers(url: str, process: subprocess.Popen) -> bool:
    assert process.poll() is None, "the tracking server ended"
    try:
        return web.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def asked_of_mlflow(url: str, code: str) -> str:
    """What a program says that uses MLflow's own client of this server."""
    ran = subprocess.run([PYTHON, "-c", code], env={"MLFLOW_TRACKING_URI": url, "HOME": os.environ["HOME"],
                                                    "PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
