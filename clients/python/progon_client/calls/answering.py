"""Answers of the model that serves.

The prediction log knows each by its request's id, which stays the same however often the request is sent.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from progon_client import uploads
from progon_client.answers.answered import PictureAnswer, PicturesAnswer, RowAnswer, RowsAnswer
from progon_client.call import Call, Repeat, json_call
from progon_client.downloads import MEDIA_TYPES, Download, Form, download
from progon_client.uploads import FileLike, PictureLike, TableLike

LONG_S = 600.0
#: What becomes of columns that the task does not know: "refuse", as usual, or "ignore", and the answer names them.
Extra = Literal["refuse", "ignore"]


def forward(row: Mapping[str, object], *, task: str | None = None, extra: Extra | None = None,
            explain: bool | None = None, request_id: str | None = None) -> Call[RowAnswer]:
    """The answer to one row; None is a missing value. explain: with what each column has to do with it."""
    return json_call(RowAnswer, "POST", "/forward", query={"task": task, "extra": extra, "explain": explain},
                     body=dict(row), repeat=Repeat.ALWAYS, headers=_headers(request_id=request_id))


def forward_rows(rows: Iterable[Mapping[str, object]], *, task: str | None = None, extra: Extra | None = None,
                 explain: bool | None = None, request_id: str | None = None) -> Call[RowsAnswer]:
    """The answers to some rows, all with the same columns; many, and those of a table, go by `forward_batch`.
    explain: with what each column has to do with them."""
    return json_call(RowsAnswer, "POST", "/forward", query={"task": task, "extra": extra, "explain": explain},
                     body=list(map(dict, rows)), repeat=Repeat.ALWAYS, headers=_headers(request_id=request_id))


def forward_picture(
    picture: PictureLike, *, task: str | None = None, output: str | Sequence[str] | None = None,
    threshold: float | None = None, request_id: str | None = None,
) -> Call[PictureAnswer]:
    """The answer to one picture.

    output: mask, overlay, probability and others, or several; heatmap of a task of classes. threshold: 0..1.
    """
    return json_call(PictureAnswer, "POST", "/forward", query={"task": task}, repeat=Repeat.ALWAYS,
                     files={"image": uploads.picture(picture)}, headers=_headers(output, threshold, request_id))


def forward_batch(
    table: TableLike, *, task: str | None = None, charset: str | None = None, extra: Extra | None = None,
    explain: bool | None = None, request_id: str | None = None,
) -> Call[RowsAnswer]:
    """The answers to all rows of a table, in their order. charset: of a text file, where it is in doubt. explain: with
    what each column has to do with them."""
    return json_call(RowsAnswer, "POST", "/forward_batch", query={"task": task, "extra": extra, "explain": explain},
                     repeat=Repeat.ALWAYS, wait_s=LONG_S, files={"file": uploads.table(table, charset)},
                     headers=_headers(request_id=request_id))


def forward_table(
    table: TableLike, *, task: str | None = None, form: Form = "arrow", charset: str | None = None,
    extra: Extra | None = None, explain: bool | None = None, request_id: str | None = None,
) -> Call[Download]:
    """The rows of a table with `prediction` and `probability_<label>` beside, as a file that is a table again:
    `.to_pandas()`, `.to_arrow()`, `.save(path)`. explain: with `explanation_base` and `contribution_<column>` too."""
    return _file("/forward_batch", uploads.table(table, charset), task, form, _headers(request_id=request_id),
                 extra, explain)


def forward_pictures(
    pictures: FileLike, *, task: str | None = None, output: str | None = None, threshold: float | None = None,
    video: str | None = None, request_id: str | None = None,
) -> Call[PicturesAnswer]:
    """The answers to all pictures and videos of a zip. video: "video", or "frames" for a picture for each frame."""
    return json_call(PicturesAnswer, "POST", "/forward_batch", query={"task": task}, repeat=Repeat.ALWAYS,
                     wait_s=LONG_S, files={"file": uploads.file(pictures, name="pictures.zip")},
                     headers=_headers(output, threshold, request_id, video))


def forward_zip(
    pictures: FileLike, *, task: str | None = None, output: str | None = None, threshold: float | None = None,
    video: str | None = None, request_id: str | None = None,
) -> Call[Download]:
    """As `forward_pictures`, with the answers as files of a zip: `.files()`, `.save(path)`."""
    return _file("/forward_batch", uploads.file(pictures, name="pictures.zip"), task, "zip",
                 _headers(output, threshold, request_id, video))


def evaluate(table: TableLike, *, task: str | None = None, charset: str | None = None, extra: Extra | None = None,
             explain: bool | None = None) -> Call[RowsAnswer]:
    """The answers to labelled rows, and how good they are: `.metrics`. Nothing of it is kept. explain: with what each
    column has to do with them."""
    return json_call(RowsAnswer, "POST", "/evaluate", query={"task": task, "extra": extra, "explain": explain},
                     repeat=Repeat.ALWAYS, wait_s=LONG_S, files={"file": uploads.table(table, charset)})


def evaluate_table(
    table: TableLike, *, task: str | None = None, form: Form = "arrow", charset: str | None = None,
    extra: Extra | None = None, explain: bool | None = None,
) -> Call[Download]:
    """As `forward_table`, of labelled rows; the metrics are in `.told`."""
    return _file("/evaluate", uploads.table(table, charset), task, form, {}, extra, explain)


def evaluate_pictures(
    pictures: FileLike, *, task: str | None = None, output: str | None = None,
) -> Call[PicturesAnswer]:
    """The answers to a labelled zip, and how good they are: `.metrics`."""
    return json_call(PicturesAnswer, "POST", "/evaluate", query={"task": task}, repeat=Repeat.ALWAYS, wait_s=LONG_S,
                     files={"file": uploads.file(pictures, name="pictures.zip")}, headers=_headers(output))


def _file(route: str, upload: uploads.Upload, task: str | None, form: Form, headers: dict[str, str],
          extra: Extra | None = None, explain: bool | None = None) -> Call[Download]:
    return download("POST", route, query={"task": task, "extra": extra, "explain": explain}, files={"file": upload},
                    wait_s=LONG_S, headers=headers | {"Accept": MEDIA_TYPES[form]})


def _headers(output: str | Sequence[str] | None = None, threshold: float | None = None,
             request_id: str | None = None, video: str | None = None) -> dict[str, str]:
    outputs = output if output is None or isinstance(output, str) else ",".join(output)
    said = {"X-Output": outputs, "X-Threshold": threshold, "X-Request-ID": request_id, "X-Video": video}
    return {name: str(value) for name, value in said.items() if value is not None}
