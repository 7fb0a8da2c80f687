"""The wiring: the only place that names adapter classes.

What only training needs is imported where it is made, so that a process that serves never loads it.
"""
from __future__ import annotations

import os
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from dependency_injector import containers, providers
from prometheus_client import CollectorRegistry

from adapters.dvc.progress_report import FileProgressReport
from adapters.files.artifact_store import FilesArtifactStore
from adapters.files.run_marks import FilesRunMarks
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.prometheus.counters import Counters
from adapters.prometheus.exposition import PrometheusExposition
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.prometheus.traffic_meter import PrometheusTrafficMeter
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from adapters.sqlmodel.database import Database
from adapters.sqlmodel.deployment_log import SqlmodelDeploymentLog
from adapters.sqlmodel.experiment_log import SqlmodelExperimentLog
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from adapters.sqlmodel.observation_store import SqlmodelObservationStore
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from adapters.sqlmodel.serving_fleet import SqlmodelServingFleet
from adapters.sqlmodel.storage import SqlmodelStorage
from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from adapters.sqlmodel.traffic_log import SqlmodelTrafficLog
from adapters.system.clock import SystemClock
from application.by_kind import DemoDataByName, TrainerByKind
from application.data.column_summaries import ColumnSummaries
from application.data.picture_gallery import PictureGallery
from application.training.inline_executor import InlineExecutor
from application.data.held_out_scores import HeldOutScores
from application.data.label_shares import LabelShares
from application.data.labelled_frames import LabelledFrames
from application.data.no_videos import NoVideos
from application.serving.model_cards import ModelCards
from application.serving.model_registry import ModelRegistry
from application.observed.evaluate import ObservedEvaluate
from application.observed.forward import ObservedForward
from application.observed.forward_batch import ObservedForwardBatch
from application.observed.model_loader import ObservedModelLoader
from application.observed.recorder import Recorder
from application.training.patient_log import PatientExperimentLog
from application.ports.artifact_store import ArtifactStore
from application.ports.csv_codec import CsvCodec, CsvLimits
from application.ports.demo_data import DemoData
from application.ports.executor import Executor
from application.ports.picture_archive import ArchiveLimits, PictureArchive
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.pipeline_runner import PipelineRunner
from application.ports.plot_writer import PlotWriter
from application.ports.sheet_writer import SheetWriter
from application.ports.telemetry import Telemetry
from application.ports.trainer import Trainer
from application.ports.video_codec import VideoCodec, VideoLimits
from application.data.remembered_tasks import RememberedTasks
from application.serving.rollout import Rollout
from application.serving.serving_process import ServingProcess
from application.data.stored_pictures import StoredPictures
from application.use_cases.add_data import AddData
from application.use_cases.cancel_experiment import CancelExperiment
from application.use_cases.check_rows import CheckRows
from application.use_cases.choose_task import ChooseTask
from application.use_cases.count_traffic import CountTraffic
from application.use_cases.create_task import CreateTask
from application.use_cases.compare import Compare
from application.use_cases.compare_experiment import CompareExperiment
from application.use_cases.deploy import Deploy
from application.use_cases.evaluate import Evaluate
from application.use_cases.extract_data import ExtractData
from application.use_cases.forward import Forward
from application.use_cases.forward_batch import ForwardBatch
from application.use_cases.infer_picture_task import InferPictureTask
from application.use_cases.infer_task import InferTask
from application.use_cases.look_around import LookAround
from application.use_cases.observe_models import ObserveModels
from application.use_cases.prepare_demo import PrepareDemo
from application.use_cases.recover_experiments import RecoverExperiments
from application.use_cases.retrain import Retrain
from application.use_cases.rollback import Rollback
from application.use_cases.run_experiment import RunExperiment
from application.use_cases.ship_predictions import ShipPredictions
from application.use_cases.train_model import TrainModel
from domain.task import Kind
from entrypoints import engine_address
from entrypoints.http.slots import Slots
from entrypoints.settings import ROOT, Settings, WrongSetting


def _artifact_store(settings: Settings) -> ArtifactStore:
    if "://" in settings.artifacts:
        from adapters.obstore.artifact_store import ObstoreArtifactStore
        return ObstoreArtifactStore(settings.artifacts)
    return FilesArtifactStore(Path(settings.artifacts))


def _database(settings: Settings) -> Database:
    try:
        return Database(settings.database)
    except ValueError as failure:
        raise WrongSetting(f"PROGON_DATABASE_URL: {failure}") from failure


def _csv_codec() -> CsvCodec:
    from adapters.pyarrow.csv_codec import PyarrowCsvCodec
    return PyarrowCsvCodec()


def _picture_archive() -> PictureArchive:
    from adapters.archive.picture_archive import ZipPictureArchive
    return ZipPictureArchive()


def _archive_limits(settings: Settings) -> ArchiveLimits:
    return ArchiveLimits(settings.max_archive_files, settings.max_picture_bytes, settings.max_archive_bytes)


def _picture_codec() -> PictureCodec:
    from adapters.pillow.picture_codec import PillowPictureCodec
    return PillowPictureCodec()


def _video_codec() -> VideoCodec:
    try:
        from adapters.pyav.video_codec import PyavVideoCodec
    except ModuleNotFoundError:  # the extra video is not installed
        return NoVideos()
    return PyavVideoCodec()


def _csv_limits(settings: Settings) -> CsvLimits:
    return CsvLimits(settings.max_columns, settings.max_cell_chars, settings.max_rows)


def _pipeline_runner(settings: Settings) -> PipelineRunner:
    from adapters.dvc.pipeline_runner import DvcPipelineRunner
    return DvcPipelineRunner(settings.home, ROOT / "dvc.yaml", dict(os.environ) | settings.for_children())


def _run_marks(settings: Settings) -> FilesRunMarks:
    return FilesRunMarks(settings.home.resolve() / "runs")


def _executor(settings: Settings) -> Executor:
    from adapters.dask.executor import DaskExecutor
    return DaskExecutor(lambda: settings.dask_scheduler or engine_address.find(settings.home),
                        ["-m", "entrypoints.run_experiment"])


def _local_cluster(settings: Settings) -> AbstractContextManager[str]:
    from adapters.dask.local_cluster import local_cluster
    return local_cluster(settings.training_slots, settings.home.resolve() / "dask")


def _progress_report(settings: Settings) -> FileProgressReport:
    return FileProgressReport(Path(settings.progress_file) if settings.progress_file else None)


def _trainer(settings: Settings) -> Trainer:
    from adapters.catboost.pixels.trainer import CatboostPixelTrainer
    from adapters.catboost.trainer import CatboostTrainer
    return TrainerByKind({Kind.TABULAR: CatboostTrainer(settings.training_threads),
                          Kind.IMAGE: CatboostPixelTrainer(settings.training_threads)})


def _plot_writer() -> PlotWriter:
    from adapters.matplotlib.plot_writer import MatplotlibPlotWriter
    return MatplotlibPlotWriter()


def _contact_sheet_writer() -> SheetWriter:
    from adapters.matplotlib.sheet_writer import MatplotlibSheetWriter
    return MatplotlibSheetWriter()


def _event_sheet_writer(codec: PictureCodec) -> SheetWriter:
    from adapters.tensorboard.sheet_writer import TensorboardSheetWriter
    return TensorboardSheetWriter(codec)


def _demo_data() -> DemoData:
    from adapters.nuclei_generator.demo_data import NucleiGeneratorDemoData
    from adapters.nycflights13.demo_data import NycflightsDemoData
    return DemoDataByName({"nycflights13": NycflightsDemoData(), "nuclei_generator": NucleiGeneratorDemoData()})


def _counters(settings: Settings) -> Counters:
    return Counters(settings.home.resolve() / "metrics")


def _prediction_log(settings: Settings, telemetry: Telemetry) -> SpoolPredictionLog:
    return SpoolPredictionLog(settings.home.resolve() / "spool", telemetry)


def _prediction_spool(settings: Settings) -> SpoolPredictionSpool:
    return SpoolPredictionSpool(settings.home.resolve() / "spool")


def _defaults(settings: Settings) -> dict[Kind, str]:
    return {Kind.TABULAR: settings.default_tabular_task, Kind.IMAGE: settings.default_image_task}


class Container(containers.DeclarativeContainer):
    """One per process; singletons are thread-safe, use cases hold no state."""

    settings = providers.Dependency(instance_of=Settings)
    commit_hash = providers.Singleton(Settings.commit, settings)

    clock = providers.Singleton(SystemClock)
    database = providers.Singleton(_database, settings)
    storage = providers.Singleton(SqlmodelStorage, database)
    task_catalog = providers.Singleton(
        RememberedTasks, providers.Singleton(SqlmodelTaskCatalog, database), clock,
        providers.Factory(timedelta, seconds=settings.provided.refresh_s))
    experiment_log = providers.Singleton(SqlmodelExperimentLog, database)
    deployment_log = providers.Singleton(SqlmodelDeploymentLog, database)
    artifact_store = providers.Singleton(_artifact_store, settings)
    picture_codec = providers.Singleton(_picture_codec)
    picture_limits = providers.Singleton(PictureLimits, settings.provided.max_picture_pixels)
    video_codec = providers.Singleton(_video_codec)
    video_limits = providers.Singleton(
        VideoLimits, settings.provided.max_video_frames, settings.provided.max_video_pixels)
    picture_archive = providers.Singleton(
        LabelledFrames, providers.Singleton(_picture_archive), picture_codec, video_codec.provider, video_limits)
    archive_limits = providers.Singleton(_archive_limits, settings)
    feature_rows = providers.Singleton(SqlmodelFeatureStore, database, clock)
    feature_store = providers.Singleton(StoredPictures, feature_rows, artifact_store, picture_codec)
    picture_gallery = providers.Singleton(PictureGallery, feature_rows, artifact_store, picture_codec)
    model_loader = providers.Singleton(
        OnnxModelLoader, settings.provided.inference_threads, settings.provided.tile_threads)
    table_files = providers.Singleton(ParquetTableFiles)
    progress_report = providers.Singleton(_progress_report, settings)

    late_labels = providers.Singleton(SqlmodelLateLabels, database)
    serving_fleet = providers.Singleton(SqlmodelServingFleet, database)
    timer = providers.Object(perf_counter)
    counters = providers.Singleton(_counters, settings)
    telemetry = providers.Singleton(PrometheusTelemetry, counters)
    prediction_log = providers.Singleton(_prediction_log, settings, telemetry)
    prediction_store = providers.Singleton(SqlmodelPredictionStore, database)
    ship_predictions = providers.Singleton(
        ShipPredictions, providers.Singleton(_prediction_spool, settings), prediction_store, telemetry)
    csv_codec = providers.Singleton(_csv_codec)
    csv_limits = providers.Singleton(_csv_limits, settings)

    serving_models = providers.Singleton(
        ModelRegistry, deployment_log, task_catalog, artifact_store,
        providers.Singleton(ObservedModelLoader, model_loader, telemetry, timer), clock)
    serving_process = providers.Singleton(ServingProcess, serving_models, serving_fleet, clock)
    rollout = providers.Singleton(Rollout, deployment_log, serving_fleet, clock)
    slots = providers.Singleton(Slots, settings.provided.batch_slots, settings.provided.busy_wait_s,
                                telemetry.provided.turned_away)
    choose_task = providers.Singleton(ChooseTask, task_catalog, providers.Singleton(_defaults, settings))
    recorder = providers.Singleton(
        Recorder, prediction_log, telemetry, clock, timer, settings.provided.prediction_log_share)
    forward = providers.Singleton(ObservedForward, providers.Singleton(Forward, serving_models), recorder)
    forward_batch = providers.Singleton(
        ObservedForwardBatch, providers.Singleton(ForwardBatch, serving_models), recorder)
    evaluate = providers.Singleton(ObservedEvaluate, providers.Singleton(Evaluate, serving_models), recorder)
    observation_store = providers.Singleton(SqlmodelObservationStore, database)
    observe_models = providers.Singleton(
        ObserveModels, deployment_log, task_catalog, providers.Singleton(ModelCards, artifact_store, model_loader),
        prediction_store, observation_store, clock,
        providers.Factory(timedelta, hours=settings.provided.monitor_window_h), settings.provided.monitor_max_rows)
    look_around = providers.Singleton(LookAround, deployment_log, experiment_log, observation_store)
    traffic_log = providers.Singleton(SqlmodelTrafficLog, database)
    traffic_meter = providers.Singleton(PrometheusTrafficMeter, counters)
    count_traffic = providers.Singleton(CountTraffic, traffic_meter, traffic_log, clock)
    exposition = providers.Singleton(
        PrometheusExposition, providers.Singleton(CollectorRegistry), counters, look_around.provided.execute,
        clock.provided.now)
    check_rows = providers.Singleton(CheckRows, task_catalog)
    infer_task = providers.Singleton(InferTask)
    infer_picture_task = providers.Singleton(InferPictureTask, picture_codec, picture_limits)
    create_task = providers.Singleton(CreateTask, task_catalog, feature_store)
    label_shares = providers.Singleton(LabelShares, feature_store)
    column_summaries = providers.Singleton(ColumnSummaries, feature_store)
    add_data = providers.Singleton(
        AddData, task_catalog, feature_store, late_labels, settings.provided.max_late_labels)
    compare = providers.Singleton(Compare, providers.Singleton(HeldOutScores, feature_store), serving_models)
    compare_experiment = providers.Singleton(
        CompareExperiment, experiment_log, task_catalog, artifact_store, model_loader, compare)
    deploy = providers.Singleton(
        Deploy, experiment_log, task_catalog, artifact_store, model_loader, rollout, compare, clock)
    rollback = providers.Singleton(
        Rollback, deployment_log, task_catalog, artifact_store, model_loader, rollout, clock)

    plot_writer = providers.Singleton(_plot_writer)
    contact_sheet_writer = providers.Singleton(_contact_sheet_writer)
    event_sheet_writer = providers.Singleton(_event_sheet_writer, picture_codec)
    extract_data = providers.Singleton(ExtractData, feature_store, table_files)
    train_model = providers.Singleton(TrainModel, providers.Singleton(_trainer, settings), model_loader)
    pipeline_runner = providers.Singleton(_pipeline_runner, settings)
    run_marks = providers.Singleton(_run_marks, settings)
    run_experiment = providers.Singleton(
        RunExperiment, task_catalog, feature_store, providers.Singleton(
            PatientExperimentLog, experiment_log, clock,
            providers.Factory(timedelta, seconds=settings.provided.outage_patience_s)),
        pipeline_runner, model_loader, artifact_store, clock, run_marks)
    executor = providers.Singleton(_executor, settings)
    local_cluster = providers.Factory(_local_cluster, settings)
    retrain = providers.Singleton(
        Retrain, task_catalog, feature_store, experiment_log, executor, clock, commit_hash)
    cancel_experiment = providers.Singleton(CancelExperiment, experiment_log, clock)
    recover_experiments = providers.Singleton(
        RecoverExperiments, experiment_log, run_marks, pipeline_runner, artifact_store, executor, clock,
        providers.Factory(timedelta, seconds=settings.provided.lost_after_s))

    inline_executor = providers.Singleton(InlineExecutor, run_experiment)
    demo_data = providers.Singleton(_demo_data)
    prepare_demo = providers.Singleton(
        PrepareDemo, task_catalog, feature_store, demo_data, experiment_log,
        providers.Singleton(Retrain, task_catalog, feature_store, experiment_log, inline_executor, clock, commit_hash),
        deploy, deployment_log)


def make_container(settings: Settings) -> Container:
    return Container(settings=settings)
