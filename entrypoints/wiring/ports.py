"""What the service stands on, by name and type: settings, the database, ports and limits."""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from application.ports.artifact_store import ArtifactStore
    from application.ports.clock import Clock
    from application.ports.deployment_log import DeploymentLog
    from application.ports.disk import Disk
    from application.ports.executor import Executor
    from application.ports.experiment_log import ExperimentLog
    from application.ports.feature_store import FeatureStore
    from application.ports.history import History
    from application.ports.kept_answers import KeptAnswers
    from application.ports.keyring import Keyring
    from application.ports.picture_codec import PictureCodec
    from application.ports.pipeline_runner import PipelineRunner
    from application.ports.prediction_log import PredictionLog
    from application.ports.prediction_store import PredictionStore
    from application.ports.storage import Storage
    from application.ports.task_catalog import TaskCatalog
    from application.ports.telemetry import Telemetry
    from application.ports.text_coder import TextCoder
    from application.ports.traffic_log import TrafficLog
    from application.serving.beside_rows import RowsLately
    from application.serving.room import Room
    from application.serving.turns import Turns
    from entrypoints.settings import Settings
    from entrypoints.wiring.container import Container


def settings(container: Container) -> Settings: return container.settings()
def clock(container: Container) -> Clock: return container.clock()
def telemetry(container: Container) -> Telemetry: return container.telemetry()
def disk(container: Container) -> Disk: return container.disk()
def storage(container: Container) -> Storage: return container.storage()


def task_catalog(container: Container) -> TaskCatalog: return container.task_catalog()
def experiment_log(container: Container) -> ExperimentLog: return container.experiment_log()
def deployment_log(container: Container) -> DeploymentLog: return container.deployment_log()
def history(container: Container) -> History: return container.history()
def keyring(container: Container) -> Keyring: return container.keyring()
def kept_answers(container: Container) -> KeptAnswers: return container.kept_answers()
def feature_store(container: Container) -> FeatureStore: return container.feature_store()
def artifact_store(container: Container) -> ArtifactStore: return container.artifact_store()
def prediction_store(container: Container) -> PredictionStore: return container.prediction_store()
def traffic_log(container: Container) -> TrafficLog: return container.traffic_log()


def text_coder(container: Container) -> TextCoder: return container.text_coder()
def room(container: Container) -> Room: return container.room()
def turns(container: Container) -> Turns: return container.turns()
def rows_lately(container: Container) -> RowsLately: return container.rows_lately()
def picture_codec(container: Container) -> PictureCodec: return container.picture_codec()


def pipeline_runner(container: Container) -> PipelineRunner: return container.pipeline_runner()
def executor(container: Container) -> Executor: return container.executor()
def prediction_log(container: Container) -> PredictionLog: return container.prediction_log()
