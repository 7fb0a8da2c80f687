from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from application.ports.experiment_mirror import ExperimentMirror, LeftFile
from domain.experiment import Experiment


class InMemoryExperimentMirror(ExperimentMirror):
    """failing: raised instead, by id of the experiment, or by 0 whatever it is."""

    def __init__(self) -> None:
        self.shown: dict[int, tuple[Experiment, Sequence[Mapping[str, object]], dict[str, bytes]]] = {}
        self.running: dict[int, Experiment] = {}
        self.failing: dict[int, Exception] = {}

    def begin(self, experiment: Experiment) -> None:
        if failure := self.failing.get(experiment.id, self.failing.get(0)):
            raise failure
        if experiment.id not in self.shown:
            self.running.setdefault(experiment.id, experiment)

    def put(self, experiment: Experiment, curve: Sequence[Mapping[str, object]], files: Iterable[LeftFile]) -> None:
        if failure := self.failing.get(experiment.id, self.failing.get(0)):
            raise failure
        if experiment.id not in self.shown:
            kept = {file.path: b"".join(file.content) for file in files}
            self.shown[experiment.id] = (experiment, curve, kept)
            self.running.pop(experiment.id, None)
