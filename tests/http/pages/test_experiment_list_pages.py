"""The table of experiments, and what is done with several of them."""
from __future__ import annotations

import json

import httpx
import pytest

from tests.http.pages.looking import assert_page, token
from tests.http.pages.made_up_api import problem


def test_a_page_of_many_columns_stays_small(api, client):
    """50 rows of 30 parameters and 24 metrics, all of them shown."""
    params = {f"parameter_{number}": number / 7 for number in range(30)}
    values = {f"metric_{number}": 0.5 + number / 100 for number in range(8)}
    for one in api.experiments:
        one |= {"params": params, "metrics": {part: values for part in ("train", "valid", "test")}}
    names = [*(f"params.{name}" for name in params), *(
        f"{part}.{name}" for part in ("test", "valid", "train") for name in values)]
    api.answers["/experiments"] = httpx.Response(200, json={
        "experiments": api.experiments[:50], "next": None, "next_offset": 50, "matched": 66, "names": names})
    page = client.get("/ui/experiments?task=flights", params={"c": names, "task": "flights"})
    assert page.text.count("0.0000") and page.text.count('class="n"') > 50 * 54
    assert len(page.content) <= 280_000 and int(page.headers["content-length"]) <= 150_000


def test_the_address_of_the_table_is_tidy(client):
    asked = "/ui/experiments?task=flights&filter=&q=&archived=&sort=-id&c=test.auc&sort=-test.auc"
    assert client.get(asked, follow_redirects=False).headers["location"] == (
        "/ui/experiments?task=flights&sort=-test.auc&c=test.auc")


@pytest.mark.parametrize(("doing", "leads_to", "asked"), [
    ("compare", "/ui/compare?ids=5,1", []), ("delete", "/ui/experiments/delete?ids=5,1", []),
    ("archive", "/ui/experiments?q=n", [{"archived": True}] * 2), ("restore", "/ui/experiments?q=n", [
        {"archived": False}] * 2), ("tag", "/ui/experiments?q=n", [{"tags": ["big", "a", "b"]}] * 2)])
def test_what_is_done_with_the_chosen_rows(api, client, doing, leads_to, asked):
    form = {"csrf": token(client), "ids": ["5", "1"], "do": doing, "tags": " a, b,a,", "asked": "q=n"}
    for number in (1, 5):
        api.answers[f"/experiments/{number}"] = httpx.Response(200, json={"tags": ["big"]})
    answer = client.post("/ui/experiments/chosen", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    sent = [json.loads(request.content) for method, _, request in api.asked if method == "PATCH"]
    assert sent == asked


def test_a_form_leads_back_to_the_table_alone(client):
    form = {"csrf": token(client), "ids": ["5"], "do": "archive", "asked": "//elsewhere"}
    assert client.post("/ui/experiments/chosen", data={**form, "ids": []}, follow_redirects=False).headers[
        "location"] == "/ui/experiments?//elsewhere"


def test_those_that_cannot_be_deleted_are_told(api, client):
    api.answers["/experiments/1"] = problem(409, "conflict")
    api.answers["/experiments/5"] = httpx.Response(200, json={"experiment_id": 5})
    form = {"csrf": token(client), "ids": ["1", "5"], "task": "flights"}
    page = client.post("/ui/experiments/delete", data=form)
    assert "These stay" in page.text and "n1" in page.text and ">n5<" not in page.text
    assert [path for method, path, _ in api.asked if method == "DELETE"] == ["/experiments/1", "/experiments/5"]


def test_a_column_of_the_table_stays_where_no_experiment_has_it(client):
    page = client.get("/ui/experiments?task=flights&c=params.rare")
    assert_page(page)
    assert ">rare" in page.text and "–" in page.text
