"""Pictures: one is answered by a mask that can be looked at from all sides, many by a zip of answers."""
from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from domain.picture_answer import COLOURS
from entrypoints.admin import picture_zips, words
from entrypoints.admin.api.datasets import CountedBody, GalleryBody, PreviewedPictureBody, StoredPictureBody
from entrypoints.admin.api.predicted import PictureAnswerBody
from entrypoints.admin.api.tasks import TaskDocument
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.kept_files import Note
from entrypoints.admin.kinds import Context, KindPages
from entrypoints.admin.language import Language
from entrypoints.admin.uploads import keep

if TYPE_CHECKING:
    from entrypoints.admin.page import Page

EXAMPLES, SHOWN, GALLERY = 8, 12, 24
LAYERS = ("picture", "colours", "overlay", "probability", "foreground")
OUTPUTS = ("mask", "overlay", "probability")


@dataclass(frozen=True, slots=True)
class ClassShare:
    """One class: its colour on the mask as `r,g,b`, and how much of the picture it is."""

    name: str
    colour: str
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class TriedPicture:
    """picture: under which the picture is kept, to be sent again; answer: under which its layers are."""

    picture: str
    answer: str
    name: str
    width: int
    height: int
    experiment_id: int
    request_id: str
    shares: Sequence[ClassShare]
    curl: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A stored picture. The digests are None where they are private."""

    row: str
    picture: str | None
    mask: str | None
    size: str
    shares: str
    label: str = ""


class Image(KindPages):
    try_template, batch_template = "try/image.html", "try/image_batch.html"
    data_template, preview_template = "data/image.html", "data/image_preview.html"
    accept, media_type, result_name = ".zip,application/zip", "application/zip", "answers.zip"
    check_params: Mapping[str, int] = {"preview": SHOWN}

    async def try_it(self, page: Page, task: TaskDocument) -> Context:
        found = await page.backend.get_or_none(
            f"/datasets/{part(task['name'])}/pictures", GalleryBody, limit=EXAMPLES)
        pictures = found["pictures"] if found else []
        return {"examples": [tile(page.language, one) for one in pictures if one["picture"]], "tried": None,
                "problem": None, "threshold": 0.5, "likeliest": len(task["labels"]) > 2, "status": 200,
                "outputs": OUTPUTS, "advice": ""}

    async def tried(self, page: Page, task: TaskDocument, form: FormData) -> Context:
        context = await self.try_it(page, task)
        threshold = str(form.get("threshold", "")).strip().replace(",", ".")
        if threshold and not form.get("likeliest"):
            context |= {"threshold": _share(threshold), "likeliest": False}
        try:
            token, path, name = await picture_of(page, task, form)
            sent = {} if not threshold or form.get("likeliest") else {"X-Threshold": threshold}
            answer = await _answered(page, task, path, name, sent)
        except ApiProblem as problem:
            if problem.status not in (400, 403, 413):
                raise
            return context | {"problem": problem, "status": problem.status,
                              "advice": words.advice(page.language, problem.status)}
        kept = await run_in_threadpool(_keep_answer, page, task, name, answer)
        return context | {"tried": _tried(page, task, name, answer, token, kept)}

    def is_labelled(self, task: TaskDocument, path: Path) -> bool:
        return picture_zips.has_masks(path)

    def batch_headers(self, form: FormData) -> Mapping[str, str]:
        chosen = form.get("output")
        return {"X-Output": chosen} if chosen in OUTPUTS else {}

    def preview(self, page: Page, task: TaskDocument, path: Path, note: Note) -> Context:
        if note.checked is not None:
            return {"pictures": [sent_picture(page.language, one) for one in note.checked.get("pictures", ())]}
        return {"answers": picture_zips.first(page.language, path, SHOWN)}

    def piece(self, path: Path, name: str) -> tuple[bytes, str] | None:
        """name: of a layer of one answer, or the number of a file in a zip of answers."""
        if name not in LAYERS:
            return picture_zips.member(path, name)
        try:
            return base64.b64decode(json.loads(path.read_bytes())["images"][name]), "image/png"
        except (OSError, ValueError, LookupError, TypeError):
            return None

    async def data(self, page: Page, task: TaskDocument, version: int | None) -> Context:
        found = await page.backend.get_or_none(
            f"/datasets/{part(task['name'])}/pictures", GalleryBody, version=version, limit=GALLERY,
            before=row_before(page))
        older = found["next"] if found else None
        return {"tiles": [tile(page.language, one) for one in found["pictures"]] if found else [],
                "shown_version": found and found["dataset_version"], "of_rows": found and found["rows"],
                "older": older and page.url(before=older, added=None, duplicate=None),
                "newest": page.url(before=None) if row_before(page) else None}

    def label_shares(self, counted: CountedBody) -> Mapping[str, float]:
        """Of the pixels: they say more than in how many pictures each class is."""
        return counted.get("pixels") or super().label_shares(counted)

    def problem_word(self, _: Language, problem: str) -> str:
        return {"segmentation": _("segmentation")}.get(problem, problem)

    def labels_come_late(self) -> bool:
        return False

    def unmeasured(self, _: Language) -> str:
        return _("Pictures have no late labels: add them with their masks and compare experiments.")


async def picture_of(page: Page, task: TaskDocument, form: FormData) -> tuple[str, Path, str]:
    """(token, file, name) of the picture that was sent, chosen, or sent before and kept. Raises: ApiProblem."""
    sent, token, example = form.get("image"), str(form.get("picture", "")), str(form.get("example", ""))
    if isinstance(sent, UploadFile) and (sent.filename or sent.size):
        return await keep(page, task, sent.file, sent.filename or "")
    if example:
        content = await page.backend.send("GET", f"/datasets/{part(task['name'])}/pictures/{part(example)}")
        return await keep(page, task, io.BytesIO(content.content), f"{example[:12]}.png")
    if token:
        found = page.kept_files.find(token, task["name"])
        if found is None:
            raise ApiProblem(400, "bad request", page.language("The picture has gone. Send it again."))
        return token, found[0], found[1].name
    raise ApiProblem(400, "bad request", page.language("No picture was chosen."))


async def _answered(
    page: Page, task: TaskDocument, path: Path, name: str, headers: Mapping[str, str],
) -> PictureAnswerBody:
    with path.open("rb") as file:
        answer: PictureAnswerBody = (await page.backend.send(
            "POST", "/forward", params={"task": task["name"]}, files={"image": (name or "picture", file)},
            headers={"X-Output": ",".join(LAYERS), **headers})).json()
    return answer


def _keep_answer(page: Page, task: TaskDocument, name: str, answer: PictureAnswerBody) -> str:
    token, path = page.kept_files.new()
    path.write_text(json.dumps({"images": answer["images"]}), encoding="ascii")
    page.kept_files.note(token, Note(task["name"], name))
    return token


def _tried(
    page: Page, task: TaskDocument, name: str, answer: PictureAnswerBody, picture: str, kept: str,
) -> TriedPicture:
    return TriedPicture(picture, kept, name, answer["width"], answer["height"], answer["experiment_id"],
                        answer["request_id"], _class_shares(page.language, task, answer["summary"] or {}),
                        curl(page, task, name, "overlay"))


def _class_shares(_: Language, task: TaskDocument, summary: Mapping[str, float]) -> list[ClassShare]:
    """In the order of the labels, which is that of their colours."""
    shares = [(str(label), float(summary.get(str(label), 0))) for label in task["labels"]]
    return [ClassShare(label, _colour(position), _.percent(share), round(100 * share, 1))
            for position, (label, share) in enumerate(shares)]


def _colour(position: int) -> str:
    red, green, blue = COLOURS[(position - 1) % len(COLOURS)] if position else (0, 0, 0)
    return f"{int(red)},{int(green)},{int(blue)}"


def curl(page: Page, task: TaskDocument, name: str, output: str) -> str:
    """Without the threshold, which the page adds as it is drawn."""
    file = name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "'\\''")
    asked = f"-H 'X-Output: {output}' -F 'image=@\"{file}\"'"
    return f"curl '{page.api_url}/forward?task={part(task['name'])}' {asked}"


def _share(text: str) -> float:
    """What stands on the slider; the API says what is wrong with anything else."""
    try:
        value = float(text)
    except ValueError:
        return 0.5
    return value if 0 <= value <= 1 else 0.5


def row_before(page: Page) -> int | None:
    return page.whole("before") or None


def tile(_: Language, one: StoredPictureBody) -> Tile:
    return Tile(_.whole(one["row"]), one["picture"], one["mask"], f"{one['width']} × {one['height']}",
                _foreground(_, one["summary"] or {}), one.get("label") or "")


def _foreground(_: Language, summary: Mapping[str, float]) -> str:
    """All classes but the first, which is the ground."""
    return ", ".join(f"{label} {_.percent(share)}" for label, share in list(summary.items())[1:])


def sent_picture(_: Language, one: PreviewedPictureBody) -> dict[str, str]:
    return {"name": one["name"], "picture": one["picture"], "mask": one["mask"] or "", "label": one.get("label") or "",
            "size": f"{one['width']} × {one['height']}", "shares": _foreground(_, one["summary"] or {})}
