"""What the tracking server may do to us, and what its own client reads of what we put there."""
from __future__ import annotations

import json

import httpx
import pytest

from adapters.mlflow.experiment_mirror import MlflowExperimentMirror
from adapters.mlflow.rest import MlflowServer
from application.ports.experiment_mirror import LeftFile, MirrorRefused, MirrorUnavailable
from tests.builders import make_task, succeeded
from tests.e2e.server import Server, wait_until
from tests.e2e.small_task import TASK, put_small_task
from tests.mlflow_server import asked_of_mlflow, needs_mlflow, tracking_server


def server_that(answers) -> MlflowServer:
    return MlflowServer("http://anna:secret@mlflow.example.org/ml/", httpx.MockTransport(answers))


@pytest.mark.parametrize(("status", "failure"), [
    (400, MirrorRefused), (401, MirrorUnavailable), (403, MirrorUnavailable), (413, MirrorRefused),
    (500, MirrorUnavailable), (503, MirrorUnavailable)])
def test_a_refusal_of_one_is_told_from_a_server_that_is_away(status, failure):
    server = server_that(lambda _: httpx.Response(status, json={"error_code": "X", "message": "too long"}))
    with pytest.raises(failure, match=f"MLflow at http://mlflow.example.org/ml: {status} at .*too long") as told:
        server.post("runs/create")
    assert "secret" not in str(told.value)
    server.close()


def test_what_is_no_answer_of_mlflow_is_told():
    def nobody(_):
        raise httpx.ConnectError("Connection refused")

    for answers in (lambda _: httpx.Response(200, text="<html>a portal</html>"), nobody):
        server = server_that(answers)
        with pytest.raises(MirrorUnavailable):
            server.get("experiments/get-by-name", experiment_name="flights")
        server.close()


def test_who_asks_says_who_he_is():
    seen = []
    server = server_that(lambda request: seen.append(request) or httpx.Response(200, json={}))
    server.put_file("1/ab/artifacts/a.svg", 4, iter([b"<a", b"/>"]))
    request, = seen
    assert request.headers["authorization"].startswith("Basic ") and request.headers["content-length"] == "4"
    assert request.url.path == "/ml/api/2.0/mlflow-artifacts/artifacts/1/ab/artifacts/a.svg"
    server.close()


def test_a_server_that_does_not_take_files_has_the_run_and_says_so(caplog):
    asked = []

    def answers(request):
        asked.append((request.url.path.rpartition("mlflow/")[2], json.loads(request.content or b"{}")))
        run = {"info": {"run_id": "r", "artifact_uri": "s3://bucket/1/r/artifacts"}}
        return httpx.Response(200, json={"experiment": {"experiment_id": "1"}, "runs": [], "run": run})

    server = server_that(answers)
    MlflowExperimentMirror(server).put(succeeded(make_task()), [], [LeftFile("a.svg", 1, iter([b"a"]))])
    server.close()
    tag, = [said for path, said in asked if path == "runs/set-tag" and said["key"] == "progon.files"]
    assert "s3://bucket" in tag["value"] and "serve-artifacts" in caplog.text
    assert [path for path, _ in asked][-2:] == ["runs/update", "runs/set-tag"]
    assert asked[-1][1]["key"] == "progon.whole", "what breaks off before is done anew"


@needs_mlflow
@pytest.mark.e2e
def test_mlflow_itself_loads_the_model_of_a_service(tmp_path):
    (tmp_path / "mlflow").mkdir()
    put_small_task(tmp_path / "home", rows=200).storage().close()
    with tracking_server(tmp_path / "mlflow") as url, Server(tmp_path / "home", PROGON_MLFLOW_URL=url) as server:
        server.start("/readyz")
        runs = wait_until(lambda: json.loads(asked_of_mlflow(url, RUNS)), "the run in MLflow", within_s=120, every_s=1)
    run, = runs
    assert run["status"] == "FINISHED" and run["tags.progon.experiment_id"] == "1"
    assert run["loaded"] == [column.name for column in TASK.schema.features]


RUNS = """
import json, mlflow
runs = mlflow.search_runs(search_all_experiments=True, filter_string="tags.`progon.whole` = 'yes'").to_dict("records")
for run in runs:
    model = mlflow.onnx.load_model(f"runs:/{run['run_id']}/model")
    run["loaded"] = [each.name for each in model.graph.input]
print(json.dumps(runs, default=str))
"""
