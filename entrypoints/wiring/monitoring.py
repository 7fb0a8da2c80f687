"""What was answered, and what is seen of it: the prediction log, drift and live quality, traffic, metrics."""
from __future__ import annotations

from datetime import timedelta

from prometheus_client import CollectorRegistry

from adapters.prometheus.exposition import PrometheusExposition
from adapters.prometheus.inference_meter import PrometheusInferenceMeter
from adapters.prometheus.traffic_meter import PrometheusTrafficMeter
from adapters.spool.prediction_spool import SpoolPredictionSpool
from adapters.sqlmodel.answers_beside import SqlmodelAnswersBeside
from adapters.sqlmodel.observation_store import SqlmodelObservationStore
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from adapters.sqlmodel.traffic_log import SqlmodelTrafficLog
from application.ports.experiment_mirror import ExperimentMirror
from application.queries.how_it_went import HowItWent
from application.queries.how_rollouts_go import HowRolloutsGo
from application.queries.look_around import LookAround
from application.queries.model_cards import ModelCards
from application.queries.what_is_ready import WhatIsReady
from application.use_cases.count_traffic import CountTraffic
from application.use_cases.mirror_experiments import MirrorExperiments
from application.use_cases.observe_models import ObserveModels
from application.use_cases.ship_predictions import ShipPredictions
from entrypoints.processes.observing import Traffic
from entrypoints.processes.shipping import Shipper
from entrypoints.settings import Settings
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton, providers
from entrypoints.wiring.serving import Serving


def _prediction_spool(settings: Settings) -> SpoolPredictionSpool:
    return SpoolPredictionSpool(settings.home.resolve() / "spool")


def _experiment_mirror(url: str) -> ExperimentMirror:
    from adapters.mlflow.experiment_mirror import MlflowExperimentMirror  # with httpx, which nobody else here needs
    from adapters.mlflow.rest import MlflowServer

    return MlflowExperimentMirror(MlflowServer(url))


class Monitoring(Serving):
    prediction_store = ThreadSafeSingleton(SqlmodelPredictionStore, Core.database)
    answers_beside = ThreadSafeSingleton(SqlmodelAnswersBeside, Core.database)
    prediction_spool = ThreadSafeSingleton(_prediction_spool, Core.settings)
    ship_predictions = ThreadSafeSingleton(ShipPredictions, prediction_spool, prediction_store, Core.telemetry)
    shipper = providers.Factory(
        Shipper, prediction_spool, ship_predictions, prediction_store, Core.clock,
        Core.settings.provided.prediction_log_days)

    observation_store = ThreadSafeSingleton(SqlmodelObservationStore, Core.database)
    model_cards = ThreadSafeSingleton(ModelCards, Core.artifact_store, Core.model_loader)
    observe_models = ThreadSafeSingleton(
        ObserveModels, Core.deployment_log, Core.task_catalog, model_cards, prediction_store, observation_store,
        Core.clock, providers.Factory(timedelta, hours=Core.settings.provided.monitor_window_h),
        Core.settings.provided.monitor_max_rows)
    look_around = ThreadSafeSingleton(LookAround, Core.deployment_log, Core.experiment_log, observation_store)

    mirror_experiments = providers.Factory(
        MirrorExperiments, Core.experiment_log, Core.artifact_store,
        providers.Factory(_experiment_mirror, Core.settings.provided.mlflow_url))

    traffic_log = ThreadSafeSingleton(SqlmodelTrafficLog, Core.database)
    traffic_meter = ThreadSafeSingleton(PrometheusTrafficMeter, Core.counters)
    inference_meter = ThreadSafeSingleton(PrometheusInferenceMeter, Core.counters)
    count_traffic = ThreadSafeSingleton(CountTraffic, traffic_meter, traffic_log, Core.clock)
    traffic = providers.Factory(Traffic, count_traffic, traffic_meter, traffic_log, Core.clock)
    how_it_went = ThreadSafeSingleton(
        HowItWent, Core.task_catalog, prediction_store, traffic_log, Core.deployment_log, model_cards, Core.clock)
    how_rollouts_go = ThreadSafeSingleton(
        HowRolloutsGo, Core.deployment_log, Core.task_catalog, prediction_store, answers_beside, model_cards)
    what_is_ready = ThreadSafeSingleton(
        WhatIsReady, Core.storage, Core.disk, Serving.serving_models, Core.clock, Core.settings.provided.min_disk_bytes)
    exposition = ThreadSafeSingleton(
        PrometheusExposition, ThreadSafeSingleton(CollectorRegistry), Core.counters,
        look_around.provided.execute, what_is_ready.provided.execute,
        Core.clock.provided.now)
