"""`python -m entrypoints.processes.run_experiment ID [PARENT]`: what a task of the executor starts, a process a run."""
from __future__ import annotations

import logging
import os
import sys

from application.ports.experiment_log import UnknownExperiment
from domain.errors import Conflict
from entrypoints.processes.parent import die_with_parent
from entrypoints.settings import Settings
from entrypoints.wiring import get
from entrypoints.wiring.container import make_container

_log = logging.getLogger("progon.training")
# Training takes the processor time that answering requests leaves.
NICENESS = 10


def main(experiment_id: int, parent: int | None = None) -> None:
    """Exit code 0 however the experiment ends, since its record says that; another only if it cannot be recorded."""
    if parent is not None:
        die_with_parent(parent)
    os.nice(NICENESS)
    settings = Settings.from_environment(os.environ)
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    container = make_container(settings)
    try:
        experiment = get.run_experiment(container).execute(experiment_id)
        _log.info("experiment %s: %s", experiment_id, experiment.error or experiment.status)
    except (Conflict, UnknownExperiment) as failure:  # it was cancelled, or ran already: nothing to do
        _log.info("experiment %s is not run: %s", experiment_id, failure)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
