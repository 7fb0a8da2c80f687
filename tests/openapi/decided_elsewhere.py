"""Which refusals a request may meet though it fits `/openapi.json`.

A document says what a request looks like. What it cannot say is listed here by the place that `errors` of a refusal
names; a refusal that names any other place is a fault of the document or of the service. One that names none is of the
whole body, which may be so where that is a file.
"""
from __future__ import annotations

import re
from collections.abc import Sequence

_NEW_TASK = ("POST /tasks", "POST /experiments")
_FILES = ("POST /forward", "POST /forward_batch", "POST /evaluate", "PUT /add_data", "PUT /labels",
          "POST /datasets/{task}/check", "POST /tasks/look", *_NEW_TASK)
_INFER = ("POST /v2/models/{task}/infer", "POST /v2/models/{task}/versions/{version}/infer")

# Places in a refusal, a regular expression that has to match as a whole, and the operations where they may stand.
DECIDED_ELSEWHERE: Sequence[tuple[str, Sequence[str]]] = (
    # May be left out where only one fits; which tasks there are only the service knows.
    ("task", ["GET /metadata", "POST /rollback", "PUT /retrain", *_FILES]),
    ("tasks", ["POST /keys"]),
    # What prints, by Unicode.
    ("name", ["POST /keys"]),
    # The name of the task once more.
    ("confirm", ["DELETE /tasks/{name}"]),
    # A grammar with parentheses, which a pattern cannot have; names of parameters and metrics of experiments.
    ("filter|sort", ["GET /experiments"]),
    # A place that an earlier answer gave.
    ("before", ["GET /predictions"]),
    # What a file is, and what its rows and columns are, its bytes tell.
    (r"file|image.*|header|row \d+(, column .*)?|column .*|line \d+|columns", _FILES),
    # How pictures are answered, by the problem of the task.
    ("X-Output|X-Threshold|X-Video", _FILES),
    # Tables are had as tables, pictures as a zip; only some pictures have classes.
    ("format", ["GET /datasets/{task}/rows"]),
    ("label", ["GET /datasets/{task}/pictures"]),
    # Of a canary alone; of the metrics and labels of the task.
    ("share|by|if_better|threshold", ["POST /deploy/{experiment_id}"]),
    # `GET /trainers` has the parameters of each; versions of the data are those of the task.
    (r"params(\..*)?", ["PUT /retrain", "PATCH /tasks/{name}", "POST /tasks"]),
    ("dataset_version", ["PUT /retrain"]),
    # What of a task may change is what it has, and what the parts of one need of each other.
    (r"kind|columns?\b.*|labels|positive|split|split\.by(_time)?|training\..*", ["PATCH /tasks/{name}", *_NEW_TASK]),
    # What it may be depends on what the file has: the target is of a table, not of pictures.
    ("target|problem", _NEW_TASK),
    # Files and texts that have a grammar of their own; what belongs to a new task alone, and what to a known one.
    ("model|mapping.*|export.*|check.*|dataset_version|name|split.by.*|dry", ["POST /experiments"]),
)
# V2 has one text for all; inputs, their shapes and types are those of a model, and bytes have a length and a beginning
# of their own.
_OF_TENSORS = re.compile(
    "(?!.* parameter .* unknown)(column|input|output) |Inference-Header-Content-Length|the request is no JSON|"
    "the request cannot be used: Expected `object`, got `[a-z]+`$")


def is_decided_elsewhere(operation: str, told: object) -> bool:
    """operation: as "GET /tasks". told: the answer of status 400, as its JSON was read."""
    if not isinstance(told, dict):
        return False
    if operation in _INFER:
        return _OF_TENSORS.match(str(told.get("error"))) is not None
    places = [fault["where"] for fault in told.get("errors", ())]
    return all(_is_listed(place, operation) for place in places) if places else operation in _FILES


def _is_listed(place: str, operation: str) -> bool:
    return any(operation in operations and re.fullmatch(known, place, re.DOTALL)
               for known, operations in DECIDED_ELSEWHERE)
