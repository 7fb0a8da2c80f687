"""The pages over an API that is made up: every page with nothing and with much to show, and whatever it is called."""
from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import pytest
from starlette.testclient import TestClient

from entrypoints.admin.app import create_pages
from entrypoints.admin.kinds import tabular
from entrypoints.admin.links import Links
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

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7 * 7 }}%(x)s"""
AT = "2026-11-23T02:23:47Z"
MODULES = (overview, session, new_task, try_it, data, tasks, experiment_list, experiments, compare, retrain,
           deployments, monitoring, keys, audit)


def column(name: str, kind: str = "number", **more) -> dict:
    return {"name": name, "type": kind, **more}


def a_task(name: str, hostile: str = "") -> dict:
    return {"name": name, "kind": "tabular", "problem": "binary", "description": hostile, "labels": [0, 1], "columns": [
        column("carrier" + hostile, "category", nullable=False, description=hostile), column("temp" + hostile),
        column("secret", private=True), column("late" + hostile, "category", role="target"),
        column("row" + hostile, "number", role="ignored", missing=["?" + hostile])],
        "training": {"iterations": 500, "learning_rate": 0.1}}


def an_experiment(number: int, status: str = "succeeded", hostile: str = "") -> dict:
    ended = status == "succeeded"
    metrics = {part: {"auc": 0.7 + number / 1e4, "logloss": 0.5} for part in ("train", "valid", "test")}
    return {"experiment_id": number, "task": "flights", "name": f"n{number}{hostile}", "status": status,
            "progress": 1.0 if ended else 0.4, "stage": "train_model", "iteration": 3, "iterations": 9, "loss": 0.5,
            "dataset_version": 1, "schema_version": 2, "commit_hash": "abc" + hostile, "created_at": AT,
            "started_at": AT,
            "finished_at": AT if ended else None, "params": {"iterations": number, "other" + hostile: hostile},
            "metrics": metrics if ended else {}, "error": hostile or "boom", "from_cache": False,
            "origin": "trained", "parent": None, "search": None, "parts": {},
            "warnings": [hostile] if hostile else [], "tags": ["big" + hostile], "note": hostile, "pinned": number == 2,
            "archived": number == 6}


def a_key(number: int, hostile: str = "", **more) -> dict:
    return {"id": number, "name": f"key {number}{hostile}", "rights": ["predict", "read"], "tasks": [],
            "created_at": AT, "created_by": None, "expires_at": None, "revoked_at": None, **more}


@dataclass
class FakeApi:
    """Answers as the API does; `answers` may set any path apart. asked: what came, as (method, path, request)."""

    tasks: list[dict] = field(default_factory=list)
    experiments: list[dict] = field(default_factory=list)
    hostile: str = ""
    key: str = ""
    answers: dict[str, httpx.Response | Exception] = field(default_factory=dict)
    asked: list[tuple[str, str, httpx.Request]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path, request))
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return problem(401, "unauthorized")
        if (answer := self.answers.get(request.url.path)) is not None:
            if isinstance(answer, Exception):
                raise answer
            return answer
        for pattern, make in self._routes():
            if match := re.fullmatch(pattern, request.url.path):
                body = make(*match.groups())
                return problem(404, "not found") if body is None else httpx.Response(200, json=body)
        return problem(404, "not found")

    def _routes(self):
        number = r"(\d+)"
        return (
            (r"/tasks", lambda: {"tasks": self.tasks}),
            (r"/tasks/(.+)", self._task),
            (r"/experiments", lambda: {"experiments": self.experiments[:50], "next": None,
                                       "next_offset": 50 if self.experiments else None, "matched": 66,
                                       "names": ["id", "auc", "test.auc", "valid.auc", "params.iterations",
                                                 "params.depth" + self.hostile],
                                       "experiment_id": 7}),
            (rf"/experiments/{number}/artifacts", lambda _: {"artifacts": self._artifacts()}),
            (rf"/experiments/{number}/artifacts/plots/(\w+)\.json", lambda _, name: plot_rows(name, self.hostile)),
            (rf"/experiments/{number}/comparison", lambda found: {
                "experiment_id": int(found), "metrics": {"auc": 0.8, "logloss": 0.4}, "serving_experiment_id": 1,
                "serving_metrics": {"auc": 0.75, "logloss": 0.5}, "dataset_version": 1, "rows": 1200, "groups": None,
                "differences": {"auc": {"value": 0.05, "low": 0.03, "high": 0.07, "verdict": "better"},
                                "logloss": {"value": -0.1, "low": -0.3, "high": 0.1, "verdict": "unclear"}}}),
            (rf"/metrics/{number}", lambda found: next(
                (one for one in self.experiments if one["experiment_id"] == int(found)), None)),
            (r"/deployments", lambda: {"deployments": self._deployments()}),
            (r"/datasets/([^/]+)", lambda _: self._dataset()),
            (r"/datasets/([^/]+)/columns", lambda _: self._columns()),
            (r"/datasets/([^/]+)/sample", lambda _: self._sample()),
            (r"/datasets/([^/]+)/check", lambda _: {"task": "flights", "rows": 3}),
            (r"/metadata", lambda: {"task": "flights", "experiment_id": 1, "experiment_name": self.hostile,
                                    "commit_hash": "abc", "saved_at": AT, "metrics": {"test": {"auc": 0.7}}}),
            (r"/observations", lambda: {"window_h": 24.0, "models": self._observed()}),
            (r"/observations/history", self._lately),
            (r"/traffic", lambda: {"since": AT, "tasks": [{"task": "flights", "requests": 3, "refused": 1, "failed": 1,
                                                           "minutes": [{"at": AT, "requests": 3}]}]}),
            (r"/predictions", lambda: {"predictions": self._predictions(), "next": "further" + self.hostile}),
            (r"/history", lambda: {"entries": self._history(), "next": 7 if self.experiments else None}),
            (r"/caller", lambda: {"name": "root" + self.hostile, "rights": ["read", "admin"], "tasks": []}),
            (r"/keys", lambda: {"keys": self._keys(), "key": "progon_" + "s" * 43, "made": a_key(9, self.hostile)}),
            (rf"/keys/{number}", lambda found: a_key(int(found), self.hostile)),
            (r"/audit", lambda: {"entries": self._history(), "next": 7 if self.experiments else None}),
            (r"/datasets/([^/]+)/versions/newest", lambda name: {
                "task": name, "dataset_version": 1, "rows_removed": 5, "newest": None}),
            (r"/readyz", lambda: {"status": "ready", "reasons": []}),
            (r"/deploy/(\d+)", lambda found: {"task": "flights", "experiment_id": int(found), "generation": 2}),
            (r"/rollback", lambda: {"task": "flights", "experiment_id": 1, "generation": 3}),
            (r"/trainers", lambda: {"trainers": [{
                "name": "catboost", "kinds": ["tabular", "image"],
                "problems": ["binary", "multiclass", "regression", "segmentation"],
                "params": {"depth": {"type": "integer", "default": 6, "low": 1, "high": 10,
                                     "meaning": "levels" + self.hostile},
                           "iterations": {"type": "integer", "default": 500, "low": 1, "high": 9, "meaning": "trees"}},
                "adapted": [{"kind": "tabular", "up_to_rows": 20, "params": {"iterations": 1500}}], "refits": True}]}),
            (r"/retrain", lambda: {"experiment_id": 1, "status": "queued"}),
            (r"/forward", lambda: {"request_id": "r" + self.hostile, "task": "flights", "experiment_id": 1,
                                   "prediction": self.hostile or "1", "probabilities": {"0" + self.hostile: 0.25,
                                                                                        "1": 0.75}}),
            (r"/add_data", lambda: {"task": "flights", "batch_id": "b", "dataset_version": 1, "rows_added": 3,
                                    "duplicate": False}),
            (r"/experiments/(\d+)/cancel", lambda found: {"experiment_id": int(found)}),
        )

    def _keys(self) -> list[dict]:
        if not self.experiments:
            return []
        hostile = self.hostile
        return [a_key(1, hostile, tasks=["flights" + hostile], created_by="anna" + hostile),
                a_key(2, hostile, rights=["admin"], expires_at="2999-01-01T00:00:00Z"),
                a_key(3, hostile, expires_at=AT), a_key(4, hostile, revoked_at=AT)]

    def _task(self, name: str) -> dict | None:
        found = next((entry for entry in self.tasks if entry["name"] == name), None)
        served = self.experiments and {"experiment_id": 1, "generation": 1, "created_at": AT}
        return found and found | {"schema_version": 2, "deployment": served or None,
                                  "versions": self._dataset()["versions"]}

    def _dataset(self) -> dict:
        version = {"dataset_version": 1, "batch_id": "b", "rows_added": 5, "rows": 5, "created_at": AT, "target": None,
                   "labels": {"0" + self.hostile: 0.4, "1": 0.6}}
        known = bool(self.experiments)
        return {"task": "flights", "rows": 5, "labels": {"0": 0.4, "1": 0.6} if known else None,
                "versions": [version] if known else []}

    def _columns(self) -> dict | None:
        def summary(entry: dict) -> dict:
            number = entry["type"] == "number"
            return {"name": entry["name"], "missing": 1, "missing_share": 0.2, "private": entry.get("private", False),
                    "edges": [0, 1, 2] if number else [], "counts": [3, 1], "mean": 1.0 if number else None,
                    "values": [] if number else ["UA" + self.hostile, "AA"], "distinct": None if number else 2}
        return {"task": "flights", "dataset_version": 1, "rows": 5, "looked_at": 4, "columns": [
            summary(entry) for entry in self.tasks[0]["columns"]]} if self.experiments else None

    def _sample(self) -> dict | None:
        row = {entry["name"]: "UA" + self.hostile if entry["type"] == "category" else 1.5
               for entry in self.tasks[0]["columns"]}
        return {"task": "flights", "dataset_version": 1, "rows": [row, row]} if self.experiments else None

    def _observed(self) -> list[dict]:
        drift = [
            {"feature": "temp" + self.hostile, "psi": 0.3, "missing": 0.1, "unseen": 0.0, "edges": [1, 2], "low": 0,
             "high": 3, "reference": [0.2, 0.3, 0.4, 0.1], "current": [0.0, 0.0, 0.9, 0.1]},
            {"feature": "carrier" + self.hostile, "psi": 0.1, "missing": 0.0, "unseen": None,
             "categories": ["UA" + self.hostile], "reference": [0.5, 0.5, 0], "current": [0.4, 0.6, 0]}]
        return [{"task": "flights", "experiment_id": 1, "deployed_at": AT, "commit_hash": "abc", "observed_at": AT,
                 "promised": {"auc": 0.75}, "rows": 500, "labelled_rows": 20, "quality": {"auc": 0.7, "f1": None},
                 "drift": drift}] if self.experiments else []

    def _lately(self) -> dict:
        nothing = {"requests": 0, "refused": 0, "failed": 0, "answers": 0, "looked_at": 0, "experiment_id": None,
                   "latency_median_s": None, "latency_p95_s": None, "labels": {}, "number_p10": None,
                   "number_median": None, "number_p90": None, "drift": {}, "labelled": 0, "quality": {}}
        some = nothing | {
            "requests": 1234, "refused": 5, "failed": 1, "answers": 2500, "looked_at": 900, "experiment_id": 1,
            "latency_median_s": 0.002, "latency_p95_s": 0.0105, "labels": {"1" + self.hostile: 0.25, "0": 0.75},
            "drift": {"temp" + self.hostile: 0.3, "carrier": 0.02}, "labelled": 40,
            "quality": {"auc": {"value": 0.7, "low": 0.6, "high": 0.8}}}
        few = some | {"quality": {"auc": {"value": 0.75, "low": None, "high": None}}, "drift": {}}
        numbers = nothing | {"answers": 3, "looked_at": 3, "number_p10": -1.5, "number_median": 2.0, "number_p90": 7.25}
        hours = [f"2026-11-23T{hour:02}:00:00Z" for hour in range(8)]
        kinds = [some, few, nothing, some, nothing, numbers, some] if self.experiments else [nothing] * 7
        return {"task": "flights", "last": "24h", "step_s": 3600, "deployments": self._deployments(), "spans": [
            {"since": since, "until": until} | kind
            for since, until, kind in zip(hours[:-1], hours[1:], kinds, strict=True)]}

    def _predictions(self) -> list[dict]:
        row = {"request_id": "r" + self.hostile, "row_no": 1, "created_at": AT, "route": "/forward", "task": "flights",
               "experiment_id": 1, "inputs": {"temp" + self.hostile: 1.5, "carrier": "UA" + self.hostile, "w": None},
               "prediction": "1" + self.hostile, "score": 0.75, "latency_s": 0.002, "probabilities": None}
        return [row | {"label": label} for label in (None, "1" + self.hostile, "0")] if self.experiments else []

    def _deployments(self) -> list[dict]:
        return [{"task": "flights", "experiment_id": number, "previous_experiment_id": number - 1 or None,
                 "generation": number, "created_at": AT, "reason": "deploy" + self.hostile,
                 "deployed_by": "anna" + self.hostile}
                for number in (2, 1)] if self.experiments else []

    def _history(self) -> list[dict]:
        changed = {"schema_version": 2, "columns": {"temp" + self.hostile: {"before": {}, "after": {}}}}
        acts = ("task changed", "task deleted", "experiment deleted", "data undone", "new" + self.hostile)
        return [{"id": number, "at": AT, "act": act, "task": "gone" + self.hostile, "by": self.hostile or None,
                 "detail": {"experiment_id": 3, "name": self.hostile} if number else changed}
                for number, act in enumerate(acts)] if self.experiments else []

    def _artifacts(self) -> list[dict]:
        names = ("learning_curves", "roc", "precision_recall", "calibration", "confusion", "feature_importance",
                 "predicted_and_actual", "thresholds")
        return [{"path": path, "size_bytes": 10} for path in (
            *(f"plots/{name}.json" for name in names), "dvc.log", f"a {self.hostile}#?.txt")]


def plot_rows(name: str, hostile: str) -> list[dict]:
    return {
        "learning_curves": [{"iteration": n, "part": part + hostile, "logloss" + hostile: 0.7 - n / 100}
                            for part in ("train", "valid") for n in range(40)],
        "roc": [{"fpr": n / 10, "tpr": n / 10} for n in range(11)],
        "precision_recall": [{"recall": n / 10, "precision": 1 - n / 10} for n in range(11)],
        "calibration": [{"predicted": n / 10, "observed": n / 10} for n in range(11)],
        "confusion": [{"actual": a + hostile, "predicted": b + hostile, "count": count}
                      for a, b, count in (("0", "0", 60), ("0", "1", 20), ("1", "0", 5), ("1", "1", 15))],
        "thresholds": [{"threshold": n / 10, "metric": name, "value": n / 10} for n in (1, 5, 9)
                       for name in ("precision", "recall", "f1", "fpr") if (n, name) != (9, "precision")],
        "feature_importance": [{"feature": "temp" + hostile, "importance": 0.5}],
        "predicted_and_actual": [{"actual": 1.0, "predicted": 1.5}, {"actual": 2.0, "predicted": 1.8}],
    }[name]


def problem(status: int, title: str, *faults: tuple[str, str], detail: str = "d") -> httpx.Response:
    return httpx.Response(status, json={"status": status, "title": title, "detail": detail, "errors": [
        {"where": where, "problem": what} for where, what in faults]})


def much(hostile: str = "") -> FakeApi:
    statuses = ["succeeded", "succeeded", "running", "queued", "failed", "cancelled"] + ["succeeded"] * 60
    experiments = [an_experiment(number + 1, status, hostile) for number, status in enumerate(statuses)]
    experiments[6] |= {"origin": "imported", "mapping": {"labels": [hostile]}, "notes": ["taken for " + hostile],
                       "producer": "skl2onnx" + hostile, "source_sha256": "a" * 64, "holdout": "unverified",
                       "parity": 1e-7}
    experiments[0] |= {"parts": {part: {"rows": 9, "since": "2012-01-01" + hostile, "until": "2012-06-30"}
                                 for part in ("train", "valid", "test")},
                       "warnings": ["new" + hostile, "gust: 96% of the training rows have no value there, so little "
                                    "can be learned of it"]}
    return FakeApi([a_task("flights", hostile), a_task("other")], experiments, hostile)


def client_of(api: FakeApi, **headers: str) -> TestClient:
    pages = create_pages(httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api"))
    return TestClient(pages, headers={"accept-language": "en"} | headers)


@pytest.fixture
def api() -> FakeApi:
    return much()


@pytest.fixture
def client(api) -> Iterator[TestClient]:
    with client_of(api) as client:
        yield client


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


class Whole(HTMLParser):
    """Every tag is closed in the order in which it was opened."""

    VOID = {"meta", "link", "input", "br", "img", "path", "rect", "circle"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def assert_page(response, language: str = "en") -> None:
    assert response.status_code == 200, response.text
    assert f'<html lang="{language}">' in response.text
    parser = Whole()
    parser.feed(response.text)
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    assert "style=" not in response.text and "onclick" not in response.text


@pytest.mark.parametrize(("language", "said"), [
    ("en", ["To be doubted", "gust: 96.0% of the training rows", "Parted by time:", "2012-01-01 to 2012-06-30"]),
    ("ru", ["В чём стоит усомниться", "gust: в 96,0\u00a0% обучающих строк", "с 2012-01-01 по 2012-06-30"])])
def test_what_is_to_be_doubted_and_when_the_parts_were(api, language, said):
    with client_of(api, **{"accept-language": language}) as client:
        page = client.get("/ui/experiments/1").text
    assert all(words in page for words in said)
    assert page.index(said[0]) < page.index('id="metrics"')


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


# Forms

def token(client: TestClient, path: str = "/ui/sign-in") -> str:
    return re.search(r'name="csrf" value="(\w+)"', client.get(path).text)[1]


POSTS = sorted({path.replace("{task}", "flights").replace("{token}", "0" * 32).replace("{id:int}", "3")
                for module in MODULES for path in module.POSTED})


@pytest.mark.parametrize("path", POSTS)
def test_a_form_from_elsewhere_changes_nothing(client, api, path):
    good = token(client)
    api.asked.clear()
    attempts = [
        ({}, {}), ({"csrf": "0" * 64}, {}), ({"csrf": good[:-1]}, {}), ({"csrf": "ж"}, {}),
        ({"csrf": good}, {"sec-fetch-site": "cross-site"}), ({"csrf": good}, {"sec-fetch-site": "same-site"}),
        ({"csrf": good}, {"origin": "https://evil.example"}), ({"csrf": good}, {"origin": "null"}),
    ]
    for form, headers in attempts:
        response = client.post(path, data=form, headers=headers)
        assert response.status_code == 403, (form, headers)
        assert "Nothing has been changed" in response.text
    client.cookies.clear()
    assert client.post(path, data={"csrf": good}).status_code == 403
    assert not [entry for entry in api.asked if entry[0] != "GET"]


@pytest.mark.parametrize("headers", [
    {}, {"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"},
    {"sec-fetch-site": "same-origin", "origin": "http://testserver"}])
def test_our_own_form_is_taken(client, headers):
    response = client.post("/ui/experiments/3/cancel", data={"csrf": token(client)}, headers=headers,
                           follow_redirects=False)
    assert response.status_code == 303


def test_the_token_differs_from_page_to_page(client):
    assert token(client) != token(client)


def test_a_row_is_sent_as_it_was_typed(client, api):
    form = {"csrf": token(client), "c0": "UA", "c1": "39,5", "c2": ""}
    response = client.post("/ui/try/flights", data=form)
    assert_page(response)
    sent = next(request for method, path, request in api.asked if path == "/forward")
    assert json.loads(sent.content) == {"carrier": "UA", "temp": 39.5, "secret": None}
    assert sent.url.params["task"] == "flights"
    assert "75.0%" in response.text and "curl &#39;http://testserver/forward?task=flights&#39;" in response.text
    assert 'value="39,5"' in response.text


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


def test_faults_of_a_file_are_named_before_anything_is_added(client, api):
    api.answers["/datasets/flights/check"] = problem(400, "bad request", ("row 3, column temp", "a value is required"))
    response = client.post("/ui/data/flights/check", data={"csrf": token(client)},
                           files={"file": ("f.csv", b"x\n1\n", "text/csv")})
    assert response.status_code == 400
    assert "a value is required" in response.text and "<td>temp</td>" in response.text
    assert not [path for _, path, _ in api.asked if path == "/add_data"]


def test_a_file_is_added_after_it_was_seen(client, api):
    csv = b"carrier,temp\nUA,1\n"
    preview = client.post("/ui/data/flights/check", data={"csrf": token(client)}, files={"file": ("f.csv", csv)})
    assert_page(preview)
    assert "Add 3 rows" in preview.text and not [path for _, path, _ in api.asked if path == "/add_data"]
    added = client.post(preview.url.path + "/add", data={"csrf": token(client)})
    assert_page(added)
    assert "Dataset version 1 is made" in added.text
    assert next(request for _, path, request in api.asked if path == "/add_data").content == csv
    assert client.get(preview.url.path).status_code == 404


def test_a_form_without_its_file(client):
    for path in ("/ui/data/flights/check", "/ui/try/flights/batches"):
        assert client.post(path, data={"csrf": token(client)}).status_code == 400


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


def test_deploying_shows_the_comparison_first(client, api):
    page = client.get("/ui/deployments/deploy/2")
    assert "▲" in page.text and "+0.0500" in page.text and "better" in page.text
    assert "+0.0300 to +0.0700" in page.text
    assert "≈</span> −0.1000" in page.text and "no difference that these rows can show" in page.text
    assert "the same 1,200 held-out rows" in page.text
    done = client.post("/ui/deployments/deploy/2", data={"csrf": token(client)})
    assert "Experiment 2 serves now" in done.text
    assert [path for method, path, _ in api.asked if method == "POST"] == ["/deploy/2"]


def test_an_experiment_is_called_better_only_by_what_the_rows_show(client, api):
    page = client.get("/ui/experiments/2").text
    assert "+0.0300 to +0.0700" in page and "≈" in page and "no difference that these rows can show" in page
    api.answers["/experiments/2/comparison"] = problem(503, "busy")
    api.experiments[1]["metrics"]["test"]["auc"] = 0.9
    page = client.get("/ui/experiments/2").text
    assert "▲" in page and 'class="difference good"' not in page, "nothing is known of the rows"


def test_answers_are_asked_for_as_the_filter_says(client, api):
    page = client.get("/ui/monitoring?task=flights&prediction=1&label=&request_id=r%2F1&before=further")
    asked = next(request for _, path, request in api.asked if path == "/predictions")
    assert dict(asked.url.params) == {
        "task": "flights", "limit": "25", "prediction": "1", "request_id": "r/1", "before": "further"}
    assert "<option selected>1</option>" in page.text and 'value="r/1"' in page.text
    assert "0.1000" not in page.text and "−0.0500" in page.text, "live quality against what was promised"


@pytest.mark.parametrize(("code", "said"), [
    ("en", "the input X is taken for the column temp"), ("ru", "вход X принят за столбец temp")])
def test_what_was_guessed_of_a_model_is_said_in_the_language_of_the_page(api, code, said):
    api.experiments[6]["notes"] = ["the input X is taken for the column temp"]
    with client_of(api, **{"accept-language": code}) as client:
        assert said in client.get("/ui/experiments/7").text


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


def test_a_column_of_the_table_stays_where_no_experiment_has_it(client):
    page = client.get("/ui/experiments?task=flights&c=params.rare")
    assert_page(page)
    assert ">rare" in page.text and "–" in page.text


def test_a_dataset_version_that_cannot_be_read_is_left_to_the_api(client, api):
    client.post("/ui/retrain/flights", data={"csrf": token(client), "version": "newest"})
    asked = next(request for _, path, request in api.asked if path == "/retrain")
    assert json.loads(asked.content)["dataset_version"] == "newest"


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


def test_a_kind_that_has_no_pages_is_told_and_the_rest_stands(client, api):
    api.tasks[0]["kind"] = "sound"
    for path in ("/ui/try/flights", "/ui/data/flights"):
        page = client.get(path)
        assert_page(page)
        assert "There are no pages for tasks of the kind sound yet" in page.text
    for path in ("/ui/", "/ui/experiments/1", "/ui/monitoring?task=flights", "/ui/deployments?task=flights"):
        assert_page(client.get(path))


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


def test_the_page_does_not_wait_for_a_large_version_to_be_looked_through(api, monkeypatch):
    monkeypatch.setattr(tabular, "SOON_S", 0.01)
    asked, looked_through = [], asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/columns"):
            asked.append(request)
            if len(asked) == 2:
                looked_through.set()
            await looked_through.wait()
        return api(request)

    with client_of(slow) as client:
        page = client.get("/ui/data/flights")
        assert_page(page)
        assert 'class="spark"' not in page.text and "0 … 2" not in page.text
        whole = client.get(re.search(r'data-later="([^"]+)"', page.text)[1])
        assert_page(whole)
        assert 'class="spark"' in whole.text and "data-later" not in whole.text


def test_who_deployed_stands_in_the_history(client):
    assert "<td>anna</td>" in client.get("/ui/deployments?task=flights").text


# What goes wrong

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


# Keys and languages

def test_a_key_is_asked_for_and_kept_from_scripts(api, client):
    api.key = "key1"
    asked = client.get("/ui/experiments?task=flights", follow_redirects=False)
    assert asked.headers["location"].startswith("/ui/sign-in?next=/ui/experiments")
    wrong = client.post("/ui/sign-in", data={"csrf": token(client), "key": "no", "next": "/ui/data"})
    assert wrong.status_code == 401 and "The key is not known" in wrong.text
    right = client.post("/ui/sign-in", data={"csrf": token(client), "key": "key1", "next": "/ui/data/flights"},
                        follow_redirects=False)
    assert right.headers["location"] == "/ui/data/flights"
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/ui" in cookie
    assert_page(client.get("/ui/data/flights"))
    client.post("/ui/sign-out", data={"csrf": token(client)})
    assert client.get("/ui/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("after", [
    "https://evil.example", "//evil.example", "/\\evil", "/ui//evil", "javascript:x", ""])
def test_signing_in_leads_nowhere_else(api, client, after):
    api.key = "key1"
    response = client.post("/ui/sign-in", data={"csrf": token(client), "key": "key1", "next": after},
                           follow_redirects=False)
    assert response.headers["location"] == "/ui/"


@pytest.mark.parametrize("key", ["", "a b", "ж", 'a"b', "a\nb", "a;b"])
def test_a_key_that_no_header_can_hold(api, client, key):
    api.key = "key1"
    assert client.post("/ui/sign-in", data={"csrf": token(client), "key": key}).status_code == 401


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


def test_a_form_that_is_too_large(api):
    client = httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api")
    pages = create_pages(client, max_form_bytes=5000)
    with TestClient(pages) as client:
        form = {"csrf": token(client)}
        response = client.post("/ui/data/flights/check", data=form, files={"file": ("f.csv", b"x" * 10_000)})
    assert response.status_code == 413


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


# Changing and removing

def asked_with(api: FakeApi, method: str) -> list[httpx.Request]:
    return [request for asked, _, request in api.asked if asked == method]


def fields_of(client: TestClient, path: str = "/ui/tasks/flights/edit") -> dict[str, str]:
    """The fields of the form as a browser sends them that changes nothing."""
    page = client.get(path).text
    boxes = re.findall(r'type="checkbox" name="(\w+)"[^>]* checked', page)
    texts = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page)
    chosen = re.findall(r'<select name="(\w+)".*?value="(\w+)" selected', page)
    return dict(texts) | dict(chosen) | dict.fromkeys(boxes, "on") | {"csrf": token(client, path)}


def test_a_form_that_changes_nothing_asks_for_no_change(client, api):
    client.post("/ui/tasks/flights/edit", data=fields_of(client))
    assert json.loads(asked_with(api, "PATCH")[0].content) == {}


def test_what_differs_in_the_form_is_asked_for(client, api):
    fields = fields_of(client)
    del fields["c1_nullable"]
    changes = {"description": "a\r\nb", "labels": "2\r\n\r\n3", "c1_missing": "?\r\n-", "c1_private": "on",
               "c4_take_in": "on", "c4_type": "category", "c4_missing": ""}
    page = client.post("/ui/tasks/flights/edit", data=fields | changes)
    asked, = asked_with(api, "PATCH")
    assert asked.url.path == "/tasks/flights"
    assert json.loads(asked.content) == {
        "description": "a\nb", "labels": [0, 1, 2, 3],
        "columns": {"temp": {"nullable": False, "private": True, "missing": ["?", "-"]},
                    "row": {"role": "feature", "type": "category", "missing": []}}}
    assert "schema version 2 now" in page.text


def test_why_nothing_was_changed_stands_on_the_page_with_what_was_typed(client, api):
    fields = fields_of(client) | {"description": "as I want it", "c4_take_in": "on"}
    del fields["c0_missing"]
    answer = problem(400, "bad request", ("column temp.nullable", "3 rows have no value there"), ("labels", "begin so"))
    api.answers["/tasks/flights"], known = answer, api._task("flights")
    # The task itself is still there to be shown.
    original = FakeApi.__call__

    def only_patch(self, request):
        if request.method == "GET" and request.url.path == "/tasks/flights":
            return httpx.Response(200, json=known)
        return original(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeApi, "__call__", only_patch)
        page = client.post("/ui/tasks/flights/edit", data=fields)
    assert page.status_code == 400 and "Nothing was changed" in page.text
    assert "column temp.nullable: 3 rows have no value there" in page.text and "labels: begin so" in page.text
    beside = page.text[page.text.index("<code>temp"):page.text.index("<code>secret")]
    assert '<b class="fault">3 rows have no value there</b>' in beside
    assert "as I want it</textarea>" in page.text
    assert re.search(r'name="c4_take_in" checked', page.text)


def test_a_task_is_deleted_once_its_name_is_typed(client, api):
    path = "/ui/tasks/flights/delete"
    for typed in ("", "flight", "Flights"):
        assert client.post(path, data={"csrf": token(client), "confirm": typed}).status_code == 400
    assert not asked_with(api, "DELETE")
    client.post(path, data={"csrf": token(client), "confirm": " flights "})
    asked, = asked_with(api, "DELETE")
    assert (asked.url.path, asked.url.params["confirm"]) == ("/tasks/flights", "flights")


def test_an_experiment_and_a_version_are_removed_after_they_were_shown(client, api):
    assert "n5" in client.get("/ui/experiments/5/delete").text
    client.post("/ui/experiments/5/delete", data={"csrf": token(client)})
    version = re.search(r'name="version" value="(\d+)"', client.get("/ui/data/flights/undo").text)[1]
    client.post("/ui/data/flights/undo", data={"csrf": token(client), "version": version})
    assert [(request.url.path, dict(request.url.params)) for request in asked_with(api, "DELETE")] == [
        ("/experiments/5", {}), ("/datasets/flights/versions/newest", {"version": "1"})]


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
