"""Pictures by class: one is answered by its class and the regions that decided, many by a table."""
from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from entrypoints.admin import picture_zips, plots, words
from entrypoints.admin.api.datasets import CountedBody, GalleryBody
from entrypoints.admin.api.predicted import ClassAnswerBody
from entrypoints.admin.api.tasks import TaskDocument
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.kept_files import Note
from entrypoints.admin.kinds import Context, KindPages
from entrypoints.admin.kinds.image import (
    EXAMPLES,
    GALLERY,
    SHOWN,
    Image,
    curl,
    picture_of,
    row_before,
    sent_picture,
    tile,
)
from entrypoints.admin.language import Language

if TYPE_CHECKING:
    from entrypoints.admin.page import Page

HEATMAP, LISTED = "heatmap", 100


@dataclass(frozen=True, slots=True)
class ClassifiedPicture:
    """answer: under which the heatmap is kept, None if the model gives none."""

    answer: str | None
    name: str
    width: int
    height: int
    prediction: str
    shares: Sequence[plots.Share]
    experiment_id: int
    request_id: str
    curl: str


class ImageClasses(Image):
    try_template, batch_template = "try/image_classes.html", "try/image_classes_batch.html"
    data_template, preview_template = "data/image_classes.html", "data/image_classes_preview.html"

    async def try_it(self, page: Page, task: TaskDocument) -> Context:
        found = await page.backend.get_or_none(f"/datasets/{part(task['name'])}/pictures", GalleryBody, limit=EXAMPLES)
        pictures = found["pictures"] if found else []
        return {"examples": [tile(page.language, one) for one in pictures if one["picture"]], "tried": None,
                "problem": None, "status": 200, "advice": ""}

    async def tried(self, page: Page, task: TaskDocument, form: FormData) -> Context:
        context = await self.try_it(page, task)
        try:
            _, path, name = await picture_of(page, task, form)
            answer = await _answered(page, task, path, name)
        except ApiProblem as problem:
            if problem.status not in (400, 403, 413):
                raise
            return context | {"problem": problem, "status": problem.status,
                              "advice": words.advice(page.language, problem.status)}
        kept = await run_in_threadpool(_keep, page, task, name, answer)
        return context | {"tried": _tried(page, task, name, answer, kept)}

    def is_labelled(self, task: TaskDocument, path: Path) -> bool:
        return picture_zips.has_classes(path, {str(label) for label in task["labels"]})

    def batch_headers(self, form: FormData) -> Mapping[str, str]:
        return {}

    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        if note.checked is not None:
            return {"pictures": [sent_picture(page.language, one) for one in note.checked.get("pictures", ())][:SHOWN]}
        return {"answers": picture_zips.classified(page.language, path, LISTED)}

    def piece(self, path: Path, name: str) -> tuple[bytes, str] | None:
        """name: of the one layer there is."""
        try:
            return base64.b64decode(json.loads(path.read_bytes())["images"][name]), "image/png"
        except (OSError, ValueError, LookupError, TypeError):
            return None

    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        label = page.one_of("label", task["labels"])
        found = await page.backend.get_or_none(
            f"/datasets/{part(task['name'])}/pictures", GalleryBody, version=version, limit=GALLERY,
            before=row_before(page), label=label)
        older = found["next"] if found else None
        classes = [(str(each), page.url(label=str(each), before=None)) for each in task["labels"]]
        return {"tiles": [tile(page.language, one) for one in found["pictures"]] if found else [],
                "shown_version": found and found["dataset_version"], "shown_class": label,
                "classes": classes, "all_classes": page.url(label=None, before=None),
                "older": older and page.url(before=older, added=None, duplicate=None),
                "newest": page.url(before=None) if row_before(page) else None}

    def label_shares(self, counted: CountedBody) -> Mapping[str, float]:
        return KindPages.label_shares(self, counted)

    def problem_word(self, _: Language, problem: str) -> str:
        return words.problem_word(_, problem)

    def labels_come_late(self) -> bool:
        return KindPages.labels_come_late(self)

    def unmeasured(self, _: Language) -> str:
        return KindPages.unmeasured(self, _)


async def _answered(page: Page, task: TaskDocument, path: Path, name: str) -> ClassAnswerBody:
    """With the regions that decided, if the model tells them. Raises: ApiProblem."""
    try:
        return await _sent(page, task, path, name, {"X-Output": HEATMAP})
    except ApiProblem as problem:
        if problem.status != 403:
            raise
        return await _sent(page, task, path, name, {})


async def _sent(page: Page, task: TaskDocument, path: Path, name: str, headers: Mapping[str, str]) -> ClassAnswerBody:
    with path.open("rb") as file:
        answer: ClassAnswerBody = (await page.backend.send(
            "POST", "/forward", params={"task": task["name"]}, files={"image": (name or "picture", file)},
            headers=headers)).json()
    return answer


def _keep(page: Page, task: TaskDocument, name: str, answer: ClassAnswerBody) -> str | None:
    if answer["image"] is None:
        return None
    token, path = page.kept_files.new()
    path.write_text(json.dumps({"images": {HEATMAP: answer["image"]}}), encoding="ascii")
    page.kept_files.note(token, Note(task["name"], name))
    return token


def _tried(page: Page, task: TaskDocument, name: str, answer: ClassAnswerBody, kept: str | None) -> ClassifiedPicture:
    return ClassifiedPicture(
        kept, name, answer["width"], answer["height"], str(answer["prediction"]),
        plots.shares(page.language, answer["probabilities"] or {}), answer["experiment_id"], answer["request_id"],
        curl(page, task, name, HEATMAP))
