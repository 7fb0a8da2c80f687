"""Long work done on the spot, for a command that waits for it anyway."""
from __future__ import annotations

from application.ports.executor import Executor
from application.use_cases.run_experiment import RunExperiment


class InlineExecutor(Executor):
    """`submit` returns when the experiment has ended."""

    def __init__(self, run_experiment: RunExperiment) -> None:
        self._run_experiment = run_experiment

    def submit(self, experiment_id: int) -> None:
        self._run_experiment.execute(experiment_id)

    def close(self) -> None:
        """Nothing is left to do."""
