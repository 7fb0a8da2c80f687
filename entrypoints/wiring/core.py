"""What every part of the service stands on: settings, time, the records, data and models."""
from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from dependency_injector import containers, providers

from adapters.files.disk import FilesDisk
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.prometheus.counters import Counters
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.sqlmodel.deployment_log import SqlmodelDeploymentLog
from adapters.sqlmodel.experiment_log import SqlmodelExperimentLog
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from adapters.system.clock import SystemClock
from application.decorators.feature_store import StoredPictures
from application.decorators.task_catalog import RememberedTasks
from application.pictures.picture_files import PictureFiles
from application.ports.picture_codec import PictureCodec
from application.use_cases.choose_task import ChooseTask
from domain.kinds.kind import Kind
from entrypoints.settings import Settings
from entrypoints.wiring import stores


def _picture_codec() -> PictureCodec:
    from adapters.pillow.picture_codec import PillowPictureCodec
    return PillowPictureCodec()


def _counters(settings: Settings) -> Counters:
    return Counters(settings.home.resolve() / "metrics")


def _disk(settings: Settings) -> FilesDisk:
    return FilesDisk(settings.folders)


def _defaults(settings: Settings) -> dict[Kind, str]:
    return {Kind.TABULAR: settings.default_tabular_task, Kind.IMAGE: settings.default_image_task}


class Core(containers.DeclarativeContainer):
    """One per process; singletons are thread-safe, use cases hold no state."""

    settings = providers.Dependency(instance_of=Settings)
    commit_hash = providers.Singleton(Settings.commit, settings)
    why_no_commit = providers.Singleton(Settings.commit_reason, settings)
    disk = providers.Singleton(_disk, settings)
    clock = providers.Singleton(SystemClock)
    timer = providers.Object(perf_counter)
    counters = providers.Singleton(_counters, settings)
    telemetry = providers.Singleton(PrometheusTelemetry, counters)

    database = providers.Singleton(stores.database, settings)
    storage = providers.Singleton(SqlmodelStorage, database)
    task_catalog = providers.Singleton(
        RememberedTasks, providers.Singleton(SqlmodelTaskCatalog, database), clock,
        providers.Factory(timedelta, seconds=settings.provided.refresh_s))
    experiment_log = providers.Singleton(SqlmodelExperimentLog, database)
    deployment_log = providers.Singleton(SqlmodelDeploymentLog, database)
    choose_task = providers.Singleton(ChooseTask, task_catalog, providers.Singleton(_defaults, settings))

    artifact_store = providers.Singleton(stores.artifact_store, settings)
    picture_codec = providers.Singleton(_picture_codec)
    feature_rows = providers.Singleton(SqlmodelFeatureStore, database, clock)
    picture_files = providers.Singleton(PictureFiles, artifact_store, picture_codec)
    feature_store = providers.Singleton(StoredPictures, feature_rows, picture_files)
    model_loader = providers.Singleton(
        OnnxModelLoader, settings.provided.inference_threads, settings.provided.tile_threads)
