"""One process that answers requests; uvicorn makes as many of them as PROGON_WORKERS says."""
from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile

from entrypoints.admin.links import Links
from entrypoints.admin.site import Site
from entrypoints.http.app import Beside, create_app, nothing
from entrypoints.http.door import Door
from entrypoints.http.prefix import Prefix
from entrypoints.http.refusals import forbidden
from entrypoints.processes import allocation, garbage, logs
from entrypoints.processes.left_out import leave_out_pandas
from entrypoints.processes.parent import die_with_parent
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container

# Seconds after which a thread that works has to let another one in. The usual 5 ms is what a row would wait for a look
# at the deployments, or for a block of a file, each time that it comes at one; and each time that a row's answer reads
# from a connection or writes to one, a thread that computes gets in between.
SWITCH_S = 0.0002


def _beside(settings: Settings) -> Beside:
    if not settings.grpc_port:
        return nothing
    from entrypoints.grpc.server import serving
    return serving


def make_app() -> Door:
    # uvicorn's parent restarts a worker that dies, but nobody ends the workers of a parent that was killed.
    if (parent := multiprocessing.parent_process()) is not None and parent.pid is not None:
        die_with_parent(parent.pid)
    allocation.give_back_what_is_freed()
    leave_out_pandas()
    sys.setswitchinterval(SWITCH_S)
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log_level)
    # Uploads are spooled here: the system's folder for temporary files is memory on many machines.
    spool = settings.home.resolve() / "tmp"
    spool.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(spool)
    links = Links(grafana=settings.grafana_url, tensorboard=settings.tensorboard_url)
    app = create_app(make_container(settings), garbage.settle, _beside(settings))
    site = Site(app, spool / "pages", links, settings.max_body_bytes)
    return Door(Prefix(site, settings.prefix), settings.hosts, settings.origins, forbidden)
