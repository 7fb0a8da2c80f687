"""What the service can do, by name and type: use cases, queries, and what holds them together in a process.

Outside of the wiring nothing else asks a container.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from application.ports.exposition import Exposition
    from application.ports.inference_meter import InferenceMeter
    from application.ports.serving_models import ServingModels
    from application.queries.chosen_experiments import ChosenExperiments
    from application.queries.column_summaries import ColumnSummaries
    from application.queries.few_labels import FewLabels
    from application.queries.first_look import FirstLook
    from application.queries.how_it_went import HowItWent
    from application.queries.how_rollouts_go import HowRolloutsGo
    from application.queries.label_shares import LabelShares
    from application.queries.look_around import LookAround
    from application.queries.picture_gallery import PictureGallery
    from application.queries.what_is_ready import WhatIsReady
    from application.queries.what_is_wrong import WhatIsWrong
    from application.serving.known_keys import KnownKeys
    from application.serving.serving_process import ServingProcess
    from application.serving.sessions import Sessions
    from application.training.known_trainers import KnownTrainers
    from application.use_cases.add_data import AddData
    from application.use_cases.add_labels import AddLabels
    from application.use_cases.answer_rows import Answering, GatheredAnswering
    from application.use_cases.ask_shadows import AskShadows
    from application.use_cases.back_up import BackUp, Restore
    from application.use_cases.begin_sign_in import BeginSignIn
    from application.use_cases.begin_with_model import BeginWithModel
    from application.use_cases.cancel_experiment import CancelExperiment
    from application.use_cases.check_rows import CheckRows
    from application.use_cases.choose_task import ChooseTask
    from application.use_cases.compare_experiment import CompareExperiment
    from application.use_cases.create_key import CreateKey
    from application.use_cases.create_task import CreateTask
    from application.use_cases.delete_experiment import DeleteExperiment
    from application.use_cases.delete_task import DeleteTask
    from application.use_cases.deploy import Deploy
    from application.use_cases.edit_experiment import EditExperiment
    from application.use_cases.edit_task import EditTask
    from application.use_cases.end_rollout import Abort, Promote
    from application.use_cases.evaluate import Evaluate
    from application.use_cases.export_data import ExportData
    from application.use_cases.import_model import ImportModel
    from application.use_cases.mirror_experiments import MirrorExperiments
    from application.use_cases.observe_models import ObserveModels
    from application.use_cases.recover_experiments import RecoverExperiments
    from application.use_cases.retrain import Retrain
    from application.use_cases.revoke_key import RevokeKey
    from application.use_cases.roll_out import RollOut
    from application.use_cases.rollback import Rollback
    from application.use_cases.run_experiment import RunExperiment
    from application.use_cases.sign_in import SignIn
    from application.use_cases.undo_data import UndoData
    from domain.kinds.kind import Kind
    from entrypoints.formats.beginning import Beginning
    from entrypoints.formats.detecting import Detector
    from entrypoints.formats.formats import Formats
    from entrypoints.formats.import_forms import ImportForms
    from entrypoints.formats.table_reader import TableReader
    from entrypoints.http.slots import Slots
    from entrypoints.processes.demo import DemoTasks
    from entrypoints.processes.describing import Describer
    from entrypoints.processes.observing import Traffic
    from entrypoints.processes.shipping import Shipper
    from entrypoints.processes.training import Recovery
    from entrypoints.wiring.container import Container


def choose_task(container: Container) -> ChooseTask: return container.choose_task()
def beginning(container: Container) -> Beginning: return container.beginning()
def begin_with_model(container: Container) -> BeginWithModel: return container.begin_with_model()
def create_task(container: Container) -> CreateTask: return container.create_task()
def edit_task(container: Container) -> EditTask: return container.edit_task()
def delete_task(container: Container) -> DeleteTask: return container.delete_task()
def demo_tasks(container: Container) -> DemoTasks: return container.demo_tasks()


def formats(container: Container) -> Mapping[Kind, Formats]: return container.formats()
def detector(container: Container) -> Detector: return container.detector()
def import_forms(container: Container) -> ImportForms: return container.import_forms()
def check_rows(container: Container) -> CheckRows: return container.check_rows()
def table_reader(container: Container) -> TableReader: return container.table_reader()
def add_labels(container: Container) -> AddLabels: return container.add_labels()
def add_data(container: Container) -> AddData: return container.add_data()
def undo_data(container: Container) -> UndoData: return container.undo_data()
def label_shares(container: Container) -> LabelShares: return container.label_shares()
def few_labels(container: Container) -> FewLabels: return container.few_labels()
def first_look(container: Container) -> FirstLook: return container.first_look()
def column_summaries(container: Container) -> ColumnSummaries: return container.column_summaries()
def picture_gallery(container: Container) -> PictureGallery: return container.picture_gallery()


def answering(container: Container, explains: bool = False) -> Answering:
    """explains: with what each column has to do with the answers."""
    return container.explained_answering() if explains else container.answering()


def evaluate(container: Container, explains: bool = False) -> Evaluate:
    """explains: as above."""
    return container.explained_evaluate() if explains else container.evaluate()


def gathered_answering(container: Container) -> GatheredAnswering: return container.gathered_answering()
def slots(container: Container) -> Slots: return container.slots()
def serving_models(container: Container) -> ServingModels: return container.serving_models()
def serving_process(container: Container) -> ServingProcess: return container.serving_process()
def compare_experiment(container: Container) -> CompareExperiment: return container.compare_experiment()
def deploy(container: Container) -> Deploy: return container.deploy()
def roll_out(container: Container) -> RollOut: return container.roll_out()
def promote_rollout(container: Container) -> Promote: return container.promote_rollout()
def abort_rollout(container: Container) -> Abort: return container.abort_rollout()
def rollback(container: Container) -> Rollback: return container.rollback()
def ask_shadows(container: Container) -> AskShadows: return container.ask_shadows()
def how_rollouts_go(container: Container) -> HowRolloutsGo: return container.how_rollouts_go()


def known_trainers(container: Container) -> KnownTrainers: return container.known_trainers()
def describer(container: Container) -> Describer: return container.describer()
def retrain(container: Container) -> Retrain: return container.retrain()
def import_model(container: Container) -> ImportModel: return container.import_model()
def export_data(container: Container) -> ExportData: return container.export_data()
def run_experiment(container: Container) -> RunExperiment: return container.run_experiment()
def cancel_experiment(container: Container) -> CancelExperiment: return container.cancel_experiment()
def edit_experiment(container: Container) -> EditExperiment: return container.edit_experiment()
def chosen_experiments(container: Container) -> ChosenExperiments: return container.chosen_experiments()
def delete_experiment(container: Container) -> DeleteExperiment: return container.delete_experiment()
def recover_experiments(container: Container) -> RecoverExperiments: return container.recover_experiments()
def recovery(container: Container) -> Recovery: return container.recovery()


def known_keys(container: Container) -> KnownKeys: return container.known_keys()
def create_key(container: Container) -> CreateKey: return container.create_key()
def revoke_key(container: Container) -> RevokeKey: return container.revoke_key()
def sessions(container: Container) -> Sessions | None: return container.sessions()
def begin_sign_in(container: Container) -> BeginSignIn: return container.begin_sign_in()
def sign_in(container: Container) -> SignIn: return container.sign_in()


def shipper(container: Container) -> Shipper: return container.shipper()
def mirror_experiments(container: Container) -> MirrorExperiments: return container.mirror_experiments()
def traffic(container: Container) -> Traffic: return container.traffic()
def inference_meter(container: Container) -> InferenceMeter: return container.inference_meter()
def observe_models(container: Container) -> ObserveModels: return container.observe_models()
def look_around(container: Container) -> LookAround: return container.look_around()
def how_it_went(container: Container) -> HowItWent: return container.how_it_went()
def what_is_ready(container: Container) -> WhatIsReady: return container.what_is_ready()
def exposition(container: Container) -> Exposition: return container.exposition()


def back_up(container: Container) -> BackUp: return container.back_up()
def restore(container: Container) -> Restore: return container.restore()
def what_is_wrong(container: Container) -> WhatIsWrong: return container.what_is_wrong()
