from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO
from urllib.parse import quote

import msgspec

from entrypoints.answers.artifacts import ArtifactsAnswer
from entrypoints.answers.experiments import ComparisonAnswer, ExperimentAnswer, ExperimentPageAnswer
from entrypoints.answers.trainers import TrainersAnswer
from entrypoints.commands.abilities.experiments import Experiments, NewModel, Wanted
from entrypoints.commands.there.connection import JSON
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.once import once


class ExperimentsThere(OfService, Experiments):
    def experiment(self, experiment_id: int) -> ExperimentAnswer:
        return self._service.ask(ExperimentAnswer, "GET", f"/experiments/{experiment_id}")

    def experiments(self, wanted: Wanted) -> ExperimentPageAnswer:
        said = {"task": wanted.task, "limit": wanted.limit, "before": wanted.before, "filter": wanted.condition,
                "sort": wanted.order, "archived": str(wanted.archived), "search": wanted.words,
                "pinned": wanted.pinned, "offset": wanted.offset or None}
        pages = [self._service.ask(ExperimentPageAnswer, "GET", "/experiments", params=said | {"status": status})
                 for status in wanted.statuses or (None,)]
        return pages[0] if len(pages) == 1 else _together(pages, wanted.limit)

    def retrain(self, task: str, params: Mapping[str, object], dataset_version: int | None, name: str | None
                ) -> ExperimentAnswer:
        asked = {"params": params, "dataset_version": dataset_version, "name": name}
        return once(lambda headers: self._service.ask(
            ExperimentAnswer, "PUT", "/retrain", params={"task": task, "wait": 0}, content=msgspec.json.encode(asked),
            headers={**JSON, **headers}))

    def carried_out(self, experiment_id: int) -> AbstractContextManager[bool]:
        return nullcontext(False)

    def cancel(self, experiment_id: int) -> ExperimentAnswer:
        return self._service.ask(ExperimentAnswer, "POST", f"/experiments/{experiment_id}/cancel")

    def edit_experiment(self, experiment_id: int, changes: Mapping[str, object]) -> ExperimentAnswer:
        return self._service.ask(ExperimentAnswer, "PATCH", f"/experiments/{experiment_id}", headers=JSON,
                                 content=msgspec.json.encode(changes))

    def delete_experiment(self, experiment_id: int) -> ExperimentAnswer:
        return self._service.ask(ExperimentAnswer, "DELETE", f"/experiments/{experiment_id}")

    def import_model(self, new: NewModel) -> ExperimentAnswer:
        return once(lambda headers: self._service.ask(
            ExperimentAnswer, "POST", "/experiments", files=new.files, data=new.fields,
            params={"task": new.task, "dry": new.dry_run}, headers=headers))

    def compare(self, experiment_id: int, against: int | None) -> ComparisonAnswer:
        return self._service.ask(ComparisonAnswer, "GET", f"/experiments/{experiment_id}/comparison",
                                 params={"against": against})

    def artifacts(self, experiment_id: int) -> ArtifactsAnswer:
        return self._service.ask(ArtifactsAnswer, "GET", f"/experiments/{experiment_id}/artifacts")

    def write_artifact(self, experiment_id: int, path: str, output: BinaryIO) -> None:
        self._service.write(output, f"/experiments/{experiment_id}/artifacts/{quote(path)}")

    def trainers(self) -> tuple[TrainersAnswer, Sequence[str]]:
        return self._service.ask(TrainersAnswer, "GET", "/trainers"), ()


def _together(pages: Sequence[ExperimentPageAnswer], limit: int) -> ExperimentPageAnswer:
    found = sorted((one for page in pages for one in page.experiments), key=lambda one: -one.experiment_id)
    more = len(found) > limit or any(page.next is not None for page in pages)
    return ExperimentPageAnswer(found[:limit], found[:limit][-1].experiment_id if more else None)
