"""A new training."""
from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import FormData
from starlette.responses import Response

from domain.training import DEFAULT_TRAINER
from entrypoints.admin import asking, faults
from entrypoints.admin import experiments as lists
from entrypoints.admin.api.experiments import ExperimentBody
from entrypoints.admin.api.tasks import TaskBody, TrainersBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.page import Asked, Page, go


async def show_retrain(page: Page) -> Response:
    return await _retrain_form(page)


async def _retrain_form(page: Page, typed: Mapping[str, str] | None = None,
                        problem: ApiProblem | None = None) -> Response:
    _, name = page.language, page.path["task"]
    task = await page.backend.get(f"/tasks/{part(name)}", TaskBody)
    start = await _start(page, name)
    said = start["params"] if start else task["training"]
    trainers = {card["name"]: card for card in (await page.backend.get("/trainers", TrainersBody))["trainers"]
                if task["kind"] in card["kinds"] and task["problem"] in card["problems"]}
    # What a form holds is refused by the API, beside its field.
    chosen = (typed or {}).get("p_trainer") or page.one_of("trainer", trainers) or str(
        said.get("trainer", DEFAULT_TRAINER))
    card = trainers.get(chosen)
    usuals = [lists.usual(card, task, rows) for rows in _rows(task, start)] if card else [{}]
    own = lists.unusual(start["params"], usuals) if start and said.get("trainer", DEFAULT_TRAINER) == chosen else {}
    return await page.render(
        "experiments/retrain.html", _("Retrain %(task)s", task=name), "experiments", task=name, the_task=task,
        status=problem.status if problem else 200, params=card["params"] if card else {}, trainers=list(trainers),
        trainer=chosen, refits=bool(card and card["refits"]),
        usual={name: _as_typed(value) for name, value in usuals[0].items()},
        values={f"p_{key}": _as_typed(value) for key, value in own.items()} | dict(typed or {}),
        versions=[entry["dataset_version"] for entry in reversed(task["versions"])], problem=problem,
        faults={fault.where.removeprefix("params."): faults.said(_, fault.problem) for fault in problem.faults
                } if problem else {})


async def _start(page: Page, task: str) -> ExperimentBody | None:
    """The experiment whose parameters the form begins with. Raises: ApiProblem."""
    number = page.whole("from")
    if number is None:
        return None
    start = await page.backend.get(f"/metrics/{number}", ExperimentBody)
    if start["task"] != task:
        raise asking.refused("from", f"experiment {number} is of the task {start['task']}")
    return start


def _rows(task: TaskBody, start: ExperimentBody | None) -> list[int]:
    """Of the newest version, and of the one that an experiment learned from."""
    by_version = {entry["dataset_version"]: entry["rows"] for entry in task["versions"]}
    newest = next(reversed(by_version.values()), 0)
    return [newest, by_version.get(start["dataset_version"], newest)] if start else [newest]


async def retrain(page: Page, form: FormData) -> Response:
    typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    params = {name[2:]: _typed_number(text) for name, text in typed.items() if name.startswith("p_") and text.strip()}
    asked = {"params": params | _search(typed), "name": typed.get("name", "").strip() or None,
             "dataset_version": _typed_number(typed.get("version", "").strip()) or None}
    try:
        answer: ExperimentBody = (await page.backend.send(
            "PUT", "/retrain", params={"task": page.path["task"], "wait": 0}, json=asked)).json()
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return await _retrain_form(page, typed, problem)
    return go(f"/ui/experiments/{answer['experiment_id']}")


def _search(typed: Mapping[str, str]) -> dict[str, object]:
    said = {name: _typed_number(typed[f"s_{name}"]) for name in ("trials", "budget_s")
            if typed.get(f"s_{name}", "").strip()}
    return {"search": said or True} if said or typed.get("search") else {}


def _typed_number(text: str) -> object:
    """A text that is no number goes as it is: the API says what is wrong with it."""
    if text.lstrip().startswith("{"):
        with suppress(ValueError):
            weights: object = json.loads(text)
            return weights
    text = text.strip().replace(",", ".")
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if abs(number) < 1e300 else text
    return text


def _as_typed(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


SHOWN = {"/ui/retrain/{task}": show_retrain}
ASKED: Asked = {"/ui/retrain/{task}": ("from", "trainer")}
POSTED = {"/ui/retrain/{task}": retrain}
