"""The three stages in this process, over other fakes."""
from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import perf_counter

from application.ports.feature_store import FeatureStore
from application.ports.model_runner import ModelLoader
from application.ports.pipeline_runner import (
    LOG,
    OnProgress,
    PipelineCancelled,
    PipelineFailed,
    PipelineOutcome,
    PipelineRun,
    PipelineRunner,
)
from application.ports.serving_models import ServedModel
from application.ports.trainer import Trainer
from application.serving.single_model import SingleModel
from application.training.known_trainers import checked
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.extract_data import PARTS, ExtractData
from application.use_cases.inference_model import InferenceModel
from application.use_cases.train_model import TrainModel
from domain.errors import ProgonError
from domain.experiment import Metrics, Progress
from domain.learned import Learned
from domain.splitting import Parts
from domain.task_document import to_document
from tests.fakes.plot_writer import TitlePlotWriter
from tests.fakes.table_files import InMemoryTableFiles

STAGES = ("extract_data", "train_model", "inference_model")


class InProcessPipelineRunner(PipelineRunner):
    def __init__(self, folder: Path, store: FeatureStore, trainer: Trainer, loader: ModelLoader) -> None:
        self._folder, self._store, self._trainer, self._loader = folder, store, trainer, loader
        self._numbers = count()
        self._cache: dict[str, tuple[bytes, Metrics, Learned, Path]] = {}

    def run(self, run: PipelineRun, on_progress: OnProgress) -> PipelineOutcome:
        key = json.dumps([run.task.name, to_document(run.task), run.data.fingerprint])
        from_cache, say = key in self._cache, self._log_of(run.experiment_id)
        if from_cache:
            say(*STAGES)
        else:
            self._cache[key] = self._compute(run, self._folder / "cache" / str(next(self._numbers)), on_progress, say)
        model, metrics, learned, made = self._cache[key]
        workspace = shutil.copytree(made, self._folder / str(run.experiment_id), dirs_exist_ok=True)
        files = {path.relative_to(workspace).as_posix(): path for path in workspace.rglob("*") if path.is_file()}
        return PipelineOutcome(model, metrics, files, from_cache, learned)

    def read_log(self, experiment_id: int, offset: int = 0) -> bytes:
        log = self._folder / str(experiment_id) / LOG
        return log.read_bytes()[offset:] if log.exists() else b""

    def forget(self, task_name: str) -> None:
        self._cache = {key: made for key, made in self._cache.items() if json.loads(key)[0] != task_name}

    def release(self, experiment_id: int) -> None:
        shutil.rmtree(self._folder / str(experiment_id), ignore_errors=True)

    def _log_of(self, experiment_id: int) -> Callable[..., None]:
        """Takes the lines that the run says."""
        log = self._folder / str(experiment_id) / LOG
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

        def say(*lines: str) -> None:
            with log.open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        return say

    def _compute(self, run: PipelineRun, folder: Path, on_progress: OnProgress,
                 say: Callable[..., None]) -> tuple[bytes, Metrics, Learned, Path]:
        def tell(iteration: int, iterations: int, loss: float) -> None:
            progress = Progress(iteration / iterations, "train_model", iteration, iterations, loss)
            if not on_progress(progress):
                raise PipelineCancelled("the run was cancelled")

        try:
            return *self._stages(run, folder, tell, say), folder
        except PipelineCancelled:
            raise
        except ProgonError as failure:
            said = [failure.detail, *(f"{fault.where}: {fault.problem}" for fault in getattr(failure, "faults", ()))]
            say(*(f"error: {line}" for line in said))
            raise PipelineFailed("\n".join(said)) from failure

    def _stages(self, run: PipelineRun, folder: Path, tell: Callable[[int, int, float], None],
                say: Callable[..., None]) -> tuple[bytes, Metrics, Learned]:
        task, files = run.task, InMemoryTableFiles()
        say("extract_data")
        ExtractData(self._store, files).execute(task, run.data.version, folder, run.data.fingerprint)
        parts = Parts(*(files.read(folder / f"{name}.parquet", task.schema.stored) for name in PARTS))
        say("train_model")
        task = replace(task, training=checked(self._trainer.describe(), task, parts.n_rows))
        training = TrainModel(self._trainer, self._loader).execute(task, parts, folder / "tensorboard", tell)
        say("inference_model")
        served = ServedModel(task, 0, 0, self._loader.load(training.model))
        inference = InferenceModel(AnswerRows(SingleModel(served), perf_counter)).execute(task, parts.test)
        for plot in [*training.plots, *inference.plots]:
            TitlePlotWriter().write(plot, folder / "plots")
        return training.model, dict(training.metrics) | {"test": dict(inference.metrics)}, training.learned
