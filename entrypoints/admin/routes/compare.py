"""Several trainings side by side."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from entrypoints.admin import asking, charts, metrics, plots, words
from entrypoints.admin import experiments as lists
from entrypoints.admin.api.experiments import ArtifactsBody, ComparisonBody, ExperimentBody
from entrypoints.admin.backend import part
from entrypoints.admin.language import Language
from entrypoints.admin.page import Asked, Page, Posted, go
from entrypoints.admin.patience import soon
from entrypoints.admin.routes.experiments import compared_with, is_log, what_serves

_MOST_COMPARED = 8


async def show_compare(page: Page) -> Response:
    _, numbers = page.language, asking.numbers("ids", page.request.query_params.getlist("ids"), _MOST_COMPARED)
    if page.request.query_params.getlist("ids") != [",".join(map(str, numbers))]:
        kept = "".join(f"&{name}={part(page.query[name])}" for name in ("part", "scale") if page.query.get(name))
        return go(f"/ui/compare?ids={','.join(map(str, numbers))}{kept}")
    if len(numbers) < 2:
        return await page.render("experiments/compare_none.html", _("Compare experiments"), "experiments")
    experiments = await asyncio.gather(*(page.backend.get(f"/metrics/{number}", ExperimentBody) for number in numbers))
    chosen = page.one_of("part", metrics.PARTS) or "test"
    log = is_log(page)
    serving = await what_serves(page, experiments[0]["task"])
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
    found = await soon([compared_with(page, experiments[at]["experiment_id"], number) for at in places])
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


SHOWN = {"/ui/compare": show_compare}
ASKED: Asked = {"/ui/compare": ("ids", "part", "scale")}
POSTED: dict[str, Posted] = {}
