"""A queued experiment, run to its end whatever happens."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.model_runner import ModelLoader
from application.ports.pipeline_runner import OnProgress, PipelineCancelled, PipelineRun, PipelineRunner
from application.ports.run_marks import RunMarks
from application.ports.task_catalog import TaskCatalog
from application.queries.versions import find_version
from application.training.kept_log import keep_log
from application.training.publishing import Publishing
from application.training.searching import Searching
from domain.errors import ProgonError
from domain.experiment import Experiment, Progress


class RunExperiment:
    """Runs the pipeline for one queued experiment and publishes what it made: stamped model, plots, metrics, events; of
    one that fails, its log. One that searches runs its trials first, and becomes the best of them.

    The record tells the truth at every moment: it beats while the run is alive, and it ends as succeeded, failed with
    the reason, or cancelled. An experiment that is not queued is not run, so that it never runs twice.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, log: ExperimentLog, pipeline: PipelineRunner,
                 loader: ModelLoader, artifacts: ArtifactStore, clock: Clock, marks: RunMarks,
                 commit_reason: str = "") -> None:
        self._tasks, self._store, self._log, self._pipeline = tasks, store, log, pipeline
        self._artifacts, self._clock, self._marks = artifacts, clock, marks
        self._searching = Searching(log, marks, clock)
        self._publishing = Publishing(log, loader, artifacts, clock, commit_reason)

    def execute(self, experiment_id: int) -> Experiment:
        """Raises: UnknownExperiment, IllegalTransition if it is not queued. A failing run raises nothing."""
        # The mark comes before the record, so that there is no moment in which a kill leaves it "running" unmarked.
        with self._marks.hold(experiment_id):
            experiment = self._log.update(experiment_id, lambda queued: queued.start(self._clock.now()))
            return self._carry_out(experiment, lambda _: True)

    def _carry_out(self, experiment: Experiment, on_progress: OnProgress) -> Experiment:
        try:
            end = self._work(experiment, on_progress)
        finally:
            # Before the end is recorded: on a full disk this makes the room that the record needs.
            self._pipeline.release(experiment.id)
        # Somebody else may have ended it first, having heard nothing for too long; then that stands.
        return self._log.update(experiment.id, lambda current: current if current.status.is_final else end(current))

    def _work(self, experiment: Experiment, on_progress: OnProgress) -> Callable[[Experiment], Experiment]:
        """Returns: how it ended, as what to make of its record."""
        try:
            if experiment.search is not None:
                experiment = self._searching.run(experiment, self._carry_out)
            run = self._run(experiment)
            outcome = self._pipeline.run(
                run, lambda progress: self._beat(experiment, progress) and on_progress(progress))
            self._publishing.publish(experiment, outcome.model, outcome.metrics, outcome.files)
            told = outcome.learned.told(run.task, outcome.metrics)
            return lambda running: replace(running, source=told).succeed(
                self._clock.now(), outcome.metrics, outcome.from_cache)
        except PipelineCancelled:
            return lambda running: running.cancel(self._clock.now())
        except ProgonError as failure:
            return self._failed(experiment.id, failure.detail)
        except Exception as failure:  # a record must never stay "running" because of a fault nobody thought of
            return self._failed(experiment.id, f"{type(failure).__name__}: {failure}")

    def _failed(self, experiment_id: int, error: str) -> Callable[[Experiment], Experiment]:
        keep_log(self._pipeline, self._artifacts, experiment_id)
        return lambda running: running.fail(self._clock.now(), error)

    def _run(self, experiment: Experiment) -> PipelineRun:
        task = self._tasks.get(experiment.task, experiment.schema_version)
        data = find_version(self._store, task.name, experiment.dataset_version)
        return PipelineRun(experiment.id, replace(task, training=task.training.override(experiment.params)), data)

    def _beat(self, experiment: Experiment, progress: Progress) -> bool:
        shown = progress if experiment.search is None else replace(
            progress, share=max(progress.share, experiment.progress.share))
        running = self._log.update(experiment.id, lambda running: running.beat(self._clock.now(), shown))
        return not running.cancel_requested
