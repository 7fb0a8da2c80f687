"""What `/openapi.json` says of bodies that the routes read themselves."""
from __future__ import annotations

from fastapi import FastAPI

PROBLEM = {
    "type": "object",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {
            "type": "object", "required": ["where", "problem"],
            "properties": {"where": {"type": "string"}, "problem": {"type": "string"}},
        }},
    },
}
_ANSWERED_WITH = {
    400: "Malformed, or a value, column or parameter that cannot be used; `errors` names each",
    401: "No key, or a wrong one",
    403: "The model could not do it, or the key has not the right",
    404: "Unknown id or task",
    409: "Not in a state for it",
    413: "Too large",
    503: "Busy; try again after `Retry-After` seconds",
}
TASK = {"name": "task", "in": "query", "required": False, "schema": {"type": "string"},
        "description": "The task meant; may be left out where only one fits."}


def install(app: FastAPI) -> None:
    """Takes back what FastAPI promises by itself: a wrong parameter is answered with 400 here, never with 422; and what
    it says of an event stream is of OpenAPI 3.2, in a document of 3.1."""
    generate = app.openapi

    def openapi() -> dict:
        document = generate()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                for answer in operation["responses"].values():
                    if "text/event-stream" in answer.get("content", {}):
                        answer["content"]["text/event-stream"] = {"schema": {"type": "string"}}
        return document

    app.openapi = openapi


def problems(*statuses: int) -> dict[int, dict]:
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": _ANSWERED_WITH[status], "content": content} for status in statuses}


def ok(schema: dict, description: str = "Done") -> dict[int, dict]:
    return {200: {"description": description, "content": {"application/json": {"schema": schema}}}}


def accepted(schema: dict, description: str = "Accepted, and not done yet") -> dict[int, dict]:
    return {202: {"description": description, "content": {"application/json": {"schema": schema}}}}


def fields(**properties: dict) -> dict:
    return {"type": "object", "required": list(properties), "properties": properties}


STRING, INTEGER, NUMBER, OBJECT = ({"type": name} for name in ("string", "integer", "number", "object"))
PROBABILITIES = {"type": ["object", "null"], "additionalProperties": NUMBER}
PREDICTION = {"type": ["string", "number"]}


DEPLOYMENT = fields(task=STRING, experiment_id=INTEGER, previous_experiment_id={"type": ["integer", "null"]},
                    generation=INTEGER, created_at=STRING, reason=STRING, deployed_by={"type": ["string", "null"]})


def list_of(items: dict) -> dict:
    return {"type": "array", "items": items}


def or_null(schema: dict) -> dict:
    return {"anyOf": [schema, {"type": "null"}]}


_TENSORS = list_of(fields(name=STRING, type=STRING))
METADATA = fields(
    task=STRING, experiment_id=or_null(INTEGER), experiment_name=STRING, commit_hash=STRING, saved_at=STRING,
    dataset_version=or_null(INTEGER), problem=STRING, inputs=_TENSORS, outputs=_TENSORS,
    labels={"type": "array", "items": {"type": ["string", "integer"]}}, metrics=OBJECT)


MOMENT = {"type": "string", "format": "date-time"}
METRICS = {"type": "object", "additionalProperties": or_null(NUMBER)}
_DRIFT = fields(feature=STRING, psi=NUMBER, missing=NUMBER, unseen=or_null(NUMBER), reference=list_of(NUMBER),
                current=list_of(NUMBER))
OBSERVATIONS = fields(window_h=NUMBER, models=list_of(fields(
    task=STRING, experiment_id=INTEGER, deployed_at=MOMENT, commit_hash=STRING, promised=METRICS,
    observed_at=or_null(MOMENT), rows=INTEGER, labelled_rows=INTEGER, quality=METRICS, drift=list_of(_DRIFT))))
PREDICTIONS = fields(predictions=list_of(fields(
    request_id=STRING, row_no=INTEGER, created_at=MOMENT, route=STRING, task=STRING, experiment_id=INTEGER,
    inputs=OBJECT, prediction=STRING, score=NUMBER, label=or_null(STRING), latency_s=NUMBER,
    probabilities=or_null(list_of(NUMBER)))), next=or_null(STRING))
_COUNTS = {"requests": INTEGER, "refused": INTEGER, "failed": INTEGER}
TRAFFIC = fields(since=MOMENT, tasks=list_of(fields(
    task=STRING, **_COUNTS, minutes=list_of(fields(at=MOMENT, **_COUNTS)))))


def _file_body() -> dict:
    """A CSV, or a zip of pictures and videos, as the field `file` of a form or as the raw body."""
    file = {"type": "string", "format": "binary"}
    return {"required": True, "content": {
        "multipart/form-data": {"schema": fields(file=file)}, "text/csv": {"schema": {"type": "string"}},
        "application/zip": {"schema": file}}}


_DRAWN = {"image": STRING | {"contentEncoding": "base64"}, "media_type": STRING, "width": INTEGER, "height": INTEGER,
          "summary": {"type": "object", "additionalProperties": NUMBER}}
_LOOK = [
    {"name": "X-Output", "in": "header", "required": False,
     "schema": {"enum": ["mask", "overlay", "probability", "picture", "colours", "foreground"]},
     "description": "Of pictures: how the answer is drawn. `/forward` takes several with commas between."},
    {"name": "X-Threshold", "in": "header", "required": False, "schema": {"type": "number", "minimum": 0, "maximum": 1},
     "description": "Of pictures: how likely a pixel has to be none of the background to be of another class."},
]
_FRAMES = {"name": "X-Video", "in": "header", "required": False, "schema": {"enum": ["video", "frames"]},
           "description": "Of videos: answered by a video, or by a picture for each frame."}
_MOVING = {"video": _DRAWN["image"], "frames": INTEGER} | {
    name: schema for name, schema in _DRAWN.items() if name != "image"}


def either(of_rows: dict, of_pictures: dict) -> dict:
    return {"oneOf": [of_rows, of_pictures]}


def batch(evaluated: bool) -> dict:
    """Arguments for the routes that answer a whole file."""
    answer = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, count=INTEGER,
                    predictions=list_of(PREDICTION), probabilities={
                        "type": ["object", "null"], "additionalProperties": list_of(NUMBER)})
    pictures = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, count=INTEGER,
                      items=list_of({"oneOf": [fields(name=STRING, **_DRAWN), fields(name=STRING, **_MOVING)]}))
    if evaluated:
        metrics = {"type": "object", "additionalProperties": NUMBER}
        answer, pictures = (fields(**each["properties"], metrics=metrics) for each in (answer, pictures))
    responses = ok(either(answer, pictures), "The answers, in the order of the rows, or of the names of the pictures")
    responses[200]["content"] |= {"text/csv": {"schema": {"type": "string"}},
                                  "application/zip": {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": responses | problems(400, 403, 404, 413, 503), "openapi_extra": {
        "requestBody": _file_body(), "parameters": [TASK, *(_LOOK[:1] if evaluated else [*_LOOK, _FRAMES])]}}


def add_data() -> dict:
    """Arguments for the route `PUT /add_data`."""
    answer = fields(task=STRING, batch_id=STRING, dataset_version=INTEGER, rows_added=INTEGER,
                    duplicate={"type": "boolean"}, late_labels=INTEGER)
    return {"responses": ok(answer, "What became of the rows") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": _file_body(), "parameters": [TASK]}}


def check_data() -> dict:
    """Arguments for the route `POST /datasets/{task}/check`."""
    shown = fields(name=STRING, width=INTEGER, height=INTEGER, picture=STRING, mask=STRING, summary=OBJECT)
    answer = fields(task=STRING, rows=INTEGER) | {"required": ["task", "rows"]}
    answer["properties"]["pictures"] = list_of(shown) | {"description": "As many as `preview` asked for, as PNG"}
    return {"responses": ok(answer, "It would be taken") | problems(400, 404, 413, 503),
            "openapi_extra": {"requestBody": _file_body()}}


_METRICS = {"type": "object", "additionalProperties": NUMBER}
COMPARISON = fields(experiment_id=INTEGER, metrics=_METRICS, serving_experiment_id={"type": ["integer", "null"]},
                    serving_metrics=_METRICS | {"type": ["object", "null"]})
ARTIFACTS = fields(artifacts=list_of(fields(path=STRING, size_bytes=INTEGER)))
FILE = {200: {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}


def retrain() -> dict:
    """Arguments for the route `PUT /retrain`."""
    asked = {"type": "object", "additionalProperties": False, "properties": {
        "params": OBJECT | {"description": "In place of the task's own", "example": {"iterations": 300, "depth": 6}},
        "dataset_version": {"type": "integer", "description": "The newest, if left out"},
        "name": {"type": "string", "maxLength": 200, "description": "What to call the experiment"},
    }}
    answer = fields(experiment_id=INTEGER, status=STRING, metrics=OBJECT, from_cache={"type": "boolean"})
    location = {"Location": {"description": "Where to look how it is: `/metrics/<id>`", "schema": STRING}}
    responses = ok(answer, "Finished") | accepted(answer, "Queued or running still")
    for status in (200, 202):
        responses[status]["headers"] = location
    body = {"required": False, "content": {"application/json": {"schema": asked}}}
    return {"responses": responses | problems(400, 403, 404, 409, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK]}}


def forward() -> dict:
    """Arguments for the route `POST /forward`."""
    row = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]},
           "example": {"carrier": "UA", "temp": 39.0}}
    answer = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, prediction=PREDICTION,
                    probabilities=PROBABILITIES)
    picture = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, **_DRAWN)
    picture["properties"]["images"] = {"type": "object", "additionalProperties": STRING,
                                       "description": "Each form, where X-Output names several; `image` is the first"}
    body = {"required": True, "content": {
        "application/json": {"schema": row},
        "multipart/form-data": {"schema": fields(image={"type": "string", "format": "binary"})}}}
    return {"responses": ok(either(answer, picture), "The answer") | problems(400, 403, 404, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK, *_LOOK]}}


BOOLEAN = {"type": "boolean"}
TASK_DOCUMENT = {
    "type": "object", "required": ["name", "kind", "problem", "columns"],
    "properties": {
        "name": STRING, "kind": {"enum": ["tabular", "image"]},
        "problem": {"enum": ["binary", "multiclass", "regression", "segmentation"]},
        "columns": list_of({"type": "object", "required": ["name", "type"]}),
    },
}


def create_task() -> dict:
    """Arguments for the route `POST /tasks`."""
    form = fields(file={"type": "string", "format": "binary"})
    form["properties"] |= {
        "name": STRING, "target": STRING | {"description": "The column to predict"},
        "problem": {"enum": ["binary", "multiclass", "regression"]},
        "split_by": STRING | {"description": "A column whose groups stay together when rows are held out"},
        "dry_run": STRING | {"enum": ["true", "false"], "description": "Show what would be made and store nothing"},
        "task": STRING | {"description": "A task document, instead of name and target"},
    }
    body = {"required": True, "content": {
        "multipart/form-data": {"schema": form}, "application/json": {"schema": TASK_DOCUMENT},
        "application/yaml": {"schema": STRING}}}
    return {"responses": ok(TASK_DOCUMENT, "The task, its first dataset version, and what was inferred")
            | problems(400, 409, 413, 503), "openapi_extra": {"requestBody": body}}
