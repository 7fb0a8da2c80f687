"""Experiments: asked for, carried out, put right."""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.files.run_marks import FilesRunMarks
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.subprocess.model_trial import SubprocessModelTrial
from application.decorators import telling
from application.decorators.experiment_log import PatientExperimentLog
from application.ports.pipeline_runner import PipelineRunner
from application.ports.trainer_registry import TrainerRegistry
from application.training.inline_executor import InlineExecutor
from application.training.publishing import Publishing
from application.use_cases.cancel_experiment import CancelExperiment
from application.use_cases.export_data import ExportData
from application.use_cases.extract_data import ExtractData
from application.use_cases.import_model import ImportModel
from application.use_cases.recover_experiments import RecoverExperiments
from application.use_cases.retrain import Retrain
from application.use_cases.run_experiment import RunExperiment
from entrypoints.processes import engine_address
from entrypoints.processes.describing import Describer
from entrypoints.processes.workspaces import workspace
from entrypoints.settings import PREFIX, ROOT, Settings
from entrypoints.wiring import trainers
from entrypoints.wiring.auditing import audited
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton, providers

if TYPE_CHECKING:
    from adapters.dask.executor import DaskExecutor


def _pipeline_runner(settings: Settings, registry: TrainerRegistry) -> PipelineRunner:
    from adapters.dvc.pipeline_runner import DvcPipelineRunner
    return DvcPipelineRunner(
        settings.home, ROOT / "dvc.yaml", dict(os.environ) | settings.for_children(), registry.identify)


def _run_marks(settings: Settings) -> FilesRunMarks:
    return FilesRunMarks(settings.home.resolve() / "runs")


def _executor(settings: Settings) -> DaskExecutor:
    from adapters.dask.executor import DaskExecutor
    # Another one's credentials are a matter of Dask's own settings.
    return DaskExecutor(lambda: (settings.dask_scheduler, "") if settings.dask_scheduler else
                        engine_address.find(settings.home), ["-m", "entrypoints.processes.run_experiment"])


def _model_trial(settings: Settings) -> SubprocessModelTrial:
    return SubprocessModelTrial(
        ParquetTableFiles(), ["-m", "entrypoints.processes.try_model"], _without_settings(os.environ),
        settings.import_patience_s, settings.import_memory_bytes)


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What a process that is to be shut off need not know: where the database is, and the keys."""
    return {name: value for name, value in environment.items() if not name.startswith(PREFIX)}


def _workspaces(settings: Settings) -> Callable[[], AbstractContextManager[Path]]:
    return partial(workspace, settings.home.resolve() / "imports")


class Training(Core):
    trainer_registry = ThreadSafeSingleton(trainers.registry, Core.settings)
    describer = ThreadSafeSingleton(
        Describer, Core.settings, trainer_registry, providers.Object(trainers.CARDS), Core.trainer_cards, Core.clock)
    pipeline_runner = ThreadSafeSingleton(_pipeline_runner, Core.settings, trainer_registry)
    run_marks = ThreadSafeSingleton(_run_marks, Core.settings)
    run_experiment = ThreadSafeSingleton(
        RunExperiment, Core.task_catalog, Core.feature_store, ThreadSafeSingleton(
            PatientExperimentLog, Core.experiment_log, Core.clock,
            providers.Factory(timedelta, seconds=Core.settings.provided.outage_patience_s)),
        pipeline_runner, Core.model_loader, Core.artifact_store, Core.clock, run_marks,
        Core.why_no_commit)

    executor = ThreadSafeSingleton(_executor, Core.settings)
    retrain = audited(ThreadSafeSingleton(
        Retrain, Core.task_catalog, Core.feature_store, Core.experiment_log, executor, Core.clock, Core.commit_hash,
        Core.known_trainers), telling.training_queued)
    retrain_here = audited(ThreadSafeSingleton(
        Retrain, Core.task_catalog, Core.feature_store, Core.experiment_log,
        ThreadSafeSingleton(InlineExecutor, run_experiment), Core.clock, Core.commit_hash, Core.known_trainers),
        telling.training_queued)
    model_trial = ThreadSafeSingleton(_model_trial, Core.settings)
    import_model = audited(ThreadSafeSingleton(
        ImportModel, Core.task_catalog, Core.feature_store,
        ThreadSafeSingleton(ExtractData, Core.feature_store, ThreadSafeSingleton(ParquetTableFiles)), model_trial,
        Core.experiment_log, run_marks, ThreadSafeSingleton(
            Publishing, Core.experiment_log, Core.model_loader, Core.artifact_store, Core.clock, Core.why_no_commit),
        Core.clock, Core.commit_hash, ThreadSafeSingleton(_workspaces, Core.settings)), telling.model_imported)
    export_data = ThreadSafeSingleton(ExportData, Core.task_catalog, Core.feature_store)
    cancel_experiment = audited(
        ThreadSafeSingleton(CancelExperiment, Core.experiment_log, Core.clock), telling.training_cancelled)
    recover_experiments = ThreadSafeSingleton(
        RecoverExperiments, Core.experiment_log, run_marks, pipeline_runner, Core.artifact_store, executor, Core.clock,
        providers.Factory(timedelta, seconds=Core.settings.provided.lost_after_s))
