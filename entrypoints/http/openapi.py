"""What `/openapi.json` says of bodies that the routes read themselves."""
from __future__ import annotations

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


def problems(*statuses: int) -> dict[int, dict]:
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": _ANSWERED_WITH[status], "content": content} for status in statuses}


def ok(schema: dict, description: str = "Done") -> dict[int, dict]:
    return {200: {"description": description, "content": {"application/json": {"schema": schema}}}}


def fields(**properties: dict) -> dict:
    return {"type": "object", "required": list(properties), "properties": properties}


STRING, INTEGER, NUMBER, OBJECT = ({"type": name} for name in ("string", "integer", "number", "object"))
PROBABILITIES = {"type": ["object", "null"], "additionalProperties": NUMBER}
PREDICTION = {"type": ["string", "number"]}


def forward() -> dict:
    """Arguments for the route `POST /forward`."""
    row = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]},
           "example": {"carrier": "UA", "temp": 39.0}}
    answer = fields(request_id=STRING, task=STRING, experiment_id=INTEGER, prediction=PREDICTION,
                    probabilities=PROBABILITIES)
    body = {"required": True, "content": {"application/json": {"schema": row}}}
    return {"responses": ok(answer, "The answer") | problems(400, 403, 404, 413, 503),
            "openapi_extra": {"requestBody": body, "parameters": [TASK]}}
