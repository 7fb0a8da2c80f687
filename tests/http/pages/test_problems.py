"""What the API refuses, or does not answer at all, on a page."""
from __future__ import annotations

import httpx
import pytest

from tests.http.pages.looking import token
from tests.http.pages.made_up_api import HOSTILE, problem


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 503])
def test_a_problem_says_what_to_do(client, api, status):
    api.answers["/deploy/2"] = problem(status, HOSTILE)
    response = client.post("/ui/deployments/deploy/2", data={"csrf": token(client)})
    assert response.status_code == status
    assert "<p>d</p>" in response.text and "<img" not in response.text


def test_an_api_that_does_not_answer(client, api):
    api.answers["/tasks"] = httpx.ConnectError("no")
    response = client.get("/ui/")
    assert response.status_code == 503 and "The API does not answer" in response.text


def test_an_answer_that_is_no_problem_document(client, api):
    for answer in (httpx.Response(502, text="<h1>proxy"), httpx.Response(500, json=[1]), httpx.Response(400, json="x")):
        api.answers["/tasks"] = answer
        assert client.get("/ui/experiments").status_code == answer.status_code


def test_plots_that_are_not_what_they_should_be(client, api):
    for name in ("roc", "learning_curves", "confusion", "feature_importance"):
        for body in ([], {}, [1], [{"fpr": "x"}], [{"iteration": None, "part": 1}], None):
            api.answers[f"/experiments/1/artifacts/plots/{name}.json"] = httpx.Response(200, json=body)
            assert client.get("/ui/experiments/1").status_code == 200


def test_events_and_files_are_passed_on(client, api):
    api.answers["/experiments/3/events"] = httpx.Response(
        200, stream=httpx.ByteStream(b"event: progress\ndata: {}\n\n"), headers={"content-type": "text/event-stream"})
    api.answers["/experiments/3/artifacts/a b#.txt"] = httpx.Response(
        200, stream=httpx.ByteStream(b"x"),
        headers={"content-type": "text/plain", "content-security-policy": "sandbox", "x-other": "1"})
    events = client.get("/ui/experiments/3/events")
    assert events.headers["content-type"].startswith("text/event-stream") and b"event: progress" in events.content
    file = client.get("/ui/experiments/3/artifacts/a%20b%23.txt")
    assert file.content == b"x" and "x-other" not in file.headers
    assert file.headers["content-security-policy"] == "sandbox"
