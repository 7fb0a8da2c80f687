"""How a task does."""
from __future__ import annotations

import json

import httpx
import pytest
from starlette.testclient import TestClient

from entrypoints.admin.app import create_pages
from entrypoints.admin.links import Links
from tests.http.pages.looking import assert_page, client_of, token
from tests.http.pages.made_up_api import problem


def test_answers_are_asked_for_as_the_filter_says(client, api):
    page = client.get("/ui/monitoring?task=flights&prediction=1&label=&request_id=r%2F1&before=further")
    asked = next(request for _, path, request in api.asked if path == "/predictions")
    assert dict(asked.url.params) == {
        "task": "flights", "limit": "25", "prediction": "1", "request_id": "r/1", "before": "further"}
    assert "<option selected>1</option>" in page.text and 'value="r/1"' in page.text
    assert "0.1000" not in page.text and "−0.0500" in page.text, "live quality against what was promised"


@pytest.mark.parametrize(("code", "said"), [
    ("en", ["Over time", "Requests and rows are counted; all else is seen of 3,603 of 10,003 answered rows",
            "auc, 11-23 00:00–01:00: 0.7000 (0.6000 … 0.8000)", "requests an hour", "p95, 11-23 00:00–01:00: 10.5",
            "experiment 2, deployed 2026-11-23 02:23", "temp, 11-23 03:00–04:00: 0.300"]),
    ("ru", ["Во времени", "auc, 23.11 00:00–01:00: 0,7000 (0,6000 … 0,8000)", "запросов в час"])])
def test_a_task_is_watched_over_time(api, code, said):
    with client_of(api, **{"accept-language": code}) as client:
        page = client.get("/ui/monitoring?task=flights").text
    assert [words for words in said if words not in page] == []
    assert "auc, 11-23 02:00" not in page, "nothing is known of that hour"


@pytest.mark.parametrize(("query", "last"), [("", "24h"), ("&last=", "24h"), ("&last=7d", "7d")])
def test_how_far_back_is_chosen_in_the_address(client, api, query, last):
    client.get(f"/ui/monitoring?task=flights{query}")
    asked = next(request for _, path, request in api.asked if path == "/observations/history")
    assert dict(asked.url.params) == {"task": "flights", "last": last}


@pytest.mark.parametrize(("code", "said"), [
    ("en", "last: is one of 24h, 7d, 30d, got &#34;99y&#34;"),
    ("ru", "last: допустимо: 24h, 7d, 30d; здесь &#34;99y&#34;")])
def test_how_far_back_nobody_knows_is_told_and_the_page_stands(api, code, said):
    with client_of(api, **{"accept-language": code}) as client:
        page = client.get("/ui/monitoring?task=flights&last=99y")
    assert page.status_code == 400
    assert said in page.text and "0.3000".replace(".", "," if code == "ru" else ".")[:3] in page.text
    assert not [path for _, path, _ in api.asked if path == "/observations/history"], "nothing was taken for it"


def test_a_feature_that_is_not_watched_is_told_and_the_page_stands(client):
    assert_page(client.get("/ui/monitoring?task=flights&feature=carrier"))
    page = client.get("/ui/monitoring?task=flights&feature=tepm")
    assert page.status_code == 400
    assert "feature: is one of temp, carrier, got &#34;tepm&#34;" in page.text and "Live quality" in page.text


def test_a_filter_that_cannot_be_used_is_told_and_the_page_stands(client, api):
    api.answers["/predictions"] = problem(400, "bad request", ("experiment_id", "is no whole number"))
    page = client.get("/ui/monitoring?task=flights&experiment_id=x")
    assert page.status_code == 400
    assert "experiment_id" in page.text and "Live quality" in page.text


def test_answers_that_are_numbers_are_watched_without_labels_to_choose_from(client, api):
    del api.tasks[0]["labels"]
    api.tasks[0]["problem"] = "regression"
    page = client.get("/ui/monitoring?task=flights")
    assert_page(page)
    assert 'name="request_id"' in page.text and 'name="prediction"' not in page.text


def test_a_window_is_told_in_the_hours_that_it_has(client, api):
    api.answers["/observations"] = httpx.Response(200, json={"window_h": 0.5, "models": api._observed()})
    assert "newest of 0.5 hours" in client.get("/ui/monitoring?task=flights").text


def test_links_to_grafana_if_it_is_known(api):
    pages = create_pages(httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api"),
                         links=Links(grafana="https://g.example"))
    with TestClient(pages) as client:
        address = "https://g.example/d/progon-model?var-task=flights"
        assert f'href="{address}"' in client.get("/ui/monitoring?task=flights").text
    with client_of(api) as client:
        assert "Grafana" not in client.get("/ui/monitoring?task=flights").text


def test_late_labels_come_as_a_file(client, api):
    api.answers["/labels"] = httpx.Response(200, json={"matched": 1_203, "unknown": 2, "already": 1})
    page = client.post("/ui/monitoring/labels/flights", data={"csrf": token(client)},
                       files={"file": ("labels.csv", b"request_id,label\nr1,1\n", "text/csv")})
    assert "1,203 met an answer, 2 none so far, 1 were known already." in page.text
    sent = next(request for method, path, request in api.asked if path == "/labels")
    assert (sent.method, dict(sent.url.params), sent.headers["content-type"]) == (
        "PUT", {"task": "flights"}, "text/csv")


def test_the_label_of_one_answer_is_told_where_it_is_shown(client, api):
    assert '<select name="label"' in client.get("/ui/monitoring?task=flights").text
    api.answers["/labels"] = httpx.Response(200, json={"matched": 1, "unknown": 0, "already": 0})
    client.post("/ui/monitoring/labels/flights", data={
        "csrf": token(client), "request_id": "r", "row_no": "3", "label": "1"})
    sent = next(request for method, path, request in api.asked if path == "/labels")
    assert json.loads(sent.content) == [{"request_id": "r", "row_no": 3, "label": "1"}]


@pytest.mark.parametrize("code", ["en", "ru"])
def test_labels_that_are_refused_are_told_on_the_page(api, code):
    api.answers["/labels"] = problem(400, "bad request", ("row 2, column label", "is none of the labels 0, 1"))
    with client_of(api, **{"accept-language": code}) as client:
        page = client.post("/ui/monitoring/labels/flights", data={"csrf": token(client)},
                           files={"file": ("labels.csv", b"request_id,label\nr1,7\n", "text/csv")})
        nothing = client.post("/ui/monitoring/labels/flights", data={"csrf": token(client)})
    assert page.status_code == 400 and ("row 2" if code == "en" else "строка 2") in page.text
    assert nothing.status_code == 400 and ("No file was chosen" if code == "en" else "Файл не выбран") in nothing.text
