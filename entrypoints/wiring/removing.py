"""Experiments chosen and marked; tasks and experiments that are not needed any more: what every part keeps of them."""
from __future__ import annotations

from adapters.sqlmodel.task_traces import SqlmodelTaskTraces
from application.queries.chosen_experiments import ChosenExperiments
from application.use_cases.begin_with_model import BeginWithModel
from application.use_cases.clear_deleted import ClearDeleted
from application.use_cases.delete_experiment import DeleteExperiment
from application.use_cases.delete_task import DeleteTask
from application.use_cases.edit_experiment import EditExperiment
from entrypoints.processes.training import Recovery
from entrypoints.wiring import stores
from entrypoints.wiring.core import Core
from entrypoints.wiring.data import Data
from entrypoints.wiring.injector import ThreadSafeSingleton, providers
from entrypoints.wiring.serving import Serving
from entrypoints.wiring.training import Training


class Removing(Data, Serving, Training):
    edit_experiment = ThreadSafeSingleton(EditExperiment, Core.experiment_log, Core.history, Core.clock)
    chosen_experiments = ThreadSafeSingleton(ChosenExperiments, Core.experiment_log, Core.task_catalog)
    task_traces = ThreadSafeSingleton(SqlmodelTaskTraces, Core.database)
    artifact_remover = ThreadSafeSingleton(stores.artifact_remover, Core.settings)
    delete_experiment = ThreadSafeSingleton(
        DeleteExperiment, Core.experiment_log, Core.deployment_log, artifact_remover, Training.pipeline_runner,
        Core.history, Core.clock)
    delete_task = ThreadSafeSingleton(
        DeleteTask, Core.task_catalog, Data.data_keeper, Core.experiment_log, artifact_remover,
        Training.pipeline_runner, Serving.takeover, task_traces, Core.history, Core.clock)
    begin_with_model = ThreadSafeSingleton(
        BeginWithModel, Core.task_catalog, Data.create_task, Training.import_model, delete_task)
    clear_deleted = ThreadSafeSingleton(ClearDeleted, Core.history, task_traces)
    recovery = providers.Factory(
        Recovery, Training.recover_experiments, Core.clock, providers.List(
            Core.feature_store.provided.sweep, Core.artifact_store.provided.sweep, clear_deleted.provided.execute))
