"""Every page with nothing and with much to show, and whatever it is called.

What an address asks for and nobody knows is told."""
from __future__ import annotations

import re

import pytest

from entrypoints.admin.routes import (
    audit,
    compare,
    data,
    deployments,
    experiment_list,
    experiments,
    keys,
    monitoring,
    new_task,
    overview,
    retrain,
    session,
    tasks,
    try_it,
)
from tests.http.pages.looking import assert_page, client_of
from tests.http.pages.made_up_api import HOSTILE, FakeApi, a_task, much

MODULES = (overview, session, new_task, try_it, data, tasks, experiment_list, experiments, compare, retrain,
           deployments, monitoring, keys, audit)
EVERYWHERE = (
    "/ui/", "/ui/try", "/ui/data", "/ui/experiments", "/ui/compare?ids=", "/ui/deployments", "/ui/monitoring",
    "/ui/sign-in", "/ui/history", "/ui/new", "/ui/keys", "/ui/audit")
FULL = (
    "/ui/try/flights", "/ui/try/flights?row=1", "/ui/data/flights", "/ui/data/flights?added=1",
    "/ui/data/flights?duplicate=1",
    "/ui/experiments?sort=test.auc&status=succeeded&q=n1&c=params.depth&c=test.auc", "/ui/experiments/delete?ids=1,5",
    "/ui/experiments/relations?task=flights&y=auc&x=iterations",
    "/ui/experiments?sort=-duration_s&filter=auc+%3E+0.1&archived=all", "/ui/experiments/1",
    "/ui/experiments/2?scale=log", "/ui/experiments/3", "/ui/experiments/4", "/ui/experiments/5", "/ui/experiments/6",
    "/ui/compare?ids=1,2,3", "/ui/compare?ids=1,2&part=valid&scale=log", "/ui/deployments?done=2",
    "/ui/deployments/deploy/2", "/ui/deployments/rollback/flights", "/ui/monitoring?task=flights",
    "/ui/monitoring?last=30d",
    "/ui/monitoring?task=flights&prediction=1&label=0&request_id=r&before=x",
    "/ui/tasks/flights/edit", "/ui/tasks/flights/edit?done=1", "/ui/tasks/flights/delete", "/ui/experiments/5/delete",
    "/ui/data/flights/undo", "/ui/history?before=3",
    "/ui/retrain/flights", "/ui/retrain/flights?from=2",
    "/ui/keys?revoked=4", "/ui/keys/1/revoke", "/ui/audit?task=flights&who=anna&after=2026-01-31&before=9",
    "/ui/retrain/flights?trainer=catboost", "/ui/import/flights", "/ui/experiments/7",
)


@pytest.mark.parametrize("path", ["/ui/", "/ui/data/flights", "/ui/experiments", "/ui/experiments/1", "/ui/compare",
                                  "/ui/monitoring", "/ui/history", "/ui/tasks/flights/edit", "/ui/keys", "/ui/audit"])
def test_a_parameter_that_a_page_does_not_know_is_named(client, path):
    answer = client.get(f"{path}?tsak=flights")
    assert answer.status_code == 400 and "tsak" in answer.text and "is unknown" in answer.text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_page_with_nothing_to_show(path, language):
    with client_of(FakeApi(), **{"accept-language": language}) as client:
        assert_page(client.get(path), language)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("path", EVERYWHERE + FULL)
def test_a_page_with_much_to_show(path, language):
    with client_of(much(), **{"accept-language": language}) as client:
        assert_page(client.get(path), language)


@pytest.mark.parametrize("path", EVERYWHERE + FULL)
def test_a_task_without_data(path):
    with client_of(FakeApi([a_task("flights")])) as client:
        response = client.get(path)
        assert response.status_code in (200, 404, 409)


@pytest.mark.parametrize("path", EVERYWHERE + FULL)
def test_hostile_text_is_shown_as_text(path):
    with client_of(much(HOSTILE)) as client:
        response = client.get(path)
        assert_page(response)
        assert "<script>alert" not in response.text and "<img" not in response.text


def test_hostile_names_reach_the_page_where_they_belong():
    with client_of(much(HOSTILE)) as client:
        for path in ("/ui/try/flights", "/ui/data/flights", "/ui/experiments", "/ui/experiments/1"):
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(path).text


def test_the_contract_paths(client):
    assert client.get("/", follow_redirects=False).headers["location"] == "/ui/"
    assert client.get("/ui/compare?ids=1&ids=2", follow_redirects=False).headers["location"] == "/ui/compare?ids=1,2"
    assert client.get("/ui/nowhere").status_code == 404
    assert client.get("/ui/experiments/999").status_code == 404


def test_every_answer_is_sealed(client):
    for path in ("/ui/", "/ui/experiments/999"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-request-id"]


# Of the values: what is refused, and where it stands.
GUESSED = (
    ("/ui/experiments?task=flights&status=sleeping", "status"),
    ("/ui/experiments?task=flights&archived=maybe", "archived"),
    ("/ui/experiments?task=flights&offset=far", "offset"), ("/ui/experiments?task=flights&c=colour", "c"),
    ("/ui/experiments/relations?task=flights&y=beauty", "y"), ("/ui/experiments/relations?task=flights&x=depht", "x"),
    ("/ui/experiments/relations?task=flights&p=depht", "p"), ("/ui/experiments/delete?ids=1,x", "ids"),
    ("/ui/experiments/1?scale=cubic", "scale"), ("/ui/compare?ids=1,2&scale=cubic", "scale"),
    ("/ui/compare?ids=1,2&part=whole", "part"), ("/ui/compare?ids=1,zwei", "ids"),
    ("/ui/compare?ids=1,2,3,4,5,6,7,8,9", "ids"), ("/ui/deployments?task=flights&done=yes", "done"),
    ("/ui/data/flights?version=9", "version"), ("/ui/data/flights?added=x", "added"),
    ("/ui/data/flights?duplicate=x", "duplicate"), ("/ui/data/flights?made=x", "made"),
    ("/ui/data/flights?wait=x", "wait"), ("/ui/try/flights?row=first", "row"), ("/ui/history?before=now", "before"),
    ("/ui/keys?revoked=x", "revoked"), ("/ui/tasks/flights/edit?done=x", "done"),
    ("/ui/retrain/flights?trainer=tarot", "trainer"), ("/ui/retrain/flights?from=x", "from"),
    ("/ui/retrain/other?from=2", "from"))


@pytest.mark.parametrize("code", ["en", "ru"])
@pytest.mark.parametrize(("address", "where"), GUESSED)
def test_what_an_address_asks_for_and_nobody_knows_is_told(api, address, where, code):
    with client_of(api, **{"accept-language": code}) as client:
        page = client.get(address)
    assert page.status_code == 400
    told = re.search(rf"""(?:<li>|role="alert">){where}: (.*)</""", page.text)
    assert told, page.text
    assert bool(re.search("[а-я]", told[1])) == (code == "ru")


@pytest.mark.parametrize("address", [
    "/ui/experiments?task=fligths", "/ui/experiments/relations?task=fligths", "/ui/deployments?task=fligths",
    "/ui/monitoring?task=fligths", "/ui/retrain/flights?from=999", "/ui/language/fr?back=/ui/"])
def test_what_an_address_names_and_there_is_not_is_told(client, address):
    page = client.get(address, follow_redirects=False)
    assert page.status_code == 404 and "There is no such thing" in page.text


def test_a_kind_that_has_no_pages_is_told_and_the_rest_stands(client, api):
    api.tasks[0]["kind"] = "sound"
    for path in ("/ui/try/flights", "/ui/data/flights"):
        page = client.get(path)
        assert_page(page)
        assert "There are no pages for tasks of the kind sound yet" in page.text
    for path in ("/ui/", "/ui/experiments/1", "/ui/monitoring?task=flights", "/ui/deployments?task=flights"):
        assert_page(client.get(path))


@pytest.mark.parametrize(("accepted", "language"), [
    ("ru", "ru"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en-US,ru;q=0.9", "en"), ("de, ru;q=0.1", "ru"), ("de", "en"),
    ("", "en"), (";;q=x,,", "en"), ("ru;q=0", "en")])
def test_the_browser_chooses_the_language(client, accepted, language):
    assert f'<html lang="{language}">' in client.get("/ui/", headers={"accept-language": accepted}).text


def test_the_switch_outlives_the_browser(client):
    response = client.get("/ui/language/ru?back=/ui/data/flights", follow_redirects=False)
    assert response.headers["location"] == "/ui/data/flights"
    assert '<html lang="ru">' in client.get("/ui/").text
    assert client.get("/ui/language/ru?back=//evil.example", follow_redirects=False).headers["location"] == "/ui/"
    assert client.get("/ui/language/xx?back=/ui/", follow_redirects=False).status_code == 404
    assert '<html lang="ru">' in client.get("/ui/").text
