"""What every part of the service stands on: settings, time, the records, data and models."""
from __future__ import annotations

from datetime import timedelta
from time import monotonic, perf_counter

from adapters.files.disk import FilesDisk
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.prometheus.counters import Counters
from adapters.prometheus.memory_gauge import PrometheusMemoryGauge
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.sqlmodel.deployment_log import SqlmodelDeploymentLog
from adapters.sqlmodel.experiment_log import SqlmodelExperimentLog
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.history import SqlmodelHistory
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from adapters.sqlmodel.trainer_cards import SqlmodelTrainerCards
from adapters.system import processors
from adapters.system.clock import SystemClock
from adapters.system.memory import memory_bytes
from application.decorators.feature_store import StoredPictures
from application.decorators.picture_codec import RoomyPictureCodec
from application.decorators.task_catalog import RememberedTasks
from application.pictures.picture_files import PictureFiles
from application.ports.memory_gauge import MemoryGauge
from application.ports.picture_codec import PictureCodec
from application.ports.telemetry import Telemetry
from application.serving.beside_rows import RowsLately, ThreadsBesideRows
from application.serving.room import Room
from application.serving.turns import Turns
from application.training.known_trainers import KnownTrainers
from application.use_cases.choose_task import ChooseTask
from domain.kinds.kind import Kind
from entrypoints.settings import USUAL_REQUEST_MEMORY_BYTES, Settings
from entrypoints.wiring import stores, trainers
from entrypoints.wiring.injector import ThreadSafeSingleton, containers, providers


def _turns(settings: Settings) -> Turns:
    return Turns(max(1, processors.count() // settings.workers))


def _model_loader(settings: Settings, rows: RowsLately) -> OnnxModelLoader:
    beside_rows = max(1, min(settings.tile_threads, (processors.count() - 1) // settings.workers))
    return OnnxModelLoader(settings.inference_threads, most_bytes=settings.model_memory_bytes,
                           tiles=ThreadsBesideRows(settings.tile_threads, beside_rows, rows, "tiles"))


def _room(settings: Settings, telemetry: Telemetry, gauge: MemoryGauge, turns: Turns) -> Room:
    memory = memory_bytes()
    size = settings.request_memory_bytes or min(USUAL_REQUEST_MEMORY_BYTES, memory // 4)
    return Room(size // settings.workers, memory // 2 // settings.workers, settings.busy_wait_s,
                telemetry.turned_away, gauge.show, turns.let_go)


def _picture_codec(room: Room) -> PictureCodec:
    from adapters.pillow.picture_codec import PillowPictureCodec
    from adapters.pillow.picture_measure import PillowPictureMeasure
    return RoomyPictureCodec(PillowPictureCodec(), PillowPictureMeasure(), room)


def _counters(settings: Settings) -> Counters:
    return Counters(settings.home.resolve() / "metrics")


def _disk(settings: Settings) -> FilesDisk:
    return FilesDisk(settings.folders)


def _remembered_for(refresh_s: float) -> timedelta:
    """Where models are served, the tasks are read with each look at the deployments, and no request has to."""
    return timedelta(seconds=10 * refresh_s)


def _defaults(settings: Settings) -> dict[Kind, str]:
    return {Kind.TABULAR: settings.default_tabular_task, Kind.IMAGE: settings.default_image_task}


class Core(containers.DeclarativeContainer):
    """One per process; use cases hold no state. Several threads ask a container, the first time too: what is made once
    is made under a lock, as a plain Singleton would give two."""

    settings = providers.Dependency(instance_of=Settings)
    commit_hash = ThreadSafeSingleton(Settings.commit, settings)
    why_no_commit = ThreadSafeSingleton(Settings.commit_reason, settings)
    disk = ThreadSafeSingleton(_disk, settings)
    clock = ThreadSafeSingleton(SystemClock)
    timer = providers.Object(perf_counter)
    counters = ThreadSafeSingleton(_counters, settings)
    telemetry = ThreadSafeSingleton(PrometheusTelemetry, counters)

    database = ThreadSafeSingleton(stores.database, settings)
    storage = ThreadSafeSingleton(SqlmodelStorage, database)
    task_catalog = ThreadSafeSingleton(
        RememberedTasks, ThreadSafeSingleton(SqlmodelTaskCatalog, database), clock,
        providers.Factory(_remembered_for, settings.provided.refresh_s))
    experiment_log = ThreadSafeSingleton(SqlmodelExperimentLog, database)
    deployment_log = ThreadSafeSingleton(SqlmodelDeploymentLog, database)
    history = ThreadSafeSingleton(SqlmodelHistory, database)
    choose_task = ThreadSafeSingleton(ChooseTask, task_catalog, ThreadSafeSingleton(_defaults, settings))
    trainer_cards = ThreadSafeSingleton(SqlmodelTrainerCards, database)
    known_trainers = ThreadSafeSingleton(
        KnownTrainers, providers.Factory(trainers.known_cards), trainer_cards, clock)

    artifact_store = ThreadSafeSingleton(stores.artifact_store, settings)
    turns = ThreadSafeSingleton(_turns, settings)
    room = ThreadSafeSingleton(
        _room, settings, telemetry, ThreadSafeSingleton(PrometheusMemoryGauge, counters), turns)
    picture_codec = ThreadSafeSingleton(_picture_codec, room)
    feature_rows = ThreadSafeSingleton(SqlmodelFeatureStore, database, clock)
    picture_files = ThreadSafeSingleton(PictureFiles, artifact_store, picture_codec)
    feature_store = ThreadSafeSingleton(StoredPictures, feature_rows, picture_files)
    rows_lately = ThreadSafeSingleton(RowsLately, providers.Object(monotonic))
    model_loader = ThreadSafeSingleton(_model_loader, settings, rows_lately)
