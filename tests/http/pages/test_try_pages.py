"""A row and a file by hand."""
from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.http.pages.looking import assert_page, token
from tests.http.pages.made_up_api import problem


def test_a_row_is_sent_as_it_was_typed(client, api):
    form = {"csrf": token(client), "c0": "UA", "c1": "39,5", "c2": ""}
    response = client.post("/ui/try/flights", data=form)
    assert_page(response)
    sent = next(request for method, path, request in api.asked if path == "/forward")
    assert json.loads(sent.content) == {"carrier": "UA", "temp": 39.5, "secret": None}
    assert sent.url.params["task"] == "flights"
    assert "75.0%" in response.text and "curl &#39;http://testserver/forward?task=flights&#39;" in response.text
    assert 'value="39,5"' in response.text


def explained(**more) -> httpx.Response:
    columns = {f"column {number}": number / 100 * (-1) ** number for number in range(15)}
    return httpx.Response(200, json={
        "request_id": "r", "task": "flights", "experiment_id": 1, "prediction": 1,
        "probabilities": {"0": 0.4, "1": 0.6},
        "explanation": {"base": 0.25, "contributions": {"<b>carrier": 0.3, **columns}, **more}})


def test_it_is_told_why_the_largest_first(client, api):
    api.answers["/forward"] = explained(label=1)
    response = client.post("/ui/try/flights", data={"csrf": token(client), "c0": "UA", "c1": "1", "c2": ""})
    assert next(request for _, path, request in api.asked if path == "/forward").url.params["explain"] == "true"
    assert "On average the model gives “1” 25.0%" in response.text
    names = re.findall(r'<th scope="row" title="(.*?)">', response.text.partition('id="why"')[2])
    assert names == ["&lt;b&gt;carrier", *(f"column {number}" for number in range(14, 4, -1)), "5 others"]
    assert "+30.0%" in response.text and "−13.0%" in response.text
    assert 'width="100.0%" height="8"/>' in response.text and 'class="less"/>' in response.text


def test_of_a_number_it_is_told_in_numbers(client, api):
    api.answers["/forward"] = explained()
    response = client.post("/ui/try/flights", data={"csrf": token(client), "c0": "UA", "c1": "1", "c2": ""},
                           headers={"accept-language": "ru"})
    assert "В среднем модель отвечает 0,25." in response.text and "+0,3<" in response.text


@pytest.mark.parametrize(("rows", "shown"), [(2, "<output>0, 1</output>"), (60, "0, 1, …</output>")])
def test_a_list_of_rows_as_json(client, api, rows, shown):
    api.answers["/forward"] = httpx.Response(200, json={
        "request_id": "r", "task": "flights", "experiment_id": 1, "count": rows, "predictions": [0, 1] * (rows // 2),
        "probabilities": {"0": [0.4] * rows, "1": [0.6] * rows},
        "explanation": {"label": [0] * rows, "base": [0.1] * rows, "contributions": {"carrier": [0.2] * rows}}})
    response = client.post("/ui/try/flights", data={"csrf": token(client), "json": "[{}, {}]"})
    assert response.status_code == 200 and shown in response.text


def test_without_rows_to_compare_with_it_is_answered_all_the_same(client, api):
    asked = api.asked
    api.answers["/forward"] = [problem(409, "conflict"), explained()]
    response = client.post("/ui/try/flights", data={"csrf": token(client), "c0": "UA", "c1": "1", "c2": ""})
    assert response.status_code == 200
    assert ["explain" in request.url.params for _, path, request in asked if path == "/forward"] == [True, False]


def test_a_free_text_is_typed_into_several_lines(client, api):
    flights = next(task for task in api.tasks if task["name"] == "flights")
    api.tasks = [flights | {"columns": [{**column, "type": "text"} if column["name"] == "carrier" else column
                                        for column in flights["columns"]]}]
    typed = "первая строка\nи <b>вторая</b>"
    response = client.post("/ui/try/flights", data={"csrf": token(client), "c0": typed, "c1": "1", "c2": ""})
    assert_page(response)
    sent = next(request for _, path, request in api.asked if path == "/forward")
    assert json.loads(sent.content)["carrier"].splitlines() == typed.splitlines()
    area = re.search(r'<textarea id="c0" name="c0".*?>\n?(.*?)</textarea>', response.text, re.DOTALL)
    assert area is not None and area[1].splitlines() == ["первая строка", "и &lt;b&gt;вторая&lt;/b&gt;"]


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(client, api):
    api.answers["/forward"] = problem(
        400, "bad request", ("column temp", 'expected a number, got "warm"'), ("column nobody", "is unknown"))
    response = client.post("/ui/try/flights", data={"csrf": token(client), "c0": "UA", "c1": "warm", "c2": ""},
                           headers={"accept-language": "ru"})
    assert response.status_code == 400
    assert 'value="warm"' in response.text and 'aria-invalid="true"' in response.text
    assert "нужно число, а здесь &#34;warm&#34;" in response.text
    assert "столбец nobody: неизвестен" in response.text


@pytest.mark.parametrize("text", ['{"carrier": "UA"}', "[1]", "nonsense <b>", "[" * 100_000])
def test_json_goes_as_it_was_written(client, api, text):
    response = client.post("/ui/try/flights", data={"csrf": token(client), "json": text})
    assert response.status_code == 200
    assert next(request for _, path, request in api.asked if path == "/forward").content.decode() == text


def test_a_labelled_file_is_evaluated(client, api):
    csv = b"carrier,temp,secret,late\nUA,1,2,0\n"
    api.answers["/evaluate"] = httpx.Response(200, content=b"carrier,prediction\nUA,<b>1\n", headers={
        "X-Metrics": '{"auc": 0.7}', "X-Experiment-ID": "1"})
    response = client.post("/ui/try/flights/batches", data={"csrf": token(client)},
                           files={"file": ("<i>f.csv", csv, "text/csv")})
    assert_page(response)
    assert "0.7000" in response.text and "&lt;b&gt;1" in response.text and "&lt;i&gt;f.csv" in response.text
    assert next(request for _, path, request in api.asked if path == "/evaluate").content == csv
    file = client.get(response.url.path + "/file")
    assert file.content == b"carrier,prediction\nUA,<b>1\n" and "attachment" in file.headers["content-disposition"]
    assert client.get(response.url.path.replace("flights", "other")).status_code == 404
