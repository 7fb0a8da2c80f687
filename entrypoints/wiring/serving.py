"""Models that answer, and which of them does."""
from __future__ import annotations

from adapters.prometheus.shadow_meter import PrometheusShadowMeter
from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.sqlmodel.serving_fleet import SqlmodelServingFleet
from application.decorators import telling
from application.decorators.answering import RecordedAnswering
from application.decorators.explained import ExplainedAnswering
from application.ports.telemetry import Telemetry
from application.queries.held_out_scores import HeldOutScores
from application.queries.judged_models import JudgedModels
from application.serving.model_registry import ModelRegistry
from application.serving.serving_process import ServingProcess
from application.serving.shadows import Shadows
from application.serving.takeover import Takeover
from application.use_cases.admission import Admission
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.ask_shadows import AskShadows
from application.use_cases.compare import Compare
from application.use_cases.compare_experiment import CompareExperiment
from application.use_cases.deploy import Deploy
from application.use_cases.end_rollout import Abort, Promote
from application.use_cases.evaluate import Evaluate
from application.use_cases.explain_rows import ExplainRows
from application.use_cases.roll_out import RollOut
from application.use_cases.rollback import Rollback
from entrypoints.http.slots import Slots
from entrypoints.settings import Settings
from entrypoints.wiring.auditing import audited
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton


def _prediction_log(settings: Settings, telemetry: Telemetry) -> SpoolPredictionLog:
    return SpoolPredictionLog(settings.home.resolve() / "spool", telemetry)


class Serving(Core):
    serving_fleet = ThreadSafeSingleton(SqlmodelServingFleet, Core.database)
    serving_models = ThreadSafeSingleton(
        ModelRegistry, Core.deployment_log, Core.task_catalog, Core.artifact_store, Core.model_loader, Core.clock)
    serving_process = ThreadSafeSingleton(ServingProcess, serving_models, serving_fleet, Core.clock)
    slots = ThreadSafeSingleton(
        Slots, Core.settings.provided.batch_slots, Core.settings.provided.busy_wait_s,
        Core.telemetry.provided.turned_away)

    prediction_log = ThreadSafeSingleton(_prediction_log, Core.settings, Core.telemetry)
    shadow_meter = ThreadSafeSingleton(PrometheusShadowMeter, Core.counters)
    shadows = ThreadSafeSingleton(Shadows, shadow_meter)
    ask_shadows = ThreadSafeSingleton(AskShadows, shadows, prediction_log, shadow_meter, Core.clock, Core.timer)
    answering = gathered_answering = ThreadSafeSingleton(
        RecordedAnswering, ThreadSafeSingleton(AnswerRows, serving_models, Core.timer), prediction_log, Core.telemetry,
        Core.clock, Core.timer, shadows, Core.settings.provided.prediction_log_share)
    evaluate = ThreadSafeSingleton(Evaluate, answering)
    explained_answering = ThreadSafeSingleton(
        ExplainedAnswering, answering, ThreadSafeSingleton(ExplainRows, Core.feature_store, Core.experiment_log),
        serving_models, Core.settings.provided.max_explained_rows)
    explained_evaluate = ThreadSafeSingleton(Evaluate, explained_answering)

    compare = ThreadSafeSingleton(Compare, ThreadSafeSingleton(
        HeldOutScores, Core.feature_store, ThreadSafeSingleton(JudgedModels, Core.artifact_store, Core.model_loader)),
        serving_models)
    compare_experiment = ThreadSafeSingleton(
        CompareExperiment, Core.experiment_log, Core.task_catalog, Core.artifact_store, Core.model_loader, compare)
    takeover = ThreadSafeSingleton(Takeover, Core.deployment_log, serving_fleet, Core.clock)
    admission = ThreadSafeSingleton(
        Admission, Core.experiment_log, Core.task_catalog, Core.artifact_store, Core.model_loader, compare)
    deploy = audited(ThreadSafeSingleton(Deploy, Core.experiment_log, admission, takeover, Core.clock),
                     telling.deployed)
    roll_out = audited(ThreadSafeSingleton(
        RollOut, Core.experiment_log, Core.deployment_log, admission, takeover, Core.clock), telling.rolled_out)
    promote_rollout = audited(ThreadSafeSingleton(Promote, Core.task_catalog, takeover, Core.clock), telling.deployed)
    abort_rollout = audited(ThreadSafeSingleton(Abort, Core.task_catalog, takeover, Core.clock),
                            telling.rollout_aborted)
    rollback = audited(ThreadSafeSingleton(
        Rollback, Core.deployment_log, Core.task_catalog, Core.artifact_store, Core.model_loader, takeover, Core.clock),
        telling.deployed)
