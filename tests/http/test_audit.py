"""GET /audit: everything that was done, by whom."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from domain.experiment import Status
from domain.history import Act, first_broken
from entrypoints.http.app import create_app
from entrypoints.wiring import ports
from tests.builders import make_experiment, make_table, make_task
from tests.fakes.executor import ThreadExecutor
from tests.http.problems import check_problem, faults

KEY = "annas-key-which-has-more-than-128-bits-0123456789"
TABLE = b"x,k,y\n" + b"".join(
    b"%d,%s,%s\n" % (row, b"ab"[row % 2:][:1], b"no" if row % 3 else b"yes") for row in range(60))


class NoExecutor(ThreadExecutor):
    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.close()


@pytest.fixture
def anna(settings, service):
    """A client with the key of Anna, who may do everything. Nothing trains here."""
    service.container.executor.override(NoExecutor())
    service.store.append(service.tasks.get("flights"), [make_table(make_task(), 40)])
    service.container.settings.override(replace(settings, api_keys=f"{KEY}:write:anna"))
    with TestClient(create_app(service.container), raise_server_exceptions=False,
                    headers={"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def entries(client, query: str = "") -> list[dict]:
    answer = client.get(f"/audit{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


def done(answer) -> dict:
    assert answer.status_code < 300, answer.text
    return answer.json()


def test_before_goes_downwards(anna, service):
    done(anna.patch("/tasks/flights", json={"description": "one"}))
    done(anna.patch("/tasks/flights", json={"description": "two"}))
    ids = [entry["id"] for entry in entries(anna)]
    assert len(ids) > 1
    assert [entry["id"] for entry in entries(anna, f"?before={ids[-1]}")] == ids[:-1][::-1]
    both = anna.get("/audit?before=5", headers={"Accept": "application/x-ndjson"})
    assert both.status_code == 400 and "oldest first" in both.json()["detail"]


def test_whatever_is_done_leaves_an_entry(anna, service):
    wish = {"name": "mine", "target": "y"}
    done(anna.post("/tasks", data=wish | {"dry_run": "true"}, files={"file": TABLE}))
    done(anna.post("/tasks", data=wish, files={"file": TABLE}))
    csv = {"Content-Type": "text/csv"}
    more = TABLE.replace(b"\n1,", b"\n100,")
    done(anna.put("/add_data?task=mine", content=more, headers=csv))
    done(anna.put("/add_data?task=mine", content=more, headers=csv))  # adds nothing
    done(anna.put("/labels?task=mine", content=b"request_id,label\n%s,no\n" % (b"a" * 32), headers=csv))
    queued = done(anna.put("/retrain?task=mine&wait=0", json={"params": {"depth": 2}}))["experiment_id"]
    done(anna.post(f"/experiments/{queued}/cancel"))
    done(anna.delete(f"/experiments/{queued}"))
    done(anna.delete("/datasets/mine/versions/newest"))
    done(anna.patch("/tasks/mine", json={"description": "new"}))
    done(anna.delete("/tasks/mine?confirm=mine"))
    done(anna.post("/deploy/1"))
    created = done(anna.post("/keys", json={"name": "ci", "rights": ["read"]}))
    done(anna.delete(f"/keys/{created['made']['id']}"))
    found = entries(anna)
    assert [(entry["act"], entry["task"]) for entry in found] == [
        *((act, "mine") for act in (
            "task created", "data added", "labels added", "training queued", "training cancelled", "experiment deleted",
            "data undone", "task changed", "task deleted")),
        ("deployed", "flights"), ("key created", ""), ("key revoked", "")]
    assert {entry["by"] for entry in found} == {"anna"}
    assert found[0]["detail"] == {"kind": "tabular", "problem": "binary", "rows": 60}
    assert found[3]["detail"] == {"experiment_id": queued, "dataset_version": 2, "params": {"depth": 2}}
    assert created["key"] not in json.dumps(found)
    assert first_broken(ports.history(service.container).after(0, 1_000)) is None


def test_what_fails_leaves_none(anna):
    assert anna.post("/deploy/999").status_code == 404
    csv = {"Content-Type": "text/csv"}
    assert anna.put("/add_data?task=flights", content=b"a,b\n1,2\n", headers=csv).status_code == 400
    assert entries(anna) == []


@pytest.fixture
def done_twice(anna, service):
    """The entries, of two tasks."""
    service.tasks.add(replace(make_task(), name="other"))
    for task in ("flights", "other", "flights"):
        number = service.experiments.add(make_experiment(replace(make_task(), name=task), status=Status.CANCELLED)).id
        done(anna.delete(f"/experiments/{number}"))
    return entries(anna)


def test_pages_and_filters(anna, done_twice):
    ids = [entry["id"] for entry in done_twice]
    page = anna.get("/audit?limit=2").json()
    assert ([entry["id"] for entry in page["entries"]], page["next"]) == (ids[:2], ids[1])
    assert anna.get(f"/audit?limit=2&after={page['next']}").json() == {"entries": done_twice[2:], "next": None}
    assert entries(anna, "?task=other") == [done_twice[1]]
    assert entries(anna, "?who=anna&task=flights") == [done_twice[0], done_twice[2]]
    assert entries(anna, "?who=nobody") == entries(anna, "?who=%00") == entries(anna, "?task=nope") == []
    assert entries(anna, "?after=2000-01-01") == done_twice
    assert entries(anna, "?after=2999-01-01T00:00:00Z") == []
    assert list(faults(check_problem(anna.get("/audit?after=yesterday"), 400))) == ["after"]


def test_json_lines(anna, done_twice):
    answer = anna.get("/audit?limit=1", headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in answer.text.splitlines()] == done_twice


def test_it_is_for_those_who_administer(settings, service):
    service.container.settings.override(replace(settings, api_keys=f"{KEY}:read:reader"))
    with TestClient(create_app(service.container)) as client:
        assert client.get("/audit", headers={"Authorization": f"Bearer {KEY}"}).status_code == 403


@pytest.mark.parametrize("act", Act)
def test_each_act_is_a_word_of_the_document(service, act):
    schema = service.client.get("/openapi.json").json()["components"]["schemas"]["EntryAnswer"]
    assert act in schema["properties"]["act"].get("enum", []) or act in json.dumps(
        service.client.get("/openapi.json").json()["components"]["schemas"]["Act"])
