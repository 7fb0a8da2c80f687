"""`python -m entrypoints.processes.housekeeping PARENT EARLIER`: all that a service does beside answering.

It ships the prediction log, looks at the models, counts the traffic, keeps the engine of trainings running and puts
right what died: in a process of its own, whose work holds up no request, and whose memory is not that of those that
answer.
"""
from __future__ import annotations

import os
import signal
import sys
from threading import Event


def main(parent: int, earlier: int) -> None:
    """Runs until SIGTERM, or until the parent is gone. earlier: how many of its like the service has had."""
    from entrypoints.processes.parent import die_with_parent

    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    die_with_parent(parent)
    _keep_house(stop, is_first=earlier == 0)


def _keep_house(stop: Event, is_first: bool) -> None:
    from entrypoints.processes import allocation, garbage, logs
    from entrypoints.processes.mirroring import mirroring
    from entrypoints.processes.observing import observing
    from entrypoints.processes.shipping import shipping
    from entrypoints.processes.training import training
    from entrypoints.settings import Settings
    from entrypoints.wiring import get, ports
    from entrypoints.wiring.container import make_container

    allocation.give_back_what_is_freed()
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log_level)
    container = make_container(settings)
    traffic = get.traffic(container)
    if not is_first:
        traffic.go_on()
    mirror = get.mirror_experiments(container) if settings.mlflow_url else None
    with (shipping(get.shipper(container)), mirroring(mirror),
          observing(traffic, get.observe_models(container), settings.monitor_refresh_s),
          training(settings, get.recovery(container), ports.executor(container), get.describer(container))):
        garbage.settle()
        stop.wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
