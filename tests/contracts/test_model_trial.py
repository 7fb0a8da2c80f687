"""The contract of the port ModelTrial."""
from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.subprocess.model_trial import SubprocessModelTrial
from application.ports.model_runner import ModelCrashed, ModelLoader
from application.ports.model_trial import ModelTrial, TooSlow, TrialRun
from application.ports.model_wrapper import ModelSource
from application.ports.table_files import TableFiles
from application.serving import wanted
from domain.errors import InvalidInput
from domain.makers_answers import MakersAnswers
from domain.model_mapping import InputMapping, ModelMapping
from domain.parity import ParityBroken
from domain.splitting import part
from tests import foreign
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.model_trial import InProcessModelTrial
from tests.fakes.model_wrapper import LinearModelWrapper
from tests.fakes.table_files import InMemoryTableFiles

TASK = foreign.make_foreign_task(jobs=False)
ROWS = foreign.make_foreign_rows(TASK, 240)
MAPPING = ModelMapping(labels=TASK.labels)


@dataclass(frozen=True)
class Bench:
    trial: ModelTrial
    files: TableFiles
    loader: ModelLoader
    source: bytes
    folder: Path

    def run(self, content: bytes | None = None, mapping: ModelMapping = MAPPING, makers: MakersAnswers | None = None,
            folder: str = "trial"):
        path = self.folder / folder
        path.mkdir()
        parts = part(ROWS, TASK.split)
        for name in ("train", "valid", "test"):
            with self.files.create(path / f"{name}.parquet", TASK.schema.stored) as sink:
                sink.write(getattr(parts, name))
        return self.trial.run(TrialRun(
            TASK, ModelSource(self.source if content is None else content), mapping, path, makers))


def subprocess_trial(patience_s: float = 30, memory_mb: int = 4096) -> SubprocessModelTrial:
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return SubprocessModelTrial(
        ParquetTableFiles(), ["-m", "entrypoints.processes.try_model"], environment, patience_s, memory_mb << 20)


def in_process(folder: Path) -> Bench:
    files = InMemoryTableFiles()
    weights = {foreign.AGE: [0.0, 0.5], foreign.PAY: [0.0, -0.25]}
    return Bench(InProcessModelTrial(files, LinearModelWrapper(), LinearModelLoader()), files, LinearModelLoader(),
                 linear_model(TASK, weights), folder)


def in_a_process(folder: Path) -> Bench:
    return Bench(subprocess_trial(), ParquetTableFiles(), OnnxModelLoader(), foreign.tensor_model(), folder)


BENCHES: dict[str, Callable[[Path], Bench]] = {
    InProcessModelTrial.__name__: in_process, SubprocessModelTrial.__name__: in_a_process}


@pytest.fixture(params=BENCHES)
def bench(request, tmp_path) -> Bench:
    return BENCHES[request.param](tmp_path)


def answers(rows, change: float = 0.0) -> np.ndarray:
    second = foreign.sigmoid(foreign.expected_scores(rows)) + change
    return np.stack([1 - second, second], axis=1)


def test_a_model_that_passes(bench):
    rows = ROWS.without([foreign.LABEL])
    outcome = bench.run(makers=MakersAnswers(rows, answers(rows), None))
    assert set(outcome.metrics) == {"train", "valid", "test"}
    assert 0.5 < outcome.metrics["test"]["auc"] <= 1
    assert outcome.parity < 1e-6
    assert outcome.learned.parts["train"].rows > outcome.learned.parts["test"].rows > 0
    assert outcome.mapping.labels == TASK.labels
    assert {"plots/feature_importance.json", "plots/roc.json", "plots/confusion.json"} <= set(outcome.files)
    card = bench.loader.load(outcome.model).card
    assert {"probe", "reference", "categories"} <= set(card.metadata)


def test_one_that_answers_otherwise_than_its_maker(bench):
    rows = ROWS.without([foreign.LABEL])
    with pytest.raises(ParityBroken, match="on 240 of 240 rows"):
        bench.run(makers=MakersAnswers(rows, answers(rows, 0.01), None))


def test_what_is_wrong_with_the_file_comes_out_whole(bench):
    with pytest.raises(InvalidInput) as refused:
        bench.run(mapping=ModelMapping({"nowhere": InputMapping(("age",))}, labels=("no", "maybe")))
    assert [fault.where for fault in refused.value.faults] == ["inputs.nowhere", "labels"]


@pytest.mark.parametrize(("content", "patience_s", "memory_mb", "failure", "words"), [
    pytest.param(foreign.endless_model(), 1.5, 4096, TooSlow, "more than 1.5 s for one row", id="endless"),
    pytest.param(foreign.greedy_model(34), 30, 3072, ModelCrashed, "failed on 1 rows", id="greedy"),
    pytest.param(foreign.filled_model(34), 30, 3072, ModelCrashed, "more memory|failed on 1 rows", id="filled"),
    pytest.param(foreign.spinning_model(), 1.5, 4096, TooSlow, "more than 1.5 s to be read|for one row", id="spinning"),
])
def test_one_of_ill_will(tmp_path, content, patience_s, memory_mb, failure, words):
    bench = Bench(subprocess_trial(patience_s, memory_mb), ParquetTableFiles(), OnnxModelLoader(), content, tmp_path)
    with pytest.raises(failure, match=words):
        bench.run()


@pytest.mark.parametrize(("code", "words"), [
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal SIGSEGV"),
    ("raise SystemExit(3)", "exit code 3"), ("raise MemoryError", "more than the 100 MB")])
def test_a_process_that_dies(tmp_path, code, words):
    trial = SubprocessModelTrial(ParquetTableFiles(), ["-c", code], dict(os.environ), 30, 100 << 20)
    bench = Bench(trial, ParquetTableFiles(), OnnxModelLoader(), b"", tmp_path)
    with pytest.raises(ModelCrashed, match=words):
        bench.run()


def test_a_trial_that_never_ends(tmp_path):
    trial = SubprocessModelTrial(ParquetTableFiles(), ["-c", "import time; time.sleep(60)"], dict(os.environ), 0.1, 1)
    with pytest.raises(TooSlow, match="not done within 2 s, when it was given its time to begin"):
        Bench(trial, ParquetTableFiles(), OnnxModelLoader(), b"", tmp_path).run()


def test_a_trial_that_nobody_waits_for_is_ended(tmp_path):
    endless = SubprocessModelTrial(ParquetTableFiles(), ["-c", "import os, sys, threading; from pathlib import Path; "
                                   "Path(sys.argv[1], 'pid').write_text(str(os.getpid())); threading.Event().wait()"],
                                   os.environ, 30, 4096 << 20)
    bench, told = Bench(endless, ParquetTableFiles(), OnnxModelLoader(), foreign.tensor_model(), tmp_path), []
    pid = tmp_path / "trial" / "pid"

    def it_has_begun() -> bool:
        if not told and pid.exists() and (written := pid.read_text()):
            told.append(int(written))
        return bool(told)
    before = wanted.gone.set(it_has_begun)
    try:
        with pytest.raises(wanted.NobodyWaits):
            bench.run()
    finally:
        wanted.gone.reset(before)
    with pytest.raises(ProcessLookupError):
        os.kill(told[0], 0)
