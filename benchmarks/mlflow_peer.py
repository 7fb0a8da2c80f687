"""`mlflow models serve` of a model of CatBoost, a peer of `benchmarks.forward --peers`.

Its packages come into a virtual environment under build/peers. It answers labels without probabilities, and writes a
line of log for each request.
"""
from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from tests.e2e.server import free_port, wait_until

FOLDER = Path(__file__).parents[1] / "build" / "peers" / "mlflow"
PACKAGES = ("mlflow>=3.5,<4", "catboost>=1.2.10", "pandas", "uvloop", "httptools")
SAVE = """
import sys, catboost, mlflow.catboost
mlflow.catboost.save_model(catboost.CatBoostClassifier().load_model(sys.argv[1]), sys.argv[2])
"""


def installed() -> Path:
    """Returns: its folder of programs. It is installed once, from the index that pip is set to."""
    programs, done = FOLDER / "bin", FOLDER / "installed"
    if not done.exists():
        print(f"installing {', '.join(PACKAGES)} into {FOLDER}, some minutes", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        run([programs / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *PACKAGES])
        done.touch()
    return programs


@contextmanager
def serving(model: Path, folder: Path) -> Iterator[tuple[str, int, psutil.Process, str, Callable[[bytes], bytes]]]:
    """Name, port, process, path, and what makes its body of a row."""
    programs, port, saved = installed(), free_port(), folder / "mlflow-model"
    run([programs / "python", "-c", SAVE, model, saved])
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with (folder / "mlflow.log").open("wb") as log:
        server = psutil.Popen([programs / "mlflow", "models", "serve", "-m", saved, "-p", str(port), "-w", "1",
                               "--env-manager", "local"], env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(server, port), f"mlflow: {(folder / 'mlflow.log')}", within_s=120)
        yield "mlflow models serve", port, psutil.Process(server.pid), "/invocations", records
    finally:
        end(server)


def records(row: bytes) -> bytes:
    return b'{"dataframe_records":[' + row + b"]}"


def answers(server: psutil.Popen, port: int) -> bool:
    if server.poll() is not None:
        raise SystemExit(f"mlflow ended with {server.returncode}")
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def end(server: psutil.Popen) -> None:
    """It is a shell and its children: each is told."""
    processes = [*server.children(recursive=True), server]
    for process in processes:
        process.terminate()
    for process in psutil.wait_procs(processes, 30)[1]:
        process.kill()


def run(command: list) -> None:
    """Raises: SystemExit with what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command[:4]))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
