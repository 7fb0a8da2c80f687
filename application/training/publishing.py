"""What an experiment leaves, put where everybody finds it."""
from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader
from domain.experiment import Experiment, Metrics
from domain.provenance import digest_line, digest_path, model_path, stamp


class Publishing:
    def __init__(self, log: ExperimentLog, loader: ModelLoader, artifacts: ArtifactStore, clock: Clock,
                 commit_reason: str = "") -> None:
        self._log, self._loader, self._artifacts, self._clock = log, loader, artifacts, clock
        self._commit_reason = commit_reason

    def publish(self, experiment: Experiment, model: bytes, metrics: Metrics, files: Mapping[str, Path | bytes],
                more: Mapping[str, str] | None = None) -> None:
        """The model, stamped for this running experiment, its metrics, and files by the path that they are to have.
        more: what is stamped beside.

        Raises: IllegalTransition once the experiment has ended, ArtifactExists, ArtifactsFull.
        """
        stamped = self._loader.stamp(
            model, {**stamp(experiment, metrics, self._clock.now(), self._commit_reason), **(more or {})})
        for path, file in files.items():
            with io.BytesIO(file) if isinstance(file, bytes) else file.open("rb") as content:
                self._put(experiment.id, f"experiments/{experiment.id}/{path}", content)
        plain = {part: dict(values) for part, values in metrics.items()}
        self._put(experiment.id, f"experiments/{experiment.id}/metrics.json",
                  io.BytesIO(json.dumps(plain, indent=1).encode()))
        self._put(experiment.id, digest_path(experiment.id), io.BytesIO(digest_line(stamped)))
        # The model comes last: where it is, everything is.
        self._put(experiment.id, model_path(experiment.id), io.BytesIO(stamped))

    def _put(self, experiment_id: int, path: str, content: BinaryIO) -> None:
        """With a beat before it: to publish many files may take longer than others are patient with a silent run."""
        self._log.update(experiment_id, lambda running: running.beat(self._clock.now(), running.progress))
        self._artifacts.put(path, content)
