"""What a new user does first: `make run`'s command, the lines of docs/demo.md, and the loop by curl alone."""
from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import Server, web

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.e2e]

PLAIN_RUNTIME = """
import json, sys
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
row = json.load(sys.stdin)
feed = {tensor.name: np.array([[row[tensor.name] or ""]], dtype=object) if tensor.type == "tensor(string)"
        else np.array([[np.nan if row[tensor.name] is None else row[tensor.name]]], dtype=np.float32)
        for tensor in session.get_inputs()}
prediction, probabilities = session.run(["prediction", "probabilities"], feed)
ours = [name for name in sys.modules if name.split(".")[0] in ("domain", "application", "adapters", "entrypoints")]
print(json.dumps({"prediction": prediction[0].item(), "probabilities": probabilities[0].tolist(), "ours": ours}))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("demo"), "--demo") as server:
        yield server.start("/readyz", within_s=400)


def shown_commands(word: str) -> list[str]:
    text = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for language, block in blocks if not language and block.startswith(word)]


def run_curl(command: str, demo: Server) -> dict:
    here = command.replace("http://127.0.0.1:8000", demo.url).replace("@var/", f"@{demo.home}/")
    return json.loads(subprocess.run(["sh", "-c", here], capture_output=True, check=True).stdout)


def test_the_row_that_is_shown_gets_the_answer_that_is_shown(demo):
    good, bad, _ = shown_commands("curl")
    answer = run_curl(good, demo)
    assert answer["task"] == "flights" and answer["prediction"] == 0
    assert answer["probabilities"]["1"] == pytest.approx(1 - answer["probabilities"]["0"], abs=1e-6)
    told = run_curl(bad, demo)
    assert told["status"] == 400
    assert {"where": "column carrier", "problem": "expected a string, got the number 3"} in told["errors"]
    assert any(fault["where"] == "column temp" and "NaN" in fault["problem"] for fault in told["errors"])


def test_the_picture_that_is_shown_and_the_printed_line_get_a_picture(demo):
    answer = run_curl(shown_commands("curl")[2], demo)
    printed, = re.findall(r"^curl .*-F 'image=@.*$", demo.log.read_text(), re.MULTILINE)
    for each in (answer, run_curl(printed, demo)):
        assert (each["task"], each["width"], each["height"]) == ("nuclei", 256, 256)
        assert each["summary"].keys() == {"background", "nucleus"}
        assert Image.open(io.BytesIO(base64.b64decode(each["image"]))).mode == "RGB", "an overlay"


def test_the_later_pictures_are_left_to_be_evaluated(demo):
    later = demo.home / "demo" / "nuclei" / "second_day.zip"
    body = web.post(f"{demo.url}/evaluate", files={"file": later.read_bytes()}, timeout=60).json()
    assert body["task"] == "nuclei" and body["count"] == 6
    assert body["metrics"]["iou"] > 0.8


def test_the_model_file_answers_alike_in_plain_onnxruntime(demo, tmp_path):
    row = json.loads(re.search(r"-d '(.*)'", shown_commands("curl")[0], re.DOTALL)[1])
    served = web.post(f"{demo.url}/forward", json=row).json()
    model = web.get(f"{demo.url}/experiments/1/artifacts/model.onnx")
    (tmp_path / "model.onnx").write_bytes(model.content)
    done = subprocess.run([sys.executable, "-c", PLAIN_RUNTIME, tmp_path / "model.onnx"], cwd=tmp_path,
                          input=json.dumps(row).encode(), capture_output=True, check=True)
    plain = json.loads(done.stdout)
    assert plain["ours"] == []
    assert plain["prediction"] == served["prediction"]
    assert plain["probabilities"] == list(served["probabilities"].values())


def test_the_model_says_where_it_comes_from(demo):
    metadata = web.get(f"{demo.url}/metadata?task=flights").json()
    assert metadata["task"] == "flights" and metadata["experiment_id"] == 1
    assert metadata["experiment_name"] == "flights-v1" and metadata["labels"] == [0, 1]
    assert metadata["metrics"]["test"]["auc"] > 0.74
    assert {"name": "carrier", "type": "tensor(string)"} in metadata["inputs"]
    assert {"name": "temp", "type": "tensor(float)"} in metadata["inputs"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="left out: there is no curl on this machine")
def test_the_loop_by_curl_alone(demo):
    done = subprocess.run([ROOT / "docs" / "loop.sh", demo.url, demo.home / "demo" / "flights"],
                          capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    history = web.get(f"{demo.url}/deployments?task=flights").json()["deployments"]
    # 2 is the first experiment of the nuclei.
    assert [(entry["experiment_id"], entry["reason"]) for entry in history] == [
        (1, "rollback"), (3, "deploy"), (1, "deploy")]
    versions = web.get(f"{demo.url}/metrics/3").json()
    assert versions["dataset_version"] == 2 and versions["status"] == "succeeded"


def test_a_second_start_trains_nothing_and_serves_what_was_deployed(demo):
    paths = [f"/metadata?task={task}" for task in ("flights", "nuclei")]
    before = [web.get(demo.url + path).json() for path in paths]
    assert demo.stop() == 0
    with Server(demo.home, "--demo") as again:
        again.start("/readyz")
        assert [web.get(again.url + path).json() for path in paths] == before
        counts = {task: len(web.get(f"{again.url}/experiments?task={task}").json()["experiments"])
                  for task in ("flights", "nuclei")}
        assert counts == {"flights": 2, "nuclei": 1}
        assert again.log.read_text().count("no model yet") == 2, "said by the first start alone, of each task"
