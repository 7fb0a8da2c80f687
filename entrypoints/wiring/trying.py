"""What a trial of a model is made of, in the process that it has for itself."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from adapters.files.plot_writer import FilesPlotWriter
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.onnx.model_wrapper import OnnxModelWrapper
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.subprocess import trial_files
from application.ports.model_trial import TrialRun
from application.ports.plot_writer import PlotWriter
from application.ports.table_files import TableFiles
from application.use_cases.try_model import TriedModel, TryModel
from domain.errors import ProgonError

PHASE = trial_files.PHASE


@dataclass(frozen=True, slots=True)
class Trying:
    """plots: made when it is asked for, as not every trial comes so far."""

    files: TableFiles
    plots: Callable[[], PlotWriter]
    try_model: TryModel

    def read(self, folder: Path) -> TrialRun:
        return trial_files.read_run(folder, self.files)

    def leave(self, folder: Path, tried: TriedModel) -> None:
        trial_files.write_outcome(folder, tried)

    def leave_failure(self, folder: Path, failure: ProgonError) -> None:
        trial_files.write_failure(folder, failure)


def wire() -> Trying:
    loader = OnnxModelLoader()
    return Trying(ParquetTableFiles(), plot_writer, TryModel(OnnxModelWrapper(), loader, perf_counter))


def plot_writer() -> PlotWriter:
    try:
        from adapters.matplotlib.plot_writer import MatplotlibPlotWriter
    except ModuleNotFoundError:  # the extra train is not installed
        return FilesPlotWriter()
    return MatplotlibPlotWriter()
