"""Tables: a form made from the schema, CSV files, and what each column holds."""
from __future__ import annotations

import asyncio
import csv
import json
import math
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from starlette.datastructures import FormData

from entrypoints.admin import charts, faults, plots, reasons, words
from entrypoints.admin.api.datasets import SampleBody, SummariesBody, SummaryBody
from entrypoints.admin.api.predicted import AnswerBody, RowsBody
from entrypoints.admin.api.tasks import ColumnBody, TaskDocument
from entrypoints.admin.backend import ApiProblem, Backend, part
from entrypoints.admin.kept_files import Note
from entrypoints.admin.kinds import Context, KindPages
from entrypoints.admin.language import Language
from entrypoints.admin.why import Why, why

if TYPE_CHECKING:
    from entrypoints.admin.page import Page

PREVIEW_ROWS, PREVIEW_BYTES = 12, 1 << 20
EXAMPLES, SOON_S = 20, 0.25
# To a list of rows, as JSON: more go as a file.
MOST_ANSWERS = 50
_NOTHING_TO_COMPARE_WITH = 409
_SEPARATORS = ",;\t|"
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Field:
    """One input. input: its name in the form, which a column's own name might not suit. long: of more than one line."""

    input: str
    column: str
    number: bool
    required: bool
    hint: str
    about: str
    value: str
    choices: Sequence[str] = ()
    fault: str = ""
    long: bool = False


@dataclass(frozen=True, slots=True)
class ColumnRow:
    name: str
    type: str
    role: str
    about: str
    missing: str
    bars: Sequence[charts.Bar]
    summary: str


@dataclass(frozen=True, slots=True)
class Tried:
    prediction: str
    experiment_id: int
    shares: Sequence[plots.Share]
    why: Why | None
    request_id: str
    curl: str


@dataclass(frozen=True, slots=True)
class Preview:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]


class Tabular(KindPages):
    try_template, batch_template = "try/tabular.html", "try/tabular_batch.html"
    data_template, preview_template = "data/tabular.html", "data/tabular_preview.html"
    accept, media_type, result_name = ".csv,text/csv", "text/csv", "predictions.csv"

    async def try_it(self, page: Page, task: TaskDocument) -> Context:
        summaries, rows = await asyncio.gather(_hints(page.backend, task), _examples(page.backend, task))
        number = (page.whole("row") or 0) % max(len(rows), 1)
        row = rows[number] if rows else {}
        typed = {column["name"]: _typed(row.get(column["name"])) for column in features(task)}
        return self._form(page, task, summaries, typed) | {
            "next_row": number + 1, "examples": len(rows), "as_json": False}

    async def tried(self, page: Page, task: TaskDocument, form: FormData) -> Context:
        summaries = await _hints(page.backend, task)
        typed = {column["name"]: str(form.get(f"c{number}", "")) for number, column in enumerate(features(task))}
        text = form.get("json")
        body = str(text) if text is not None else json.dumps(_row(task, typed), ensure_ascii=False)
        context: Context = {"next_row": 1, "examples": EXAMPLES, "as_json": text is not None}
        if text is not None:
            typed = _of_json(task, body)
        try:
            answer = await _answered(page.backend, task, body)
        except ApiProblem as problem:
            if problem.status not in (400, 403):
                raise
            context |= self._form(page, task, summaries, typed, faults.placed(page.language, problem.faults))
            return context | {"body": body, "problem": problem, "status": problem.status}
        return context | self._form(page, task, summaries, typed) | {
            "body": body, "tried": self._tried(page, task, answer, body)}

    def is_labelled(self, task: TaskDocument, path: Path) -> bool:
        return target(task) in _head(path)[0]

    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        columns, rows = _head(path)
        numbers = {column["name"] for column in task["columns"] if column["type"] == "number"}
        return {"preview": Preview(columns, rows, [
            name in numbers or name.startswith("probability_") for name in columns])}

    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        patience_s = 0 if page.one_of("wait", "1") else SOON_S
        waits, found = await _soon(
            page.backend.get_or_none(f"/datasets/{part(task['name'])}/columns", SummariesBody, version=version),
            patience_s)
        known = {entry["name"]: entry for entry in found["columns"]} if found else {}
        rows = [_column_row(page.language, column, known.get(column["name"])) for column in task["columns"]]
        return {"columns": rows, "waits": waits and page.url(wait=1), "looked_at": found and found["looked_at"],
                "of_rows": found and found["rows"], "shown_version": found and found["dataset_version"]}

    def _form(self, page: Page, task: TaskDocument, summaries: Mapping[str, SummaryBody], typed: Mapping[str, str],
              found: Sequence[faults.PlacedFault] = ()) -> Context:
        by_column = {fault.column: fault.problem for fault in found if fault.column}
        fields = [_field(page.language, number, column, summaries.get(column["name"]), typed[column["name"]],
                         by_column.get(column["name"], "")) for number, column in enumerate(features(task))]
        shown = {field.column for field in fields}
        return {"fields": fields, "faults": [fault for fault in found if fault.column not in shown], "problem": None,
                "tried": None, "body": json.dumps(_row(task, typed), ensure_ascii=False, indent=1), "status": 200}

    def _tried(self, page: Page, task: TaskDocument, answer: AnswerBody | RowsBody, body: str) -> Tried:
        quoted = body.replace("'", "'\\''")
        curl = (f"curl '{page.api_url}/forward?task={part(task['name'])}' "
                f"-H 'Content-Type: application/json' -d '{quoted}'")
        if "predictions" in answer:
            texts = self._texts(page.language, task, cast(RowsBody, answer)["predictions"])
            return Tried(texts, answer["experiment_id"], (), None, answer["request_id"], curl)
        _, said = page.language, answer.get("explanation")
        return Tried(self._texts(_, task, [answer["prediction"]]), answer["experiment_id"],
                     plots.shares(_, answer["probabilities"] or {}), why(_, said) if said else None,
                     answer["request_id"], curl)

    def _texts(self, _: Language, task: TaskDocument, predictions: Sequence[str | float]) -> str:
        texts = [_.short(float(each)) if self.has_numbers(task) else str(each) for each in predictions[:MOST_ANSWERS]]
        return ", ".join([*texts, "…"] if len(predictions) > MOST_ANSWERS else texts)


async def _answered(backend: Backend, task: TaskDocument, body: str) -> AnswerBody | RowsBody:
    """With its explanation, where there is something to compare with. Raises: ApiProblem."""
    async def answered(**more: str) -> AnswerBody | RowsBody:
        answer: AnswerBody | RowsBody = (await backend.send(
            "POST", "/forward", params={"task": task["name"], **more}, content=body.encode("utf-8", "replace"),
            headers={"Content-Type": "application/json"})).json()
        return answer

    try:
        return await answered(explain="true")
    except ApiProblem as problem:
        if problem.status != _NOTHING_TO_COMPARE_WITH:
            raise
    return await answered()


def features(task: TaskDocument) -> list[ColumnBody]:
    return [column for column in task["columns"] if column.get("role", "feature") == "feature"]


def target(task: TaskDocument) -> str:
    return next(column["name"] for column in task["columns"] if column.get("role") == "target")


async def _hints(backend: Backend, task: TaskDocument) -> dict[str, SummaryBody]:
    """The summaries if they come at once. The first look into a large version takes seconds; a form does not wait for
    its hints, and when it is shown again they are there."""
    return (await _soon(_summaries(backend, task), SOON_S))[1] or {}


async def _soon(asking: Coroutine[None, None, _Found], within_s: float) -> tuple[bool, _Found | None]:
    """(is it still on its way, the answer or None). within_s: 0 waits for as long as it takes. What comes late is there
    when it is asked for again."""
    asked = asyncio.create_task(asking)
    _asked.add(asked)
    asked.add_done_callback(_forget)
    await asyncio.wait({asked}, timeout=within_s or None)
    return (False, asked.result()) if asked.done() else (True, None)


# A task that nobody holds may be collected before it is done.
_asked: set[asyncio.Task[object]] = set()


def _forget(asked: asyncio.Task[object]) -> None:
    _asked.discard(asked)
    if not asked.cancelled():
        asked.exception()  # whoever still waits is told; nobody else has to be


async def _summaries(backend: Backend, task: TaskDocument) -> dict[str, SummaryBody]:
    found = await backend.get_or_none(f"/datasets/{part(task['name'])}/columns", SummariesBody)
    return {entry["name"]: entry for entry in found["columns"]} if found else {}


async def _examples(backend: Backend, task: TaskDocument) -> list[dict[str, str | float | None]]:
    found = await backend.get_or_none(f"/datasets/{part(task['name'])}/sample", SampleBody, rows=EXAMPLES)
    return found["rows"] if found else []


def _typed(value: object) -> str:
    return "" if value is None else str(value)


def _row(task: TaskDocument, typed: Mapping[str, str]) -> dict[str, object]:
    """What was typed as the JSON of a request. A text that is no number goes as it is: the API says what is wrong."""
    return {column["name"]: _value(column, typed[column["name"]]) for column in features(task)}


def _value(column: ColumnBody, text: str) -> object:
    text = text.strip()
    if not text:
        return None
    if column["type"] != "number":
        return text
    try:
        number = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def _of_json(task: TaskDocument, body: str) -> dict[str, str]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = {}
    sent = sent if isinstance(sent, dict) else {}
    return {column["name"]: _typed(sent.get(column["name"])) for column in features(task)}


def _field(
    _: Language, number: int, column: ColumnBody, summary: SummaryBody | None, value: str, fault: str,
) -> Field:
    is_number = column["type"] == "number"
    hints = [_range(_, column, summary)]
    if column.get("private"):
        hints.append(_("private, no example is shown"))
    if summary and summary["missing"]:
        hints.append(_("%(share)s missing", share=_.percent(summary["missing_share"])))
    choices = () if is_number or not summary else summary["values"]
    return Field(f"c{number}", column["name"], is_number, not column.get("nullable", True),
                 " · ".join(filter(None, hints)), reasons.said(_, column.get("description", "")), value, choices, fault,
                 long=column["type"] == "text")


def _range(_: Language, column: ColumnBody, summary: SummaryBody | None) -> str:
    if not summary or not summary["edges"]:
        return ""
    low, high = _.short(summary["edges"][0]), _.short(summary["edges"][-1])
    return _("%(low)s … %(high)s characters", low=low, high=high) if column["type"] == "text" else f"{low} … {high}"


def _column_row(_: Language, column: ColumnBody, summary: SummaryBody | None) -> ColumnRow:
    bars: Sequence[charts.Bar] = ()
    said = ""
    if summary and column.get("private"):
        said = _("private, not shown")
    elif summary and summary["edges"]:
        bars = charts.histogram(_, summary["edges"], summary["counts"])
        said = _("%(range)s, mean %(mean)s", range=_range(_, column, summary),
                 mean=_.short(float(f"{summary['mean']:.4g}")))
    elif summary and summary["distinct"]:
        bars = charts.frequencies(_, summary["values"], summary["counts"])
        said = _.plural("%(count)s value", "%(count)s values", summary["distinct"]) + ": " + ", ".join(
            summary["values"][:4]) + (" …" if summary["distinct"] > 4 else "")
    return ColumnRow(column["name"], words.type_word(_, column["type"]),
                     words.role_word(_, column.get("role", "feature")), reasons.said(_, column.get("description", "")),
                     _.percent(summary["missing_share"]) if summary else "–", bars, said)


def _head(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names and first rows of a CSV, for the eyes alone: what it really holds is for the API to say."""
    with path.open("rb") as file:
        text = file.read(PREVIEW_BYTES).decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(islice(csv.reader(text.splitlines(keepends=True), delimiter=separator), PREVIEW_ROWS + 1))
    except csv.Error:
        rows = []
    return (rows[0], rows[1:]) if rows else ([], [])
