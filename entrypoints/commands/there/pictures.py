"""Single pictures and videos: they come back in base64, and go into a file."""
from __future__ import annotations

import base64
import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from domain.errors import InvalidInput
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.there.connection import Connection
from entrypoints.formats.files import written_whole
from entrypoints.formats.picture_wish import PictureWish

Fields = dict[str, Any]
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})


def looks_like_a_row(name: str, content: bytes) -> bool:
    """Text is, unless its name says that it is a picture."""
    if PurePath(name).suffix.lower() in _PICTURES:
        return False
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def wish_headers(wish: PictureWish) -> dict[str, str]:
    said = {"X-Output": wish.output, "X-Threshold": wish.threshold, "X-Video": "frames" if wish.as_frames else None}
    return {name: str(value) for name, value in said.items() if value is not None}


def answered_picture(service: Connection, task: str, name: str, content: bytes, wish: PictureWish,
                     output: Path | None) -> Fields:
    """Raises: InvalidInput, and what the service does."""
    sent = {"image": (PurePath(name).name, io.BytesIO(content))}
    found = service.ask(dict[str, Any], "POST", "/forward", params={"task": task}, headers=wish_headers(wish),
                        files=sent)
    return _left(task, found, "image", ".png", output)


def answered_video(service: Connection, task: str, name: str, content: bytes, wish: PictureWish,
                   output: Path | None) -> Fields:
    """In a zip, as the service takes them. Raises: as `answered_picture`."""
    suffix = PurePath(name).suffix
    if output is not None and output.suffix.lower() != suffix.lower():
        raise InvalidInput(f"a video is answered by a video of the same kind: say -o FILE{suffix}; for a picture "
                           "of each frame put it into a zip for forward-batch --frames")
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / PurePath(name).with_suffix(".zip").name
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(PurePath(name).name, content)
        found = service.ask(dict[str, Any], "POST", "/forward_batch", params={"task": task},
                            files={"file": Sent(packed)},
                            headers={"Accept": "application/json", **wish_headers(wish)})
    item, = found.pop("items")
    head = {key: found[key] for key in ("request_id", "task", "experiment_id")}
    return _left(task, head | {key: value for key, value in item.items() if key != "name"}, "video", suffix, output)


def _left(task: str, answer: Fields, field: str, suffix: str, output: Path | None) -> Fields:
    """The answer with what is a picture of it in a file. A class may have one, a mask is nothing else."""
    content = answer.get(field)
    if "prediction" in answer:
        if content is None or output is None:
            return answer
        _write(content, output)
        return answer | {field: str(output)}
    if output is None:
        raise InvalidInput(f"the task {task} answers pictures by pictures, videos by videos: say -o FILE{suffix}")
    _write(str(content), output)
    return _as_the_other_says(answer, output)


def _as_the_other_says(answer: Mapping[str, Any], output: Path) -> Fields:
    names = ("request_id", "task", "experiment_id", "output", "width", "height", "summary", "parts", "frames")
    said = {**answer, "output": str(output)}
    return {name: said[name] for name in names if name in said}


def _write(content: str, output: Path) -> None:
    with written_whole(output) as file:
        file.write(base64.b64decode(content))
