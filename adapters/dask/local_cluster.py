"""A Dask cluster of this machine alone."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import LocalCluster

from adapters.dask import credentials

_SETTINGS = {
    # A killed worker ends its run; by default Dask would run it three times more.
    "distributed.scheduler.allowed-failures": 0,
    # From the third on, tasks wait with the scheduler and not on a worker that may be killed.
    "distributed.scheduler.worker-saturation": 1.0,
    # Nothing is to be seen over HTTP. Dask listens all the same, so at least not on a port that others want.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A run is a process, so there is nothing to profile or to balance, and an engine that waits for one should sleep:
    # what Dask does a hundred times a second by default takes a twentieth of a processor, day and night.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
}


@contextmanager
def local_cluster(slots: int, folder: Path) -> Iterator[tuple[str, str]]:
    """Gives the scheduler's address, and the credentials of whoever may speak to it. slots: experiments at once, each
    with a worker process of its own. folder: for Dask's own files."""
    made = credentials.make()
    with dask.config.set(_SETTINGS):
        cluster = LocalCluster(
            n_workers=slots, threads_per_worker=1, processes=True, host="127.0.0.1", scheduler_port=0,
            dashboard_address=None, scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}, memory_limit=None,
            local_directory=str(folder), security=credentials.security(made), protocol="tls://")
        with cluster:
            yield cluster.scheduler_address, made
