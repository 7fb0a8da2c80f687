from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import BinaryIO

import click

from application.queries.chosen_experiments import Wish
from application.use_cases.retrain import RetrainRequest
from domain.errors import Conflict
from domain.experiment import Experiment
from entrypoints.answers.artifacts import ArtifactsAnswer
from entrypoints.answers.experiments import ComparisonAnswer, ExperimentAnswer, ExperimentPageAnswer
from entrypoints.answers.trainers import TrainersAnswer
from entrypoints.commands.abilities.experiments import Experiments, NewModel, Wanted
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import opened, user
from entrypoints.formats.beginning import DATA
from entrypoints.formats.beginning import FIELDS as OF_A_TASK
from entrypoints.formats.import_forms import SentFile
from entrypoints.processes import engine_address
from entrypoints.wiring import get, ports


class ExperimentsHere(OfHome, Experiments):
    def experiment(self, experiment_id: int) -> ExperimentAnswer:
        return ExperimentAnswer.of(ports.experiment_log(self._container).get(experiment_id))

    def experiments(self, wanted: Wanted) -> ExperimentPageAnswer:
        if wanted.looks_at_all:
            return ExperimentPageAnswer.chosen(get.chosen_experiments(self._container).of(Wish(
                wanted.task, next(iter(wanted.statuses), None), wanted.condition, wanted.order, wanted.words,
                wanted.archived, wanted.pinned, wanted.before, wanted.offset, wanted.limit)), wanted.offset)
        if wanted.task is not None:
            ports.task_catalog(self._container).get(wanted.task)
        return ExperimentPageAnswer.of(ports.experiment_log(self._container).list(
            task=wanted.task, statuses=wanted.statuses, limit=wanted.limit + 1, before=wanted.before,
            archived=wanted.archived.asked_of_log, pinned=wanted.pinned), wanted.limit)

    def retrain(self, task: str, params: Mapping[str, object], dataset_version: int | None, name: str | None
                ) -> ExperimentAnswer:
        if self._trains_here():  # nobody else tells what can train
            get.describer(self._container).tell()
        experiment = get.retrain(self._container).execute(RetrainRequest(task, params, dataset_version, name))
        ports.executor(self._container).close()
        return ExperimentAnswer.of(experiment)

    @contextmanager
    def carried_out(self, experiment_id: int) -> Iterator[bool]:
        """On a thread, so that this one can draw. Ctrl-C cancels the experiment and waits until it has ended."""
        if not self._trains_here():
            yield False
            return
        click.echo("no service is running; training here", err=True)
        thread = Thread(target=self._run, args=(experiment_id,), name="experiment")
        thread.start()
        try:
            yield True
        except KeyboardInterrupt:
            self.cancel(experiment_id)
            raise
        finally:
            thread.join()

    def cancel(self, experiment_id: int) -> ExperimentAnswer:
        return ExperimentAnswer.of(get.cancel_experiment(self._container).execute(experiment_id))

    def edit_experiment(self, experiment_id: int, changes: Mapping[str, object]) -> ExperimentAnswer:
        return ExperimentAnswer.of(get.edit_experiment(self._container).execute(experiment_id, changes, user()))

    def delete_experiment(self, experiment_id: int) -> ExperimentAnswer:
        return ExperimentAnswer.of(get.delete_experiment(self._container).execute(experiment_id, user()))

    def import_model(self, new: NewModel) -> ExperimentAnswer:
        with ExitStack() as stack:
            files = {field: SentFile(stack.enter_context(opened(sent.path)), sent.charset)
                     for field, sent in new.files.items()}
            return ExperimentAnswer.of(self._imported(new, files))

    def compare(self, experiment_id: int, against: int | None) -> ComparisonAnswer:
        get.serving_models(self._container).refresh()
        compared = get.compare_experiment(self._container).execute(experiment_id, against)
        return ComparisonAnswer.of(experiment_id, compared)

    def artifacts(self, experiment_id: int) -> ArtifactsAnswer:
        folder = self._folder(experiment_id)
        return ArtifactsAnswer.of(folder, ports.artifact_store(self._container).list(folder.rstrip("/")))

    def write_artifact(self, experiment_id: int, path: str, output: BinaryIO) -> None:
        _, pieces = ports.artifact_store(self._container).open(self._folder(experiment_id) + path)
        for piece in pieces:
            output.write(piece)

    def trainers(self) -> tuple[TrainersAnswer, Sequence[str]]:
        describes = importlib.util.find_spec("spox") is not None
        faults = get.describer(self._container).tell() if describes else {}
        return TrainersAnswer.of(get.known_trainers(self._container).all()), list(map(str, faults.values()))

    def _imported(self, new: NewModel, files: Mapping[str, SentFile]) -> Experiment:
        forms = get.import_forms(self._container)
        if DATA not in files:
            task = ports.task_catalog(self._container).get(new.task)
            return get.import_model(self._container).execute(forms.read(task, files, new.fields, new.dry_run))
        begun, rows = get.beginning(self._container).read(new.task, files[DATA], new.fields, new.dry_run)
        fields = {name: said for name, said in new.fields.items() if name not in OF_A_TASK}
        others = {name: file for name, file in files.items() if name != DATA}
        return get.begin_with_model(self._container).execute(
            begun, rows, lambda made: forms.read(made, others, fields, new.dry_run))

    def _trains_here(self) -> bool:
        settings = ports.settings(self._container)
        return not (settings.dask_scheduler or engine_address.find(settings.home).address)

    def _run(self, experiment_id: int) -> None:
        try:
            get.run_experiment(self._container).execute(experiment_id)
        except Conflict:  # a service has started meanwhile and was faster
            return

    def _folder(self, experiment_id: int) -> str:
        """Raises: UnknownExperiment."""
        return f"experiments/{ports.experiment_log(self._container).get(experiment_id).id}/"
