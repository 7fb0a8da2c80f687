"""`python -m entrypoints.processes.engine PARENT EARLIER`: the service's own Dask cluster, in a process of its own.

Dask's workers import this module anew, so it imports next to nothing.
"""
from __future__ import annotations

import os
import signal
import sys
from threading import Event


def main(parent: int) -> None:
    """Runs until SIGTERM, or until the parent is gone; the workers end with it."""
    from entrypoints.processes import engine_address
    from entrypoints.processes.parent import die_with_parent
    from entrypoints.settings import Settings
    from entrypoints.wiring.engine import local_cluster

    die_with_parent(parent)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = Settings.from_environment(os.environ)
    with local_cluster(settings) as found, engine_address.announced(settings.home, engine_address.Engine(*found)):
        stop.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
