"""One experiment, and several side by side."""
from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.http.pages.looking import client_of, token
from tests.http.pages.made_up_api import problem


@pytest.mark.parametrize(("language", "said"), [
    ("en", ["To be doubted", "gust: 96.0% of the training rows", "Parted by time:", "2012-01-01 to 2012-06-30"]),
    ("ru", ["В чём стоит усомниться", "gust: в 96,0\u00a0% обучающих строк", "с 2012-01-01 по 2012-06-30"])])
def test_what_is_to_be_doubted_and_when_the_parts_were(api, language, said):
    with client_of(api, **{"accept-language": language}) as client:
        page = client.get("/ui/experiments/1").text
    assert all(words in page for words in said)
    assert page.index(said[0]) < page.index('id="metrics"')


@pytest.mark.parametrize(("form", "sent"), [
    ({"name": "n", "tags": "a, b", "note": "x\r\ny"}, {"name": "n", "tags": ["a", "b"], "note": "x\ny"}),
    ({"do": "pin", "name": "n"}, {"pinned": True}), ({"do": "restore"}, {"archived": False})])
def test_an_experiment_is_marked(api, client, form, sent):
    api.answers["/experiments/2"] = httpx.Response(200, json={})
    answer = client.post("/ui/experiments/2/marks", data={"csrf": token(client)} | form, follow_redirects=False)
    assert answer.headers["location"] == "/ui/experiments/2"
    (request,) = [request for method, _, request in api.asked if method == "PATCH"]
    assert json.loads(request.content) == sent


def test_marks_that_are_refused_stay_as_typed(api, client):
    api.answers["/experiments/2"] = problem(400, "bad request", ("tags", "is a list of at most 20"))
    page = client.post("/ui/experiments/2/marks", data={"csrf": token(client), "name": "n", "note": "kept as typed"})
    assert page.status_code == 400 and "kept as typed" in page.text and "at most 20" in page.text


@pytest.mark.parametrize(("code", "said"), [
    ("en", ["decides at 0.5: precision 0.429, recall 0.750, FPR 0.250", "Other thresholds"]),
    ("ru", ["порог решения 0,5: точность 0,429, полнота 0,750, FPR 0,250", "Другие пороги"])])
def test_where_a_model_decides_is_seen_on_its_curves_and_said(api, code, said):
    with client_of(api, **{"accept-language": code}) as client:
        page = client.get("/ui/experiments/1").text
    assert [words for words in said if words not in page] == []
    assert page.count('<circle class="point"') == 2, "on ROC, and on precision and recall"
    curve = re.search(r'<desc id="roc-d">([^<]*)</desc>', page)
    assert curve and said[0] in curve[1], "a screen reader is told as well"
    rows = re.findall(r'<tr( class="chosen")?><th scope="row" class="n">(\S+)', page)
    assert [(bool(chosen), text.replace(",", ".")) for chosen, text in rows] == [
        (False, "0.1</th><td"), (True, "0.5"), (False, "0.9</th><td")]


@pytest.mark.parametrize(("code", "said"), [
    ("en", ["better: +0.0300 to +0.0700", "no difference that these rows can show: −0.3000 to +0.1000",
            "+0.0300 … +0.0700", "2 − 1", "Each difference is of the same held-out rows"]),
    ("ru", ["лучше: от +0,0300 до +0,0700", "+0,0300 … +0,0700", "2 − 1"])])
def test_several_are_compared_by_what_the_held_out_rows_show(api, code, said):
    with client_of(api, **{"accept-language": code}) as client:
        page = client.get("/ui/compare?ids=1,2,7").text
    assert [words for words in said if words not in page] == []
    asked = [(path, dict(request.url.params)) for _, path, request in api.asked if path.endswith("/comparison")]
    assert sorted(asked) == [(f"/experiments/{number}/comparison", {"against": "1"}) for number in (2, 7)]
    assert "Load again" not in page and "Обновить" not in page


@pytest.mark.parametrize(("code", "said"), [
    ("en", "the service was stopped while it was trained"), ("ru", "служба была остановлена во время обучения")])
def test_why_a_training_failed_is_said_in_the_language_of_the_page(api, code, said):
    api.experiments[4]["error"] = "the service was stopped while it ran"
    with client_of(api, **{"accept-language": code}) as client:
        assert said in client.get("/ui/experiments/5").text


def test_what_has_not_been_compared_is_called_neither_better_nor_worse(client, api):
    """Train and valid rows taught the models; and a comparison may take long, or fail."""
    for path in ("/ui/compare?ids=1,2&part=valid", "/ui/compare?ids=1,2"):
        api.answers["/experiments/2/comparison"] = problem(503, "busy")
        page = client.get(path).text
        assert "▲" in page and 'class="difference good"' not in page and 'class="difference bad"' not in page
        assert ("Load again" in page) == ("part" not in path)
    assert sum(path.endswith("/comparison") for _, path, _ in api.asked) == 1


@pytest.mark.parametrize(("code", "said"), [
    ("en", "the input X is taken for the column temp"), ("ru", "вход X принят за столбец temp")])
def test_what_was_guessed_of_a_model_is_said_in_the_language_of_the_page(api, code, said):
    api.experiments[6]["notes"] = ["the input X is taken for the column temp"]
    with client_of(api, **{"accept-language": code}) as client:
        assert said in client.get("/ui/experiments/7").text


def test_an_experiment_is_called_better_only_by_what_the_rows_show(client, api):
    page = client.get("/ui/experiments/2").text
    assert "+0.0300 to +0.0700" in page and "≈" in page and "no difference that these rows can show" in page
    api.answers["/experiments/2/comparison"] = problem(503, "busy")
    api.experiments[1]["metrics"]["test"]["auc"] = 0.9
    page = client.get("/ui/experiments/2").text
    assert "▲" in page and 'class="difference good"' not in page, "nothing is known of the rows"


def test_what_serves_or_trains_has_no_link_to_its_deletion(client):
    assert 'href="/ui/experiments/1/delete"' not in client.get("/ui/experiments/1").text, "it serves"
    assert 'href="/ui/experiments/3/delete"' not in client.get("/ui/experiments/3").text, "it runs"
    assert 'href="/ui/experiments/2/delete"' in client.get("/ui/experiments/2").text


def test_a_search_shows_what_it_has_tried(client, api):
    trials = [{"experiment_id": 3, "params": {}, "status": "succeeded", "value": 0.5},
              {"experiment_id": 4, "params": {"depth": 4, "learning_rate": 0.03}, "status": "succeeded", "value": 0.25},
              {"experiment_id": 5, "params": {"depth": 8}, "status": "failed", "value": None}]
    api.experiments[1]["search"] = {
        "by": "logloss", "planned": 5, "budget_s": 60, "best": 4, "note": "60 s were over", "trials": trials}
    api.experiments[3]["parent"] = 2
    page = client.get("/ui/experiments/2").text
    said = " ".join(re.sub(r"<[^>]+>|\s+", " ", page).split())
    assert "3 of 5; chosen by logloss of the validation rows. 60 s were over" in said
    assert "4 depth 4, learning_rate 0.03 best" in said and "3 the usual ones" in said
    assert page.count('<span class="tag">best</span>') == 1
    assert '<a href="/ui/experiments/2">A trial of experiment 2</a>' in client.get("/ui/experiments/4").text
    assert "Settings tried" not in client.get("/ui/experiments/4").text
    assert '<span class="tag">search</span>' in client.get("/ui/experiments?task=flights&offset=0").text
