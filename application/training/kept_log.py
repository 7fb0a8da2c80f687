"""What a run that failed has said, kept where the logs of the others are."""
from __future__ import annotations

import io
from contextlib import suppress

from application.ports.artifact_store import ArtifactStore
from application.ports.pipeline_runner import LOG, PipelineRunner


def log_path(experiment_id: int) -> str:
    return f"experiments/{experiment_id}/{LOG}"


def keep_log(pipeline: PipelineRunner, artifacts: ArtifactStore, experiment_id: int) -> None:
    """To be called before the run is released. Raises nothing: that a log is lost must not hide why the run failed."""
    with suppress(Exception):
        if said := pipeline.read_log(experiment_id):
            artifacts.put(log_path(experiment_id), io.BytesIO(said))
