"""The pipeline as `dvc repro` in a workspace of its own for each experiment, over one cache for each task.

DVC has no function to run, watch or stop a pipeline from within a program; so it is a process of its own, in its own
process group, and our stages write their progress to a file. The repository's lock waits 3 s and is not made for
threads, which is why no two experiments share a workspace.
"""
from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import BinaryIO

import yaml

from adapters.dvc.progress_report import ProgressReader
from adapters.dvc.stages import write_stages
from application.ports.pipeline_runner import (
    LOG,
    OnProgress,
    PipelineCancelled,
    PipelineFailed,
    PipelineOutcome,
    PipelineRun,
    PipelineRunner,
)
from domain import task_document
from domain.full_disk import is_full, says_full
from domain.learned import Learned

# The model to judge by, of a training whose own model has learned from the held-out rows.
JUDGED = "judged.onnx"
LEARNED = "learned.json"
BEAT_S, ROOM_S = 0.5, 0.1
STOP_PATIENCE_S = 3.0
_LOG_TAIL_BYTES = 4_000
# With less than that no stage gets anywhere.
_LEAST_BYTES = 1 << 20
# The run's processes end with whoever watches it, however that one dies: it holds the other end of their standard
# input, and when the kernel closes that, the group is killed. (PR_SET_PDEATHSIG would reach dvc, not the stages below.)
_LIFELINE = [
    "sh", "-c", 'exec 3<&0 </dev/null; (read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-; exec "$@"', "sh"]
_TRAINED = "Running stage 'train_model'"
_CONFIG = """[core]
    no_scm = true
    analytics = false
    check_update = false
[cache]
    dir = {cache}
    type = "reflink,hardlink,copy"
"""


class DvcPipelineRunner(PipelineRunner):
    """home: workspaces and the cache lie there. definition: the dvc.yaml whose stages are run, beside their code.
    identify: of a trainer's name, by what its code differs from another; it is among the parameters of the training, so
    that no model is handed out that another code has made. Raises: ProgonError."""

    def __init__(self, home: Path, definition: Path, environment: Mapping[str, str],
                 identify: Callable[[str], Mapping[str, str]]) -> None:
        self._identify = identify
        self._home = home.resolve()
        self._workspaces = home / "workspaces"
        self._definition, self._environment = definition.resolve(), dict(environment)

    def run(self, run: PipelineRun, on_progress: OnProgress) -> PipelineOutcome:
        try:
            return self._run(run, on_progress)
        except OSError as failure:
            if not is_full(failure):
                raise
            raise PipelineFailed(_full(failure.strerror or "")) from failure

    def _run(self, run: PipelineRun, on_progress: OnProgress) -> PipelineOutcome:
        workspace = self._prepare(run)
        progress, room = ProgressReader(workspace / "progress.jsonl"), _Room(workspace)
        with (workspace / LOG).open("wb") as log, self._start(workspace, log) as process:
            try:
                _watch(process, progress, room, on_progress)
            finally:
                _kill_group(process)
        output = (workspace / LOG).read_text(encoding="utf-8", errors="replace")
        if process.returncode != 0:
            raise PipelineFailed(_reason(output, process.returncode, room.least_bytes()))
        return _outcome(workspace, from_cache=_TRAINED not in output)

    def read_log(self, experiment_id: int, offset: int = 0) -> bytes:
        try:
            with (self._workspace(experiment_id) / LOG).open("rb") as log:
                log.seek(offset)
                text = log.read()
        except FileNotFoundError:
            return b""
        return text[:text.rfind(b"\n") + 1]

    def forget(self, task_name: str) -> None:
        shutil.rmtree(self._cache_of(task_name), ignore_errors=True)

    def release(self, experiment_id: int) -> None:
        shutil.rmtree(self._workspace(experiment_id), ignore_errors=True)

    def _workspace(self, experiment_id: int) -> Path:
        return (self._workspaces / str(experiment_id)).resolve()

    def _cache_of(self, task_name: str) -> Path:
        """One for each task: no two share a training, and one goes with its task."""
        return (self._home / "dvc-cache" / "tasks" / task_name).resolve()

    def _prepare(self, run: PipelineRun) -> Path:
        workspace = self._workspace(run.experiment_id)
        shutil.rmtree(workspace, ignore_errors=True)
        (workspace / ".dvc").mkdir(parents=True)
        cache = self._cache_of(run.task.name)
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        (workspace / ".dvc" / "config").write_text(_CONFIG.format(cache=cache), encoding="utf-8")
        write_stages(self._definition, workspace)
        _write_yaml(workspace / "task.yaml", _pipeline_task(run))
        _write_yaml(workspace / "params.yaml", {
            "task_file": "task.yaml",
            "dataset": {"version": run.data.version, "fingerprint": run.data.fingerprint},
            "training": run.task.training.as_dict(), "trainer": dict(self._identify(run.task.training.trainer)),
        })
        return workspace

    def _start(self, workspace: Path, log: BinaryIO) -> subprocess.Popen[bytes]:
        environment = self._environment | _somebody(self._environment, self._home) | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), self._environment.get("PATH", os.defpath)]),
            "PROGON_PROGRESS_FILE": str(workspace / "progress.jsonl"),
            "DVC_NO_ANALYTICS": "1",
            # What DVC would leave in /var for each workspace goes with the workspace.
            "DVC_SITE_CACHE_DIR": str(workspace / ".dvc" / "site"),
            "PYTHONUNBUFFERED": "1",
        }
        return subprocess.Popen(
            [*_LIFELINE, sys.executable, "-m", "dvc", "repro"], cwd=workspace, env=environment, stdin=subprocess.PIPE,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True)


def _somebody(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """A name and a folder for a user who has none, as where each project runs under a number of its own: DVC asks for
    the name, and libraries for a home that they can write to."""
    named = {} if _has_a_name(environment) else {"LOGNAME": f"uid{os.getuid()}"}
    own = environment.get("HOME") or os.path.expanduser("~")
    return named if os.access(own, os.W_OK | os.X_OK) else named | {"HOME": str(home)}


def _has_a_name(environment: Mapping[str, str]) -> bool:
    if any(environment.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME")):
        return True
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True


def _pipeline_task(run: PipelineRun) -> dict[str, object]:
    """The task as its stages see it. Its parameters stand in params.yaml alone, so that a change of one of them does
    not count as a change of the task, and the data is not extracted anew."""
    document = task_document.to_document(replace(run.task, demo=None))
    del document["training"]
    return document


class _Room:
    """What was free on the disk of a folder when it was least: whoever fails for want of room leaves some behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._least = self._free()

    def least_bytes(self) -> int:
        self._least = min(self._least, self._free())
        return self._least

    def _free(self) -> int:
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize


def _watch(process: subprocess.Popen[bytes], progress: ProgressReader, room: _Room, on_progress: OnProgress) -> None:
    looks = round(BEAT_S / ROOM_S)
    for look in count(1):
        # Between beats too: a stage that fails for want of room ends at once, and others may make some.
        room.least_bytes()
        try:
            process.wait(ROOM_S)
            return
        except subprocess.TimeoutExpired:
            if look % looks == 0 and not on_progress(progress.read()):
                raise PipelineCancelled("the run was cancelled") from None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends what is left of the run, stages included: politely, then not."""
    for number, patience_s in ((signal.SIGTERM, STOP_PATIENCE_S), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def _full(said: str) -> str:
    return f"the disk of PROGON_HOME has no room for the training: {said}"


def _reason(output: str, code: int, least_bytes: int) -> str:
    """What a person should read first: that the disk was full, and what came of it."""
    said = _said(output, code)
    full = least_bytes < _LEAST_BYTES or says_full(output[-_LOG_TAIL_BYTES:])
    return _full(f"{least_bytes >> 10} kB were free at its least; {said}") if full else said


def _said(output: str, code: int) -> str:
    """The error our stage printed, else the end of the log."""
    lines = [line.strip() for line in output[-_LOG_TAIL_BYTES:].splitlines() if line.strip()]
    told = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if told:
        return "\n".join(told)
    return "\n".join(lines[-5:]) or f"dvc ended with {code} and said nothing"


def _outcome(workspace: Path, from_cache: bool) -> PipelineOutcome:
    metrics: dict[str, dict[str, float]] = {}
    for path in ("model/metrics.json", "report/metrics.json"):
        metrics |= json.loads((workspace / path).read_text(encoding="utf-8"))
    kept = [path for folder in ("model", "report") for path in sorted((workspace / folder).rglob("*"))
            if path.is_file() and path.name not in ("model.onnx", "metrics.json", LEARNED, ".gitignore")]
    kept = [path for path in kept if path.name != JUDGED or _differs(path, path.with_name("model.onnx"))]
    kept += [workspace / name for name in ("dvc.lock", "params.yaml", "task.yaml", LOG, "progress.jsonl")]
    files = {_artifact_path(workspace, path): path for path in kept if path.is_file()}
    learned = Learned.from_plain(json.loads((workspace / "model" / LEARNED).read_text(encoding="utf-8")))
    return PipelineOutcome((workspace / "model/model.onnx").read_bytes(), metrics, files, from_cache, learned)


def _differs(first: Path, second: Path) -> bool:
    return first.read_bytes() != second.read_bytes()


def _artifact_path(workspace: Path, path: Path) -> str:
    """model/plots/x.svg and report/plots/y.svg both become plots/..., as one looks for them."""
    parts = path.relative_to(workspace).parts
    return "/".join(parts[1:] if parts[0] in ("model", "report") else parts)


def _write_yaml(path: Path, document: object) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
