"""Trainings: one of them, several side by side, and a new one."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

import httpx
from starlette.datastructures import FormData
from starlette.responses import Response

from domain.training import DEFAULT_TRAINER
from entrypoints.admin import asking, charts, faults, metrics, plots, words
from entrypoints.admin import experiments as lists
from entrypoints.admin.api.experiments import ArtifactsBody, ComparisonBody, ExperimentBody
from entrypoints.admin.api.tasks import TaskBody, TrainersBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.language import Language
from entrypoints.admin.model_snippet import snippet
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.passing import passed_on
from entrypoints.admin.patience import soon
from entrypoints.admin.routes.experiment_list import tags_of

_LOG_BYTES = 200_000
_MOST_COMPARED = 8
# What most come for, the first of an experiment's files.
_DOWNLOADS = ("model.onnx", "metrics.json", "predictions.parquet")
_BUTTONS: Mapping[str, Mapping[str, object]] = {
    "pin": {"pinned": True}, "unpin": {"pinned": False}, "archive": {"archived": True}, "restore": {"archived": False}}


def _is_log(page: Page) -> bool:
    """Are losses drawn on a logarithmic scale?"""
    return page.one_of("scale", ("linear", "log")) == "log"


async def _serving(page: Page, task: str) -> ExperimentBody | None:
    deployment = (await page.backend.get(f"/tasks/{part(task)}", TaskBody))["deployment"]
    if deployment is None:
        return None
    return await page.backend.get_or_none(f"/metrics/{deployment['experiment_id']}", ExperimentBody)


async def load(page: Page) -> ExperimentBody:
    """Raises: ApiProblem."""
    return await page.backend.get(f"/metrics/{part(page.path['id'])}", ExperimentBody)


async def show_one(page: Page) -> Response:
    return await _one(page, await load(page))


async def _one(page: Page, experiment: ExperimentBody, problem: ApiProblem | None = None,
               typed: Mapping[str, str] | None = None) -> Response:
    _, number = page.language, experiment["experiment_id"]
    listing, serving, task = await asyncio.gather(
        page.backend.get(f"/experiments/{number}/artifacts", ArtifactsBody), _serving(page, experiment["task"]),
        page.backend.get(f"/tasks/{part(experiment['task'])}", TaskBody))
    files = {entry["path"] for entry in listing["artifacts"]}
    log = _is_log(page)
    drawn, text = await asyncio.gather(_plots(page, experiment, files, log), _log(page, number, files))
    served_id = serving["experiment_id"] if serving else None
    compared = await _compared(page, experiment, served_id)
    heads, rows = _metric_table(_, experiment, serving, compared)
    return await page.render(
        "experiments/one.html", _("Experiment %(id)s", id=number), "experiments", task=experiment["task"],
        status=problem.status if problem else 200, experiment=experiment, served_id=served_id,
        metric_heads=heads, metric_rows=rows, compared=compared, trials=lists.trials(_, experiment),
        timed_parts=lists.timed_parts(_, experiment),
        plots=drawn, sheets=plots.sheets(_, files), log=log, log_text=text, artifacts=listing["artifacts"],
        stage=words.stage_word(_, experiment["stage"]),
        duration=lists.duration_s(experiment), params=experiment["params"], value_text=lists.value_text,
        snippet=snippet(task, experiment), downloads=[path for path in _DOWNLOADS if path in files],
        state=_state(_, experiment, served_id), task_doc=task, problem=problem, typed=typed or {},
        faults={fault.where.removeprefix("params."): faults.said(_, fault.problem) for fault in problem.faults
                } if problem else {})


async def _compared(page: Page, experiment: ExperimentBody, served_id: int | None) -> ComparisonBody | None:
    """What the held-out rows show of it and of what serves. None where there is nothing to compare, and where it takes
    long: the API goes on, and has it at once when the page is loaded again."""
    if experiment["status"] != "succeeded" or served_id in (None, experiment["experiment_id"]):
        return None
    compared = (await soon([_comparison(page, experiment["experiment_id"])]))[0]
    return compared if compared and compared["dataset_version"] == experiment["dataset_version"] else None


async def _comparison(page: Page, number: int, against: int | None = None) -> ComparisonBody | None:
    with suppress(ApiProblem):
        return await page.backend.get(f"/experiments/{number}/comparison", ComparisonBody, against=against)
    return None


def _metric_table(_: Language, experiment: ExperimentBody, serving: ExperimentBody | None,
                  compared: ComparisonBody | None) -> tuple[list[str], list[metrics.MetricRow]]:
    """Its parts, and the test part of what serves, against which its own test part is measured: on the same rows, if
    they were compared."""
    parts = [name for name in metrics.PARTS if experiment["metrics"].get(name)]
    heads = [words.part_word(_, name) for name in parts]
    columns = [experiment["metrics"][name] for name in parts]
    if not columns or not serving or serving["experiment_id"] == experiment["experiment_id"]:
        return heads, metrics.table(_, columns, base=None)
    heads.append(_("test of %(id)s, which serves", id=serving["experiment_id"]))
    base = compared["serving_metrics"] if compared else serving["metrics"].get("test")
    shown = compared["differences"] if compared else {}
    rows = metrics.table(_, [*columns, base], base=len(columns), compared=(0,))
    return heads, [metrics.shown(_, row, 0, shown.get(row.name)) for row in rows]


def _state(_: Language, experiment: ExperimentBody, served_id: int | None) -> str:
    status = experiment["status"]
    if status == "succeeded":
        if experiment["origin"] == "imported":
            said = _("Imported, and judged on dataset version %(version)s.", version=experiment["dataset_version"])
            serves = _("It serves %(task)s now.", task=experiment["task"])
            return said + " " + serves if served_id == experiment["experiment_id"] else said
        said = _("Trained on dataset version %(version)s in %(time)s.", version=experiment["dataset_version"],
                 time=_.duration(lists.duration_s(experiment)))
        if experiment.get("from_cache"):
            said += " " + _("The very same training was known and nothing was computed anew.")
        serves = _("It serves %(task)s now.", task=experiment["task"])
        return said + " " + serves if served_id == experiment["experiment_id"] else said
    return {
        "queued": _("Waiting for its turn on dataset version %(version)s."),
        "running": _("Training on dataset version %(version)s."),
        "failed": _("Failed on dataset version %(version)s."),
        "cancelled": _("Cancelled on dataset version %(version)s."),
    }[status] % {"version": experiment["dataset_version"]}


async def _plots(page: Page, experiment: ExperimentBody, files: set[str], log: bool) -> list[plots.Plot]:
    number, test = experiment["experiment_id"], experiment["metrics"].get("test") or {}
    names = [name for name in plots.NAMES if f"plots/{name}.json" in files]
    rows = await asyncio.gather(*(
        page.backend.file_or_none(f"/experiments/{number}/artifacts/plots/{name}.json") for name in names))
    drawn = (plots.plot(page.language, name, found, log) for name, found in zip(names, rows, strict=True) if found)
    decided = plots.decided(dict(zip(names, rows, strict=True)).get("confusion"))
    return [plots.pointed(page.language, plots.noted(page.language, one, test), decided)
            for one in drawn if one is not None]


async def _log(page: Page, number: int, files: set[str]) -> str:
    if "dvc.log" not in files:
        return ""
    text = await page.backend.text_or_none(f"/experiments/{number}/artifacts/dvc.log")
    return (text or "")[-_LOG_BYTES:]


async def events(page: Page) -> Response:
    """The API's events, passed on as they come: the browser may reach these pages alone, and its key is in a cookie."""
    path = f"/experiments/{part(page.path['id'])}/events"
    return await passed_on(page, path, httpx.Timeout(30, read=None), {"Accept": "text/event-stream"})


async def artifact(page: Page) -> Response:
    path = "/".join(part(segment) for segment in page.path["path"].split("/"))
    return await passed_on(page, f"/experiments/{part(page.path['id'])}/artifacts/{path}", httpx.Timeout(60))


async def cancel(page: Page, form: FormData) -> Response:
    await page.backend.send("POST", f"/experiments/{part(page.path['id'])}/cancel")
    return go(f"/ui/experiments/{part(page.path['id'])}")


async def mark(page: Page, form: FormData) -> Response:
    """Name, tags and note as they are typed, or what a button says."""
    number = part(page.path["id"])
    doing = str(form.get("do", ""))
    typed = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in ("name", "tags", "note")}
    changes = _BUTTONS.get(doing) or typed | {"tags": tags_of(form)}
    try:
        await page.backend.send("PATCH", f"/experiments/{number}", json=changes)
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return await _one(page, await load(page), problem, typed)
    return go(f"/ui/experiments/{number}")


async def confirm_delete(page: Page) -> Response:
    experiment = await load(page)
    return await page.render(
        "experiments/delete.html", page.language("Delete experiment %(id)s", id=experiment["experiment_id"]),
        "experiments", task=experiment["task"], experiment=experiment)


async def delete(page: Page, form: FormData) -> Response:
    experiment = await load(page)
    await page.backend.send("DELETE", f"/experiments/{experiment['experiment_id']}")
    return go(f"/ui/experiments?task={part(experiment['task'])}")


async def show_compare(page: Page) -> Response:
    _, numbers = page.language, asking.numbers("ids", page.request.query_params.getlist("ids"), _MOST_COMPARED)
    if page.request.query_params.getlist("ids") != [",".join(map(str, numbers))]:
        kept = "".join(f"&{name}={part(page.query[name])}" for name in ("part", "scale") if page.query.get(name))
        return go(f"/ui/compare?ids={','.join(map(str, numbers))}{kept}")
    if len(numbers) < 2:
        return await page.render("experiments/compare_none.html", _("Compare experiments"), "experiments")
    experiments = await asyncio.gather(*(page.backend.get(f"/metrics/{number}", ExperimentBody) for number in numbers))
    chosen = page.one_of("part", metrics.PARTS) or "test"
    log = _is_log(page)
    serving = await _serving(page, experiments[0]["task"])
    served_id = serving and serving["experiment_id"]
    base = numbers.index(served_id) if served_id in numbers else 0
    compared = await _compared_all(page, experiments, base) if chosen == "test" else {}
    rows = _shown_all(_, metrics.table(_, [entry["metrics"].get(chosen) for entry in experiments], base), compared)
    versions = {entry["dataset_version"] for entry in experiments}
    return await page.render(
        "experiments/compare.html", _("Compare %(ids)s", ids=", ".join(map(str, numbers))), "experiments",
        task=experiments[0]["task"], experiments=experiments, metric_rows=rows, part=chosen,
        part_names=metrics.PARTS, part_word=lambda name: words.part_word(_, name),
        actions=any(entry["status"] == "succeeded" for entry in experiments),
        params=lists.params(_, experiments), curves=await _curves(page, experiments, log), log=log,
        sheets=await _sheets(page, numbers), same_data=len(versions) == 1, served_id=served_id, base=experiments[base],
        compared={experiments[at]["experiment_id"]: body for at, body in compared.items()},
        awaited=chosen == "test" and 0 < sum(map(_can_be_compared, experiments)) - 1 > len(compared))


def _can_be_compared(experiment: ExperimentBody) -> bool:
    return experiment["status"] == "succeeded"


async def _compared_all(page: Page, experiments: Sequence[ExperimentBody], base: int) -> dict[int, ComparisonBody]:
    """By the place of an experiment what the held-out rows show of it and of the one that all are measured against."""
    number = experiments[base]["experiment_id"]
    places = [at for at, entry in enumerate(experiments) if at != base and _can_be_compared(entry)]
    found = await soon([_comparison(page, experiments[at]["experiment_id"], number) for at in places])
    return {at: body for at, body in zip(places, found, strict=True) if body}


def _shown_all(_: Language, rows: Sequence[metrics.MetricRow], compared: Mapping[int, ComparisonBody]
               ) -> list[metrics.MetricRow]:
    """Nothing is called better that has not been shown to be."""
    shown = []
    for row in rows:
        for at in range(len(row.cells)):
            row = metrics.shown(_, row, at, compared[at]["differences"].get(row.name) if at in compared else None)
        shown.append(row)
    return shown


async def _curves(page: Page, experiments: Sequence[ExperimentBody], log: bool) -> list[charts.Chart]:
    """One chart a part; an experiment has the same colour on each."""
    numbers = [entry["experiment_id"] for entry in experiments]
    found = await asyncio.gather(*(
        page.backend.file_or_none(f"/experiments/{number}/artifacts/plots/learning_curves.json") for number in numbers))
    by_part: dict[str, dict[str, list[charts.Point]]] = {}
    loss, colours = "", {str(number): position for position, number in enumerate(numbers)}
    for number, rows in zip(numbers, found, strict=True):
        loss, series = plots.learning_series_or_none(rows) or (loss, {})
        for name, points in series.items():
            by_part.setdefault(name, {})[str(number)] = points
    _ = page.language
    titles = {"train": _("Learning curve, train"), "valid": _("Learning curve, valid")}
    drawn = [charts.line_chart(_, titles.get(name, name), by_part[name], _("iteration"), loss, log=log, colours=colours)
             for name in ("valid", "train") if name in by_part]
    return [chart for chart in drawn if chart]


async def _sheets(page: Page, numbers: Sequence[int]) -> list[tuple[int, list[plots.Sheet]]]:
    """The contact sheets of each experiment that left some."""
    listed = await asyncio.gather(*(
        page.backend.get(f"/experiments/{number}/artifacts", ArtifactsBody) for number in numbers))
    found = [(number, plots.sheets(page.language, {entry["path"] for entry in listing["artifacts"]}))
             for number, listing in zip(numbers, listed, strict=True)]
    return [(number, sheets[:1]) for number, sheets in found if sheets]


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


SHOWN = {
    "/ui/experiments/{id:int}": show_one, "/ui/experiments/{id:int}/events": events,
    "/ui/experiments/{id:int}/artifacts/{path:path}": artifact, "/ui/compare": show_compare,
    "/ui/retrain/{task}": show_retrain, "/ui/experiments/{id:int}/delete": confirm_delete,
}
ASKED: Asked = {
    "/ui/experiments/{id:int}": ("scale",), "/ui/compare": ("ids", "part", "scale"),
    "/ui/retrain/{task}": ("from", "trainer"),
}
POSTED = {"/ui/experiments/{id:int}/cancel": cancel, "/ui/experiments/{id:int}/marks": mark,
          "/ui/retrain/{task}": retrain, "/ui/experiments/{id:int}/delete": delete}
