"""Experiments that run or have ended are shown where people look after all of their runs."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.experiment_log import ExperimentLog
from application.ports.experiment_mirror import ExperimentMirror, LeftFile, MirrorRefused
from application.serving.wanted import while_wanted
from domain.experiment import Experiment, Status
from domain.provenance import experiment_folder

_PAGE = 200
_CURVES = "plots/learning_curves.json"


class MirrorExperiments:
    """No experiment waits for the mirror: it is asked beside them, and what ended while it was away is made up for, the
    oldest first. One that it refuses holds up no other. What is deleted here stays there."""

    def __init__(self, experiments: ExperimentLog, artifacts: ArtifactStore, mirror: ExperimentMirror) -> None:
        self._experiments, self._artifacts, self._mirror = experiments, artifacts, mirror
        self._begun: set[int] = set()
        self._there: set[int] = set()
        # All below are there.
        self._floor = 0

    def execute(self) -> int:
        """Returns: how many have ended and are there that were not, as far as it is known here. Raises:
        MirrorUnavailable at once; MirrorRefused when all others are there."""
        refusals, taken = [], 0
        for experiment in while_wanted(self._waiting()):
            try:
                taken += self._shown(experiment)
            except MirrorRefused as refusal:
                refusals.append(refusal)
        if refusals:
            raise refusals[0]
        return taken

    def _shown(self, experiment: Experiment) -> bool:
        """Returns: whether it has ended. Raises: MirrorUnavailable, MirrorRefused."""
        if experiment.status.is_final:
            self._mirror.put(experiment, self._curve(experiment), self._files(experiment))
            self._there.add(experiment.id)
            self._begun.discard(experiment.id)
        elif experiment.id not in self._begun:
            self._mirror.begin(experiment)
            self._begun.add(experiment.id)
        return experiment.status.is_final

    def _waiting(self) -> Sequence[Experiment]:
        """Oldest first."""
        above = list(self._above_the_floor())
        missing = [experiment for experiment in above if experiment.id not in self._there]
        self._floor = missing[-1].id if missing else max([self._floor, *(each.id + 1 for each in above)])
        self._there = {number for number in self._there if number >= self._floor}
        return [experiment for experiment in reversed(missing) if experiment.status is not Status.QUEUED]

    def _above_the_floor(self) -> Iterator[Experiment]:
        """Newest first."""
        before: int | None = None
        while page := self._experiments.list(limit=_PAGE, before=before):
            yield from (experiment for experiment in page if experiment.id >= self._floor)
            before = page[-1].id
            if before <= self._floor:
                return

    def _curve(self, experiment: Experiment) -> Sequence[Mapping[str, object]]:
        try:
            read = self._artifacts.read(f"{experiment_folder(experiment.id)}/{_CURVES}")
        except UnknownArtifact:  # it failed before there was one, or was imported
            return []
        curve: Sequence[Mapping[str, object]] = json.loads(read)
        return curve

    def _files(self, experiment: Experiment) -> Iterator[LeftFile]:
        above = f"{experiment_folder(experiment.id)}/"
        for info in self._artifacts.list(above.rstrip("/")):
            size_bytes, content = self._artifacts.open(info.path)
            yield LeftFile(info.path.removeprefix(above), size_bytes, while_wanted(content))
