"""GET /healthz and GET /readyz."""
from __future__ import annotations

from domain.deployment import Deployment
from tests.builders import make_task
from tests.fakes.clock import START
from tests.fakes.disk import InMemoryDisk


def test_alive_whatever_happens(empty):
    empty.storage.answers = False
    assert empty.client.get("/healthz").json() == {"status": "ok"}


def test_ready_once_a_model_is_deployed(empty):
    answer = empty.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["no model is deployed"])
    empty.serve(make_task())
    answer = empty.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    assert answer.json()["tasks"] == [{"task": "flights", "status": "ok", "experiment_id": 1, "detail": ""}]


def test_not_ready_while_the_database_is_away(service):
    service.storage.answers = False
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the database does not answer"])
    service.storage.answers = True
    assert service.client.get("/readyz").status_code == 200


def test_not_ready_while_the_database_takes_nothing(service):
    service.storage.writable = False
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the database is read-only"])
    assert answer.json()["dependencies"][0] == {
        "name": "database", "status": "failed", "detail": "the database is read-only", "free_bytes": None}
    assert 'progon_dependency_ok{dependency="database"} 0.0' in service.client.get("/metrics").text
    service.storage.writable = True
    assert service.client.get("/readyz").status_code == 200
    assert 'progon_dependency_ok{dependency="database"} 1.0' in service.client.get("/metrics").text


def test_a_disk_that_is_nearly_full_is_told_and_serves(service):
    disk = InMemoryDisk()
    disk.free_bytes = 5
    service.container.disk.override(disk)
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["warnings"] == ["the disk of PROGON_HOME has less than 256 MiB left"]
    assert answer.json()["dependencies"][1]["free_bytes"] == 5
    assert 'progon_disk_free_bytes{dependency="disk of PROGON_HOME"} 5.0' in service.client.get("/metrics").text


def test_a_broken_model_is_named_with_why_and_the_others_serve(service):
    broken = make_task(name="broken")
    service.tasks.add(broken)
    service.deployments.append("broken", lambda _: Deployment("broken", 77, None, 1, START))
    service.container.serving_models().refresh()
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    named, served = answer.json()["tasks"]
    assert (named["task"], named["status"], named["experiment_id"]) == ("broken", "failed", None)
    assert named["detail"].startswith("its model cannot be loaded: ") and "77" in named["detail"]
    assert (served["task"], served["status"]) == ("flights", "ok")
    assert 'progon_model_loaded{task="broken"} 0.0' in service.client.get("/metrics").text
