"""Shows the experiments that have ended to a tracking server, beside the processes that answer."""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from application.use_cases.mirror_experiments import MirrorExperiments
from entrypoints.processes.repeating import Repeater

_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0
_log = logging.getLogger("progon.mlflow")


@contextmanager
def mirroring(mirror: MirrorExperiments | None) -> Iterator[None]:
    """While in the block; None: there is none to show them to."""
    if mirror is None:
        yield
        return
    with Repeater("mirror", mirror.execute, _log, pause_s=_PAUSE_S, longest_pause_s=_LONGEST_PAUSE_S,
                  failing="experiments are not shown in MLflow", caught_up="MLflow has caught up", at_once=True):
        yield
