"""What `/openapi.json` says of bodies that the routes read and write themselves."""
from __future__ import annotations

from typing import Any

from application.use_cases.create_key import MAX_DAYS
from application.use_cases.edit_experiment import MAX_NOTE_CHARS, MAX_TAG_CHARS, MAX_TAGS, MAX_TITLE_CHARS
from domain.api_key import MAX_NAME_CHARS, Right
from domain.cells import MAX_TEXT_CHARS, USABLE
from domain.task import MAX_PREFIX_CHARS, NAME
from entrypoints.answers.answer import Answer
from entrypoints.answers.batches import FileAnswer, RowsAnswer
from entrypoints.answers.datasets import CheckedAnswer
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.answers.explanations import ExplanationAnswer
from entrypoints.answers.keys import CreatedKeyAnswer
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.answers.problems import ProblemAnswer
from entrypoints.answers.schemas import Schema, asked, reference
from entrypoints.answers.tasks import CreatedTaskAnswer, LookedAnswer, TaskAnswer, TaskDocument
from entrypoints.answers.v2 import IndexedModelAnswer, InferAnswer, ProtocolErrorAnswer
from entrypoints.answers.versions import AddedAnswer
from entrypoints.formats.table_answers import MEDIA_TYPES as COLUMNAR_TYPES
from entrypoints.formats.v2.tensors import DATATYPES

Responses = dict[int | str, Schema]

_ANSWERED_WITH = {
    400: "Malformed, or a value, column or parameter that cannot be used; `errors` names each",
    401: "No key, or a wrong one",
    403: "The model could not do it, or the key has not the right",
    404: "Unknown id or task",
    409: "Not in a state for it",
    413: "Too large",
    429: "Too many wrong keys; try again after `Retry-After` seconds",
    503: "Busy; try again after `Retry-After` seconds",
    507: "No room on a disk; `detail` names it",
}
TASK = {"name": "task", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "The task meant; may be left out where only one fits."}


def problems(*statuses: int) -> Responses:
    """What waits for a slot or writes may find a disk full as well."""
    statuses = (*statuses, 507) if 503 in statuses and 507 not in statuses else statuses
    content = {"application/problem+json": {"schema": reference(ProblemAnswer)}}
    return {status: {"description": _ANSWERED_WITH[status], "content": content} for status in statuses}


def ok(answer: type[Answer] | Schema, description: str = "Done") -> Responses:
    """answer: a class, or a schema written by hand."""
    return {200: {"description": description, "content": _json(answer)}}


def accepted(answer: type[Answer], description: str = "Accepted, and not done yet") -> Responses:
    return {202: {"description": description, "content": _json(answer)}}


def _json(answer: type[Answer] | Schema) -> Schema:
    return {"application/json": {"schema": answer if isinstance(answer, dict) else reference(answer)}}


def fields(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def closed(**properties: Schema) -> Schema:
    """The same, with no fields beside them."""
    return fields(**properties) | {"additionalProperties": False}


def only(**properties: Schema) -> Schema:
    """No fields but these, none of which is required."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


STRING, INTEGER, NUMBER, OBJECT = ({"type": name} for name in ("string", "integer", "number", "object"))
SOME_TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "object", "additionalProperties": STRING}
PROBABILITIES = {"type": ["object", "null"], "additionalProperties": NUMBER}
PREDICTION = {"type": ["string", "number"]}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _file_body() -> Schema:
    """A table (CSV, XLSX, NDJSON, Parquet, Arrow, also in gzip, zstd or a zip), or a zip of pictures and videos, as the
    field `file` of a form or as the raw body; what it is is seen by its content, whatever its media type says."""
    text = {"schema": {"description": "A table, as text"}}
    file = {"type": "string", "format": "binary"}
    return {"required": True, "content": {
        "multipart/form-data": {"schema": fields(file=file)}, "text/csv": text | {"example": "carrier,temp\nUA,39.0\n"},
        "application/zip": {"schema": file}, "application/x-ndjson": text,
        **{kind: {"schema": file} for kind in (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/gzip",
            "application/zstd", *COLUMNAR_TYPES.values())}}}


_DRAWN: dict[str, Schema] = {
    "image": STRING | {"contentEncoding": "base64"}, "media_type": STRING, "width": INTEGER, "height": INTEGER,
    "summary": {"type": "object", "additionalProperties": NUMBER},
    "parts": {"type": ["object", "null"], "description": "Of a picture, by label but the first: connected parts, which "
              "touch at a corner at least; null for noise", "additionalProperties": {
                  "type": "object", "required": ["count", "median_px", "sizes_px"], "properties": {
                      "count": {"type": "integer"}, "median_px": {"type": ["number", "null"]},
                      "sizes_px": {"type": "array", "description": "The 100 largest, falling",
                                   "items": {"type": "integer"}}}}}}
_OUTPUTS = ["mask", "overlay", "probability", "picture", "colours", "foreground", "heatmap"]
_LOOK = [
    {"name": "X-Output", "in": "header", "required": False,
     "schema": {"enum": _OUTPUTS},
     "description": "Of pictures: how the answer is drawn. Of pictures by class: heatmap alone, the regions that "
                    "decided."},
    {"name": "X-Threshold", "in": "header", "required": False, "schema": {"type": "number", "minimum": 0, "maximum": 1},
     "description": "Of pictures: how likely a pixel has to be none of the background to be of another class."},
]
_LOOKS = [_LOOK[0] | {
    "schema": STRING | {"pattern": "^({0})(, *({0}))*$".format("|".join(_OUTPUTS))},
    "description": f"{_LOOK[0]['description']} Several with commas between."}, _LOOK[1]]
_FRAMES = {"name": "X-Video", "in": "header", "required": False, "schema": {"enum": ["video", "frames"]},
           "description": "Of videos: answered by a video, or by a picture for each frame."}
_MOVING = {"video": _DRAWN["image"], "frames": INTEGER} | {
    name: schema for name, schema in _DRAWN.items() if name not in ("image", "parts")}


_CLASSIFIED: dict[str, Schema] = {
    "prediction": PREDICTION, "probabilities": PROBABILITIES,
    "image": {"type": ["string", "null"], "contentEncoding": "base64"}, "media_type": {"type": ["string", "null"]},
    "width": INTEGER, "height": INTEGER}
_WATCHED: dict[str, Schema] = {
    "prediction": PREDICTION, "probabilities": PROBABILITIES, "width": INTEGER, "height": INTEGER, "frames": INTEGER,
    "answers": list_of(fields(frame=INTEGER, prediction=PREDICTION, probabilities=PROBABILITIES))}


def either(*kinds: Schema) -> Schema:
    """Of what else it may be."""
    return {"anyOf": list(kinds)}


def batch(evaluated: bool) -> dict[str, Any]:
    """Arguments for the routes that answer a whole file."""
    pictures = {"allOf": [reference(FileAnswer), fields(
        items=list_of(either(*(fields(name=STRING, **kind) for kind in (_DRAWN, _MOVING, _CLASSIFIED, _WATCHED)))))]}
    responses = ok(either(reference(RowsAnswer), pictures),
                   "The answers, in the order of the rows, or of the names of the pictures")
    binary = {"schema": {"type": "string", "format": "binary"}}
    responses[200]["content"] |= dict.fromkeys(COLUMNAR_TYPES.values(), binary)
    responses[200]["content"] |= {"text/csv": {"schema": {"type": "string"}},
                                  "application/zip": {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": responses | problems(400, 403, 404, 409, 413, 503), "openapi_extra": {
        "requestBody": _file_body(), "parameters": [TASK, *(_LOOK[:1] if evaluated else [*_LOOK, _FRAMES])]}}


def add_data() -> dict[str, Any]:
    """Arguments for the route `PUT /add_data`."""
    return {"responses": ok(AddedAnswer, "What became of the rows") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": _file_body(), "parameters": [TASK]}}


def add_labels() -> dict[str, Any]:
    """Arguments for the route `PUT /labels`."""
    row = fields(request_id=SOME_TEXT, label={"type": ["string", "number", "boolean", "null"]})
    row["properties"]["row_no"] = {"type": ["integer", "null"], "minimum": 1,
                                   "description": "Of a row of a file; 1, if left out"}
    body = _file_body()
    body["content"]["application/json"] = {"schema": list_of(row) | {"minItems": 1}}
    return {"responses": ok(LabelsAnswer, "What became of the labels") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK]}}


def check_data() -> dict[str, Any]:
    """Arguments for the route `POST /datasets/{task}/check`."""
    return {"responses": ok(CheckedAnswer, "It would be taken") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": _file_body()}}


def look() -> dict[str, Any]:
    """Arguments for the route `POST /tasks/look`."""
    return {"responses": ok(LookedAnswer, "What is in it") | problems(400, 413, 503),
            "openapi_extra": {"requestBody": _file_body()}}


FILE: Responses = {
    200: {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


# A file of any kind, JSON among them.
ARTIFACT: Responses = {200: {"description": "The file", "content": {
    **FILE[200]["content"], "application/json": {"schema": {}, "example": {"test": {"auc": 0.75}}}}}}


_TRAINING: Schema = {"type": "object", "additionalProperties": {
    "type": ["number", "string", "boolean", "object"], "additionalProperties": NUMBER}}


def retrain() -> dict[str, Any]:
    """Arguments for the route `PUT /retrain`."""
    wish = {"type": "object", "additionalProperties": False, "properties": {
        "params": _TRAINING | {
            "type": ["object", "null"], "properties": {"search": {"type": ["boolean", "object", "null"]}},
            "description": "In place of the task's own: `trainer`, its parameters as `GET /trainers` has them, `seed`, "
            "`refit`: `valid`, or `all` for a model that learns from the held-out rows too; and `search`: true for the "
            "trainer's ladder of settings, or `trials` (2 to 200) and `budget_s`, of which the rows of valid choose",
            "example": {"trainer": "catboost", "iterations": 300, "depth": 6}},
        "dataset_version": {"type": ["integer", "null"], "description": "The newest, if left out"},
        "name": {"type": ["string", "null"], "maxLength": 200, "description": "What to call the experiment"},
    }}
    location = {"Location": {"description": "Where to look how it is: `/metrics/<id>`", "schema": STRING}}
    responses = ok(ExperimentAnswer, "Finished") | accepted(ExperimentAnswer, "Queued or running still")
    for status in (200, 202):
        responses[status]["headers"] = location
    body = {"required": False, "content": {"application/json": {"schema": wish}}}
    return {"responses": responses | problems(400, 403, 404, 409, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK]}}


def import_model() -> dict[str, Any]:
    """Arguments for the route `POST /experiments`."""
    file = {"type": "string", "format": "binary"}
    form = closed(model=file | {"description": "ONNX, or a zip with an MLflow model folder of the ONNX flavour"})
    form["properties"] |= {
        "mapping": STRING | {"description": "YAML or JSON, as a text or a file: inputs, missing, outputs, labels, "
                                            "picture"},
        "check": file | {"description": "A table with the maker's own prediction, probability_<label>; of pictures a "
                                        "zip of them and such a table, with their name, or of them and the maker's own "
                                        "masks, as `/evaluate` takes it"},
        "export": file | {"description": "export.json of progon export-data, if the model was made with its rows"},
        "name": STRING | {"maxLength": 200}, "dataset_version": STRING | {"description": "The newest, if left out"},
        "data": file | {"description": "A table, or a zip of pictures, that makes the task, which is not there yet"},
        "target": STRING | {"description": "Of a new task: the column to predict"},
        "problem": STRING | {"description": "Of a new task: what the target is, where it does not tell by itself"},
        "split_by": STRING | {"description": "Of a new task: rows with the same value here are held out together"},
        "split_by_time": STRING | {"description": "Of a new task: the newest rows by this column are held out"},
        "positive": STRING | {"description": "Of a new task: the label of two that metrics are of"}}
    location = {"Location": {"description": "Where it is: `/metrics/<id>`", "schema": STRING}}
    made = {201: {"description": "Imported", "content": _json(ExperimentAnswer), "headers": location}}
    return {"responses": made | ok(ExperimentAnswer, "It would be imported; its id is 0")
            | problems(400, 403, 404, 413, 503, 507), "openapi_extra": {
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
                "parameters": [TASK]}}


def forward() -> dict[str, Any]:
    """Arguments for the route `POST /forward`."""
    row = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]},
           "example": {"carrier": "UA", "temp": 39.0}}
    rows = list_of({key: value for key, value in row.items() if key != "example"}) | {
        "minItems": 1, "description": "Some rows, each with the same columns"}
    answer = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, prediction=PREDICTION,
                    probabilities=PROBABILITIES)
    answer["properties"]["ignored"] = list_of(STRING) | {
        "description": "Columns that the task does not know, where they were to be ignored"}
    answer["properties"]["explanation"] = reference(ExplanationAnswer)
    picture = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, **_DRAWN)
    picture["properties"]["images"] = {"type": "object", "additionalProperties": STRING,
                                       "description": "Each form, where X-Output names several; `image` is the first"}
    classified = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, **_CLASSIFIED)
    body = {"required": True, "content": {
        "application/json": {"schema": {"anyOf": [row, rows]}},
        "multipart/form-data": {"schema": fields(image={"type": "string", "format": "binary"})}}}
    return {"responses": ok(either(answer, reference(RowsAnswer), picture, classified), "The answer")
            | problems(400, 403, 404, 409, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK, *_LOOKS]}}


_POSITIVE = {"type": ["string", "integer", "null"], "description": "Of two labels: the one that scores are of"}
_SPLIT = only(
    by={"type": ["string", "null"]}, by_time={"type": ["string", "null"]},
    prefix_chars=INTEGER | {"minimum": 1, "maximum": MAX_PREFIX_CHARS},
    seed=INTEGER | {"minimum": 0, "maximum": 2**63 - 1},
    **dict.fromkeys(("holdout", "valid"), NUMBER | {
        "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": "A share; both are below 1 together"}))
# Of a task as callers send it: what its answers have in another form, or not at all.
OF_A_TASK: Schema = {"split": _SPLIT, "training": _TRAINING, "positive": _POSITIVE}


def edit_task() -> dict[str, Any]:
    """Arguments for the route `PATCH /tasks/{name}`."""
    flag, texts = {"type": "boolean"}, list_of(STRING)
    text = STRING | {"maxLength": MAX_TEXT_CHARS, "pattern": USABLE}
    column: Schema = {"type": "object", "additionalProperties": False, "properties": {
        "nullable": flag, "missing": texts, "private": flag, "description": text,
        "role": {"enum": ["feature"], "description": "Takes an ignored column in"},
        "type": STRING | {"description": "Of an ignored column"}, "digits": {"type": ["integer", "null"]},
        "day_first": {"type": ["boolean", "null"]},
        "values": list_of(INTEGER) | {"description": "Of a mask: those of the labels, new ones at the end"}}}
    wish = {"type": "object", "additionalProperties": False, "properties": {
        "description": text, "training": _TRAINING | {"description": "Parameters to change", "example": {"depth": 4}},
        "split": _SPLIT | {"description": "Only before there are data"},
        "labels": {"type": "array", "items": {"type": ["string", "integer"]},
                   "description": "Those that there are, then new ones"},
        "columns": {"anyOf": [
            {"type": "object", "additionalProperties": column},
            list_of(column | {"required": ["name"], "properties": column["properties"] | {"name": text}})],
            "description": "By name, or in a list with the names: what changes of each"}}}
    body = {"required": True, "content": {
        "application/json": {"schema": wish}, "application/yaml": {"schema": wish}}}
    return {"responses": ok(TaskAnswer, "The task as it is now") | problems(400, 404, 409, 413, 503),
            "openapi_extra": {"requestBody": body}}


def edit_experiment() -> dict[str, Any]:
    """Arguments for the route `PATCH /experiments/{experiment_id}`."""
    flag = {"type": "boolean"}
    tag: Schema = STRING | {"maxLength": MAX_TAG_CHARS, "pattern": r"^[^,]*[^,\s\x1c-\x1f][^,]*$"}
    tags = list_of(tag) | {"maxItems": MAX_TAGS}
    wish = {"type": "object", "additionalProperties": False, "properties": {
        "name": STRING | {"maxLength": MAX_TITLE_CHARS}, "tags": tags,
        "note": STRING | {"maxLength": MAX_NOTE_CHARS}, "archived": flag, "pinned": flag},
        "example": {"tags": ["baseline"], "note": "before the new column"}}
    return {"responses": ok(ExperimentAnswer, "The experiment as it is now") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": wish}}}}}


def create_key() -> dict[str, Any]:
    """Arguments for the route `POST /keys`."""
    wish = {"type": "object", "required": ["name", "rights"], "additionalProperties": False, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME_CHARS},
        "rights": {"type": "array", "minItems": 1, "items": {"enum": list(Right)}},
        "tasks": {"type": ["array", "null"], "items": STRING, "description": "Of these alone; all if empty"},
        "days": {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": MAX_DAYS,
                 "description": "Until it expires; null is never"}}}
    made: Responses = {201: {"description": "Made; `key` is shown this once", "content": _json(CreatedKeyAnswer)}}
    return {"responses": made | problems(400, 403, 409, 413, 503), "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": wish}}}}}


def sign_in(answer: type[Answer], **asked: Schema) -> dict[str, Any]:
    """Arguments for the routes by which people sign in, which want all of these fields."""
    body = {"type": "object", "required": list(asked), "additionalProperties": False, "properties": asked}
    return {"responses": ok(answer) | problems(400, 403, 404, 413, 429, 503), "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}}


def create_task() -> dict[str, Any]:
    """Arguments for the route `POST /tasks`."""
    form = closed(file={"type": "string", "format": "binary"}) | {
        "anyOf": [{"required": ["name"]}, {"required": ["task"]}]}
    form["properties"] |= {
        "name": STRING | {"pattern": f"^{NAME.pattern}$"}, "target": STRING | {"description": "The column to predict"},
        "problem": {"enum": ["binary", "multiclass", "regression", "segmentation"]},
        "split_by": STRING | {"description": "A column whose groups stay together when rows are held out"},
        "split_by_time": STRING | {"description": "A column of dates: the oldest rows train, the newest are held out"},
        "positive": STRING | {"description": "Of two classes: the one that scores are of; the greater, if left out"},
        "dry_run": STRING | {"enum": ["true", "false"], "description": "Show what would be made and store nothing"},
        "task": SOME_TEXT | {"description": "A task document, instead of name and target"},
    }
    body = {"required": True, "content": {
        "multipart/form-data": {"schema": form}, "application/json": {"schema": asked(TaskDocument)},
        "application/yaml": {"schema": asked(TaskDocument)}}}
    return {"responses": ok(CreatedTaskAnswer, "The task, its first dataset version, and what was inferred")
            | problems(400, 409, 413, 503), "openapi_extra": {"requestBody": body}}


def protocol_problems(*statuses: int) -> Responses:
    """Failures in the form of the Open Inference Protocol."""
    content = _json(ProtocolErrorAnswer)
    return {status: {"description": _ANSWERED_WITH[status], "content": content} for status in statuses}


def infer() -> dict[str, Any]:
    """Arguments for the routes that answer tensors."""
    tensor = closed(name=SOME_TEXT, shape=list_of({"type": "integer", "minimum": 0}),
                    datatype={"enum": list(DATATYPES)}, data=list_of({}))
    tensor["properties"]["parameters"] = OBJECT | {"maxProperties": 0}
    wanted = closed(name=STRING)
    wanted["properties"]["parameters"] = only(binary_data={"type": "boolean"})
    head = closed(inputs=list_of(tensor) | {"minItems": 1})
    head["properties"] |= {"id": STRING, "outputs": list_of(wanted),
                           "parameters": only(binary_data_output={"type": "boolean"})}
    head["example"] = {"inputs": [{"name": "temp", "shape": [1], "datatype": "FP32", "data": [39.0]}]}
    binary = {"schema": {"type": "string", "format": "binary"}}
    length = {"name": "Inference-Header-Content-Length", "in": "header", "required": False,
              "schema": INTEGER | {"minimum": 0},
              "description": "How many bytes of the body are JSON, where binary tensors follow."}
    responses = ok(InferAnswer, "The answers, in the order of the rows")
    responses[200]["content"]["application/octet-stream"] = binary
    return {"responses": responses | protocol_problems(400, 403, 404, 413, 503), "openapi_extra": {
        "parameters": [length], "requestBody": {"required": True, "content": {
            "application/json": {"schema": head}, "application/octet-stream": binary}}}}


def index() -> dict[str, Any]:
    """Arguments for the index of the model repository."""
    return {"responses": {200: {"description": "Done", "content": _json(list_of(reference(IndexedModelAnswer)))}}
            | protocol_problems(400, 413), "openapi_extra": _optional(ready={"type": "boolean"})}


def load() -> dict[str, Any]:
    """Arguments for the route that loads a model."""
    version = only(version={"type": ["string", "null"]})
    return {"responses": ok(OBJECT) | protocol_problems(400, 403, 404, 409, 413, 503),
            "openapi_extra": _optional(parameters=version)}


def unload() -> dict[str, Any]:
    """Arguments for the route that would unload a model."""
    return {"responses": protocol_problems(404, 409)}


def _optional(**properties: Schema) -> dict[str, Any]:
    return {"requestBody": {"required": False, "content": {"application/json": {"schema": only(**properties)}}}}
