"""`python -m entrypoints.commands.prepare_demo PARENT`: what `--demo` asks for, in a process of its own.

To train takes libraries and memory that a service which answers has no use for.
"""
from __future__ import annotations

import os
import signal
import subprocess
import sys

from entrypoints.commands.home import Home, wired
from entrypoints.processes.parent import die_with_parent
from entrypoints.wiring import get


def in_own_process() -> None:
    """Returns when the demo tasks are ready. Raises: SystemExit with the exit code of a failure that was told."""
    process = subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())], stdin=subprocess.DEVNULL)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code:
        raise SystemExit(code)


def main(parent: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    die_with_parent(parent)
    with wired(Home.MADE, patient=True) as container:
        get.demo_tasks(container).prepare()


if __name__ == "__main__":
    main(int(sys.argv[1]))
