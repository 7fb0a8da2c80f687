"""`python -m benchmarks`: what it lists, what it runs, and what it tells of a failure."""
from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import psutil
import pytest

from benchmarks import __main__ as command
from benchmarks import endurance, load
from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.headline import Headline, table
from benchmarks.own_process import in_own_process

ROOT = Path(command.__file__).parents[1]
FOLDER = ROOT / "benchmarks"
MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")}
# The command itself, and the server that is started by its peer's own command.
RUNNABLE = {name for name, tree in MODULES.items() if name != "__main__" and any(
    isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True)


def test_every_module_that_can_be_run_is_listed_and_no_other() -> None:
    assert RUNNABLE == set(BENCHMARKS)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_says_what_it_is_and_a_benchmark_by_which_command(name: str) -> None:
    told = ast.get_docstring(MODULES[name])
    assert told
    assert name not in RUNNABLE or f"python -m benchmarks.{name}" in told


def test_every_module_is_a_benchmark_or_used_by_one() -> None:
    texts = "".join((FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in MODULES)
    unused = [name for name in MODULES.keys() - RUNNABLE - {"__main__"}
              if f"benchmarks.{name}" not in texts and f"from benchmarks import {name}" not in texts]
    assert unused == []


def test_the_list_has_each_with_its_time_and_needs() -> None:
    listed = run("--list")
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    for one in BENCHMARKS.values():
        assert [line for line in lines if line.split()[:2] == [one.name, f"{one.minutes:g}"] and one.shows in line]
        assert not one.needs or any(line.strip() == f"needs {one.needs}" for line in lines)


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    asked = run("nobody")
    assert asked.returncode == 2 and "there is no benchmark nobody" in asked.stderr and "trees" in asked.stderr


def test_without_names_those_run_that_need_nothing() -> None:
    names = [one.name for one in command.plan([]).benchmarks]
    assert "forward" in names and "nuclei" not in names
    assert names == [name for name, one in BENCHMARKS.items() if not one.needs]


def test_arguments_go_to_the_one_that_is_named() -> None:
    plan = command.plan(["nuclei", "--folder", "trees"])
    assert [one.name for one in plan.benchmarks] == ["nuclei"] and plan.arguments == ["--folder", "trees"]
    with pytest.raises(command.WrongUsage, match="--folder is no benchmark.*nuclei, trees"):
        command.plan(["nuclei", "trees", "--folder"])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Benchmarks of one line each; a process of their own finds them as this one does."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(Benchmark, "module", property(lambda self: f"made_{self.name}"))

    def make(name: str, body: str) -> Benchmark:
        (tmp_path / f"made_{name}.py").write_text(
            f"import sys\nfrom benchmarks.headline import Headline\ndef main():\n    {body}\n", encoding="utf-8")
        return Benchmark(name, "what it shows", 1)
    return make


def test_a_benchmark_runs_apart_with_its_arguments_and_returns_its_figures(made) -> None:
    one = made("good", "return [Headline(sys.argv[1], 's', 1.0, 'theirs', 3.0)]")
    assert in_own_process(one, ["ours"]) == (0, [Headline("ours", "s", 1.0, "theirs", 3.0)])


def test_a_failure_is_told_and_the_others_run(made, capfd: pytest.CaptureFixture[str]) -> None:
    plan = command.Plan([made("broken", "raise SystemExit('no such folder')"), made("silent", "pass"),
                         made("good", "return [Headline('time', 's', 1.0, 'theirs', 3.0)]")])
    assert command.run(plan) == 1
    told = capfd.readouterr()
    assert "no such folder" in told.err and "failed: broken" in told.err
    assert "broken: FAILED, exit code 1" in told.out and "silent: done" in told.out and "3.00x" in told.out


def test_the_table_says_how_many_times_better_ours_is() -> None:
    faster = Headline("time", "ms", 2.0, "theirs", 6.0)
    more = Headline("rate", "rows/s", 1500.0, "theirs", 3000.0, more_is_better=True)
    assert (faster.times_better, more.times_better) == (3.0, 0.5)
    lines = table([("one", faster), ("other", more)]).splitlines()
    assert lines[1].split() == ["one", "time", "2", "6", "ms", "3.00x", "theirs"]
    assert lines[2].split() == ["other", "rate", "1,500", "3,000", "rows/s", "0.50x", "theirs"]


class Echo(BaseHTTPRequestHandler):
    """Answers what it was sent, and 400 to `wrong`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body)
        self.send_response(400 if body == b"wrong" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("wrk", [None, pytest.param(load.WRK, marks=pytest.mark.skipif(not load.WRK, reason="no wrk"))])
def test_the_load_is_counted_as_the_server_saw_it(echo, wrk: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WRK", wrk)
    rate = load.requests_a_second(echo.server_port, "/forward", [b'{"row": 1}', b'{"row": 2}'], clients=2, seconds=1)
    assert set(echo.seen) == {b'{"row": 1}', b'{"row": 2}'}
    assert rate == pytest.approx(len(echo.seen), rel=0.3, abs=4)


@pytest.mark.parametrize("wrk", [None, pytest.param(load.WRK, marks=pytest.mark.skipif(not load.WRK, reason="no wrk"))])
def test_an_answer_that_is_no_200_ends_the_benchmark(echo, wrk: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WRK", wrk)
    with pytest.raises(SystemExit, match="400|failed"):
        load.requests_a_second(echo.server_port, "/forward", [b"right", b"wrong"], clients=2, seconds=1)


# Says which process it is, starts the first of OTHERS with the rest of them, and waits until it is told to end.
_WAITING = """
import os, subprocess, sys
print(os.getpid(), sys.argv[1], flush=True)
if others := os.environ["OTHERS"].split():
    subprocess.Popen([sys.executable, "-c", os.environ["CODE"], others[0]],
                     env={**os.environ, "OTHERS": " ".join(others[1:])})
sys.stdin.read()
"""


def test_what_a_training_starts_is_none_of_the_processes_that_last() -> None:
    others = ["engine", endurance.TRAINING, "stage"]
    with subprocess.Popen([sys.executable, "-c", _WAITING, "service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env={**os.environ, "CODE": _WAITING, "OTHERS": " ".join(others)}, text=True) as process:
        pids = dict(reversed(process.stdout.readline().split()) for _ in ("service", *others))
        lasting = [each.pid for each in endurance.lasting(psutil.Process(process.pid))]
        process.stdin.close()
    assert lasting == [int(pids["service"]), int(pids["engine"])]


def test_what_fails_beside_the_load_ends_a_benchmark_of_endurance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "under_load", lambda *_: load.Load(1.0, 1.0, 1.0))
    server = SimpleNamespace(port=1, url="http://127.0.0.1:1", process=SimpleNamespace(pid=os.getpid()))
    with pytest.raises(httpx.ConnectError):
        endurance.endure(server, seconds=600, pause_s=0)
