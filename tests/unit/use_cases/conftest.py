"""A whole world of fakes, wired as the container wires the real things."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.catboost.card import CARD
from application.serving.model_registry import ModelRegistry
from application.training.known_trainers import KnownTrainers
from application.use_cases.run_experiment import RunExperiment
from domain.task import Task
from tests.builders import make_table, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.model_runner import LinearModelLoader
from tests.fakes.pipeline_runner import InProcessPipelineRunner
from tests.fakes.run_marks import InMemoryRunMarks
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.trainer import LinearTrainer
from tests.fakes.trainer_cards import InMemoryTrainerCards


@dataclass
class World:
    folder: Path
    task: Task = field(default_factory=make_task)
    clock: FixedClock = field(default_factory=FixedClock)
    tasks: InMemoryTaskCatalog = field(default_factory=InMemoryTaskCatalog)
    log: InMemoryExperimentLog = field(default_factory=InMemoryExperimentLog)
    artifacts: InMemoryArtifactStore = field(default_factory=InMemoryArtifactStore)
    deployments: InMemoryDeploymentLog = field(default_factory=InMemoryDeploymentLog)
    marks: InMemoryRunMarks = field(default_factory=InMemoryRunMarks)
    loader: LinearModelLoader = field(default_factory=LinearModelLoader)

    def __post_init__(self) -> None:
        self.store = InMemoryFeatureStore(self.clock)
        self.known_trainers = KnownTrainers([CARD], InMemoryTrainerCards(), self.clock)
        self.pipeline = InProcessPipelineRunner(self.folder, self.store, LinearTrainer(), self.loader)
        self.run_experiment = RunExperiment(
            self.tasks, self.store, self.log, self.pipeline, self.loader, self.artifacts, self.clock, self.marks)
        self.models = ModelRegistry(self.deployments, self.tasks, self.artifacts, self.loader, self.clock)

    def with_data(self, rows: int = 240) -> World:
        self.tasks.add(self.task)
        self.store.append(self.task, [make_table(self.task, rows)])
        return self


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)
