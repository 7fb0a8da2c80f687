"""Labelled data, and a look into them."""
from __future__ import annotations

from progon_client import uploads
from progon_client.answers.datasets import Columns, Dataset, Sample, StoredPictures, Undone
from progon_client.answers.files import Added, Checked, LabelsAdded
from progon_client.answers.words import Drawn
from progon_client.call import Call, Repeat, json_call
from progon_client.calls.answering import LONG_S
from progon_client.downloads import Download, Form, download
from progon_client.uploads import TableLike


def add_data(table: TableLike, *, task: str | None = None, charset: str | None = None) -> Call[Added]:
    """Labelled rows, or a zip of labelled pictures, as the next dataset version. Data that are there already add
    nothing and say `duplicate`."""
    return json_call(Added, "PUT", "/add_data", query={"task": task}, repeat=Repeat.BY_KEY, wait_s=LONG_S,
                     files={"file": uploads.table(table, charset)})


def check(table: TableLike, task: str, *, preview: int | None = None, charset: str | None = None) -> Call[Checked]:
    """Whether labelled data would be taken; nothing is kept. preview: of pictures, how many to show small."""
    return json_call(Checked, "POST", "/datasets/{task}/check", at={"task": task}, query={"preview": preview},
                     repeat=Repeat.ALWAYS, wait_s=LONG_S, files={"file": uploads.table(table, charset)})


def add_labels(labels: TableLike, *, task: str | None = None, charset: str | None = None) -> Call[LabelsAdded]:
    """What was true of earlier answers: request_id, label, and row_no of a row of a file. Those that are known already
    are told apart, so they may be sent again."""
    return json_call(LabelsAdded, "PUT", "/labels", query={"task": task}, repeat=Repeat.ALWAYS, wait_s=LONG_S,
                     files={"file": uploads.table(labels, charset)})


def dataset(task: str) -> Call[Dataset]:
    """The versions of a task's data, oldest first."""
    return json_call(Dataset, "GET", "/datasets/{task}", at={"task": task})


def dataset_rows(task: str, *, version: int | None = None, form: Form = "arrow") -> Call[Download]:
    """A dataset version as a file; "zip" of pictures. The newest one, if left out."""
    return download("GET", "/datasets/{task}/rows", at={"task": task}, query={"version": version, "format": form},
                    wait_s=LONG_S)


def export_data(task: str, *, parts: str | None = None, version: int | None = None) -> Call[Download]:
    """The rows that a training elsewhere may see, as a zip: a file for each part, and export.json for `import_model`.
    parts: with commas between; train,valid if left out."""
    return download("GET", "/datasets/{task}/export", at={"task": task}, query={"version": version, "parts": parts},
                    wait_s=LONG_S)


def dataset_sample(task: str, *, version: int | None = None, rows: int | None = None) -> Call[Sample]:
    """The first rows, as `forward` takes them, with the target beside."""
    return json_call(Sample, "GET", "/datasets/{task}/sample", at={"task": task},
                     query={"version": version, "rows": rows})


def dataset_columns(task: str, *, version: int | None = None) -> Call[Columns]:
    """What the columns hold: histograms, the most frequent values, missing ones."""
    return json_call(Columns, "GET", "/datasets/{task}/columns", at={"task": task}, query={"version": version})


def dataset_pictures(
    task: str, *, version: int | None = None, limit: int | None = None, before: int | None = None,
    label: str | None = None,
) -> Call[StoredPictures]:
    """The stored pictures, the newest first; `next` of a page is the `before` of the one that follows."""
    return json_call(StoredPictures, "GET", "/datasets/{task}/pictures", at={"task": task},
                     query={"version": version, "limit": limit, "before": before, "label": label})


def dataset_picture(task: str, sha256: str, *, draw: Drawn | None = None, max_px: int | None = None) -> Call[Download]:
    """A stored picture or mask, by its digest. draw: for eyes."""
    return download("GET", "/datasets/{task}/pictures/{sha256}", at={"task": task, "sha256": sha256},
                    query={"draw": draw, "max_px": max_px})


def undo_data(task: str, *, version: int | None = None) -> Call[Undone]:
    """Takes the newest dataset version back. version: only if it is the newest."""
    return json_call(Undone, "DELETE", "/datasets/{task}/versions/newest", at={"task": task},
                     query={"version": version})
