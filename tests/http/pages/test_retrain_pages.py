"""A new training, and a model that was made elsewhere."""
from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.http.pages.looking import token
from tests.http.pages.made_up_api import AT, problem


def test_a_training_is_started_with_what_was_typed(client, api):
    form = {"csrf": token(client), "p_iterations": "300", "p_learning_rate": "0,05", "name": " a ", "version": "1"}
    response = client.post("/ui/retrain/flights", data=form, follow_redirects=False)
    assert response.headers["location"] == "/ui/experiments/1"
    asked = next(request for _, path, request in api.asked if path == "/retrain")
    assert json.loads(asked.content) == {
        "params": {"iterations": 300, "learning_rate": 0.05}, "name": "a", "dataset_version": 1}
    assert asked.url.params["wait"] == "0"


def test_a_model_is_sent_with_what_was_typed(client, api):
    form = {"csrf": token(client), "mapping": "labels: [a]", "name": " x "}
    files = {"model": ("m.onnx", b"model"), "check": ("c.csv", b"a,b")}
    response = client.post("/ui/import/flights", data=form, files=files, follow_redirects=False)
    assert response.headers["location"] == "/ui/experiments/7"
    asked = next(request for method, path, request in api.asked if (method, path) == ("POST", "/experiments"))
    assert asked.url.params["task"] == "flights"
    for piece in (b"model", b"a,b", b"labels: [a]", b'name="name"\r\n\r\nx\r\n'):
        assert piece in asked.content


def test_what_is_wrong_with_a_model_stands_beside_what_was_typed(client, api):
    api.answers["/experiments"] = problem(400, "bad request", ("labels", "say <which>"), ("file", "is empty"))
    form = {"csrf": token(client), "mapping": "labels: [<b>]"}
    response = client.post("/ui/import/flights", data=form, files={"model": ("m.onnx", b"model")})
    assert response.status_code == 400
    for words in ("say &lt;which&gt;", "is empty", "labels: [&lt;b&gt;]"):
        assert words in response.text


@pytest.mark.parametrize(("answer", "words"), [
    (problem(400, "bad request", ("input x", "is no tensor"), ("check, row 3, column temp", "is missing")),
     ("Так не получится", "вход x: это не тензор", "ответы исходной модели, строка 3, столбец temp: отсутствует")),
    (problem(403, "модель не смогла обработать данные", detail="the model needs more than 30 s for one row, which is "
             "what it is given"), ("Сервис отказал", "модели не хватило 30 с, отведённых на одну строку"))])
def test_what_is_wrong_with_a_model_is_told_in_russian(client, api, answer, words):
    api.answers["/experiments"] = answer
    response = client.post("/ui/import/flights", data={"csrf": token(client)}, files={"model": ("m.onnx", b"model")},
                           headers={"Accept-Language": "ru"})
    assert response.status_code == answer.status_code
    for said in words:
        assert said in response.text


def test_a_dataset_version_that_cannot_be_read_is_left_to_the_api(client, api):
    client.post("/ui/retrain/flights", data={"csrf": token(client), "version": "newest"})
    asked = next(request for _, path, request in api.asked if path == "/retrain")
    assert json.loads(asked.content)["dataset_version"] == "newest"


def filled_in(page: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in re.findall(r'name="p_(\w+)" inputmode[^>]*? value="([^"]*)"', page.text)}


@pytest.mark.parametrize(("params", "filled"), [
    ({"iterations": 500, "depth": 6}, {}), ({"iterations": 500, "depth": 4}, {"depth": "4"}),
    ({"iterations": 1500, "depth": 6, "seed": 7}, {"iterations": "1500", "seed": "7"})])
def test_training_again_fills_in_what_is_not_usual_so_that_a_search_may_choose_the_rest(client, api, params, filled):
    """The task says 500 iterations, the trainer 1500 for so few rows."""
    api.experiments[1]["params"] = {"trainer": "catboost", "seed": 42, "refit": "valid", **params}
    api.tasks[0]["training"] |= {"seed": 42}
    page = client.get("/ui/retrain/flights?from=2")
    assert filled_in(page) == dict.fromkeys(("depth", "iterations", "seed"), "") | filled
    assert 'name="p_iterations"' in page.text and 'placeholder="500"' in page.text and 'placeholder="6"' in page.text


def test_training_again_keeps_which_rows_it_learned_from(client, api):
    api.experiments[1]["params"] = {"trainer": "catboost", "seed": 42, "refit": "all"}
    assert re.search(r'<select id="p_refit".*<option value="">valid</option><option selected>all</option>',
                     client.get("/ui/retrain/flights?from=2").text)
    assert "<option selected>" not in client.get("/ui/retrain/flights?from=1").text


def test_training_again_keeps_what_was_usual_for_another_number_of_rows(client, api):
    api.tasks[0]["training"] = {"seed": 42}
    api.experiments[1]["params"] = {"trainer": "catboost", "seed": 42, "iterations": 1500, "depth": 6}
    assert filled_in(client.get("/ui/retrain/flights?from=2"))["iterations"] == ""
    versions = [{"dataset_version": number, "batch_id": "b", "rows_added": 5, "rows": rows, "created_at": AT}
                for number, rows in ((1, 5), (2, 50))]
    api.answers["/tasks/flights"] = httpx.Response(200, json=api._task("flights") | {"versions": versions})
    assert filled_in(client.get("/ui/retrain/flights?from=2"))["iterations"] == "1500"


@pytest.mark.parametrize(("typed", "asked"), [
    ({}, None), ({"search": "1"}, True), ({"s_trials": "9", "s_budget_s": " "}, {"trials": 9}),
    ({"search": "1", "s_budget_s": "60,5"}, {"budget_s": 60.5})])
def test_a_search_is_begun(client, api, typed, asked):
    form = {"csrf": token(client), "p_depth": "4", **typed}
    client.post("/ui/retrain/flights", data=form, follow_redirects=False)
    sent = next(request for _, path, request in api.asked if path == "/retrain")
    assert json.loads(sent.content)["params"] == {"depth": 4, **({"search": asked} if asked else {})}
