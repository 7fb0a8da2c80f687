"""What every answer that says no has to look like."""
from __future__ import annotations

import json

TITLES = {400: "bad request", 401: "unauthorized", 403: "модель не смогла обработать данные", 404: "not found",
          405: "method not allowed", 409: "conflict", 413: "too large", 429: "too many requests",
          500: "internal error", 503: "busy"}


def check_problem(response, status: int) -> dict:
    """Fails unless it is a problem of this status in the contract's form. Returns: its body."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    text = response.content.decode()
    assert "\\u04" not in text, "Cyrillic letters are not escaped"
    body = json.loads(text)
    assert body["status"] == status
    assert body["title"] == TITLES[status]
    assert isinstance(body["detail"], str) and body["detail"]
    assert set(body) <= {"status", "title", "detail", "errors"}
    for fault in body.get("errors", []):
        assert set(fault) == {"where", "problem"} and all(isinstance(value, str) for value in fault.values())
    return body


def faults(body: dict) -> dict[str, str]:
    return {fault["where"]: fault["problem"] for fault in body["errors"]}
