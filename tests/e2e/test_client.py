"""The client for Python against the real service: the loop of its README, and what comes after it."""
from __future__ import annotations

import asyncio
import csv
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas
import pytest
from progon_client import (
    AsyncClient,
    BadRequest,
    Client,
    Forbidden,
    LogLine,
    NotFound,
    NotSucceeded,
    Progress,
    Unauthorized,
)

from tests.client import usage
from tests.e2e.server import Server, web

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e-client")]
README = Path(__file__).parents[2] / "clients" / "python" / "README.md"
TASK, KEY = "flowers", "client-key-client-key"


def write_flowers(path: Path) -> None:
    """Large petals are large, but for some."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["petal", "colour", "kind"])
        for number in range(400):
            petal = 1 + number * 37 % 60 / 10
            kind = "large" if (petal > 4) != (number % 13 == 0) else "small"
            writer.writerow([petal, ("red", "blue", "white")[number % 3], kind])


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("home"), PROGON_API_KEYS=KEY) as server:
        yield server.start()


@pytest.fixture(scope="module")
def example(server, tmp_path_factory) -> dict[str, object]:
    """The README's ten lines, run in a folder with a CSV. Returns: what they defined."""
    folder = tmp_path_factory.mktemp("data")
    write_flowers(folder / "train.csv")
    code, = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(code.strip().splitlines()) <= 10
    code = code.replace('"http://127.0.0.1:8000"', repr(server.url) + f", {KEY!r}")
    code = code.replace('"train.csv"', repr(str(folder / "train.csv"))).replace("print(", "printed.append(")
    defined: dict[str, object] = {"printed": [], "data": folder / "train.csv"}
    exec(compile(code, README, "exec"), defined)
    defined["client"].close()
    return defined


@pytest.fixture(scope="module")
def client(server, example) -> Iterator[Client]:
    with Client(server.url, KEY) as client:
        yield client


def test_the_readme_comes_from_a_csv_to_a_deployed_model(example):
    *events, prediction = example["printed"]
    assert prediction == "large"
    assert events[-1].status == "succeeded" and events[-1].metrics["test"]["auc"] > 0.8
    assert any(isinstance(event, Progress) for event in events) and any(isinstance(event, LogLine) for event in events)


def test_code_that_mypy_has_read_runs(client):
    assert usage.ask(client, TASK).metrics is not None
    found = usage.learn(client, TASK)
    assert found.name == "from a client" and found.dataset_version == 1 and found.from_cache
    assert len(client.dataset(TASK).versions) == 2
    assert found.experiment_id in usage.look(client, TASK, found.experiment_id)
    assert usage.follow(client, found.experiment_id)[-1] == found


def test_the_same_awaited(server, client):
    async def awaited() -> None:
        async with AsyncClient(server.url, KEY) as later:
            assert (await usage.ask_later(later, TASK)).count == 2
            assert (await usage.follow_later(later, 1))[-1] == client.experiment(1)
            assert (await usage.redeploy(later, TASK)).reason == "rollback"

    asyncio.run(awaited())


def test_tables_go_in_and_come_out(client, example):
    frame = pandas.read_csv(example["data"])
    half = frame[frame["petal"] > 3]
    answered = client.forward_table(half, task=TASK)
    told = answered.to_pandas()
    assert list(told["petal"]) == list(half["petal"]) and "probability_large" in told
    assert list(client.forward_batch(half, task=TASK).to_pandas()["prediction"]) == list(told["prediction"])
    why = client.forward_table(half, task=TASK, explain=True).to_pandas()
    assert list(client.forward_batch(half, task=TASK, explain=True).to_pandas()["contribution_petal"]) == list(
        why["contribution_petal"])
    assert client.evaluate_table(example["data"], task=TASK, form="csv").told["metrics"]["auc"] > 0.8
    assert client.dataset_rows(TASK, version=1).to_arrow().num_rows == len(frame)
    assert client.add_data(frame, task=TASK).duplicate


def test_files_of_an_experiment(client, tmp_path):
    paths = [artifact.path for artifact in client.artifacts(1).artifacts]
    assert "model.onnx" in paths
    copied = client.import_model(client.artifact(1).save(tmp_path / "model.onnx"), TASK, name="once more", dry=True)
    assert copied.origin == "imported"


def test_what_is_wrong_is_told(server, client):
    with pytest.raises(BadRequest) as told:
        client.forward({"petal": "wide", "shape": 1}, task=TASK)
    assert {fault.where for fault in told.value.faults} == {"column petal", "column colour", "column shape"}
    assert told.value.request_id
    with pytest.raises(NotFound):
        client.metrics(999)
    with pytest.raises(Unauthorized), Client(server.url) as stranger:
        stranger.tasks()


def test_keys_are_made_and_revoked(server, client):
    made = client.create_key("of a dashboard", ["read"], days=1)
    with Client(server.url, made.key) as reader:
        assert reader.tasks().tasks
        with pytest.raises(Forbidden):
            reader.delete_task(TASK, confirm=TASK)
    assert client.revoke_key(made.made.id).revoked_at
    assert [key.name for key in client.keys().keys] == ["of a dashboard"]


def test_a_training_that_is_cancelled(client):
    queued = client.retrain(TASK, params={"iterations": 9_999, "depth": 9, "early_stopping_rounds": 0})
    client.cancel(queued.experiment_id)
    with pytest.raises(NotSucceeded) as told:
        client.wait(queued.experiment_id)
    assert told.value.experiment.status == "cancelled"


def test_a_task_is_edited_and_deleted(client, example):
    client.create_task("garden", example["data"], target="kind")
    assert client.edit_task("garden", {"description": "of this spring"}).description == "of this spring"
    assert client.check(example["data"], "garden").rows == 400
    assert client.undo_data("garden").rows_removed == 400
    assert client.delete_task("garden", confirm="garden").task == "garden"
    assert [task.name for task in client.tasks().tasks] == [TASK]


def test_a_generated_client_forwards_evaluates_and_retrains(server, client, example, tmp_path, monkeypatch):
    """By openapi-python-client, from the document alone. It has no name for some bodies, such as a bare CSV; no route
    is left out."""
    described = web.get(f"{server.url}/openapi.json", headers={"X-API-Key": KEY}).json()
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    done = subprocess.run([
        sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
        "--output-path", "generated"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "will not be generated" not in done.stdout, done.stdout + done.stderr
    made = {file.stem for file in (tmp_path / "generated" / "api").glob("*/*.py")} - {"__init__"}
    assert len(made) == sum(len(operations) for operations in described["paths"].values())

    monkeypatch.syspath_prepend(tmp_path)
    generated, models, types = (importlib.import_module(f"generated{name}") for name in ("", ".models", ".types"))
    forward, evaluate, retrain = (importlib.import_module(f"generated.api.{name}") for name in (
        "forward.forward_forward_post", "batches.evaluate_evaluate_post", "experiments.retrain_retrain_put"))
    with generated.AuthenticatedClient(server.url, KEY, timeout=120) as asking:
        row = models.ForwardForwardPostJsonBodyType0.from_dict({"petal": 6.5, "colour": "red"})
        assert forward.sync(client=asking, body=row, task=TASK).prediction == "large"
        with example["data"].open("rb") as file:
            judged = evaluate.sync(client=asking, task=TASK, body=models.EvaluateEvaluatePostFilesBody(
                file=types.File(file, "train.csv", "text/csv")))
        assert judged.count == 400 and judged.metrics.additional_properties["auc"] > 0.8
        wish = models.RetrainRetrainPutBody.from_dict({"name": "by a generated client"})
        begun = [retrain.sync(client=asking, body=wish, task=TASK, wait=0.0, idempotency_key="of-a-generated-client")
                 for _ in range(2)]
        assert begun[0].experiment_id == begun[1].experiment_id
    assert client.wait(begun[0].experiment_id, timeout_s=120).name == "by a generated client"
