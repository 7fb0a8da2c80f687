"""Running a function of a test module in other processes."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = "import sys; from importlib import import_module as load; getattr(load(sys.argv[1]), sys.argv[2])(*sys.argv[3:])"


def start_process(function: Callable[..., None], *arguments: str) -> subprocess.Popen:
    module = ".".join(Path(function.__code__.co_filename).relative_to(ROOT).with_suffix("").parts)
    return subprocess.Popen(
        [sys.executable, "-c", RUN, module, function.__name__, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)})


def run_processes(function: Callable[..., None], *arguments: str, times: int) -> None:
    """All at once; fails if one of them does."""
    processes = [start_process(function, *arguments) for _ in range(times)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * times
