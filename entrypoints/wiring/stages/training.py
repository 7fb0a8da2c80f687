from __future__ import annotations

from dataclasses import dataclass

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.system.clock import SystemClock
from adapters.tensorboard.curve_writer import TensorboardCurveWriter
from application.ports.clock import Clock
from application.ports.curve_writer import CurveWriter
from application.ports.model_runner import ModelLoader
from application.ports.plot_writer import PlotWriter
from application.ports.table_files import TableFiles
from application.ports.trainer import Trainer
from application.ports.trainer_registry import TrainerRegistry
from entrypoints.settings import Settings
from entrypoints.wiring import trainers


@dataclass(frozen=True, slots=True)
class Training:
    files: TableFiles
    trainers: TrainerRegistry
    loader: ModelLoader
    plots: PlotWriter
    curves: CurveWriter
    clock: Clock
    commit_hash: str
    commit_reason: str

    def trainer(self, name: str) -> Trainer:
        """Raises: UnknownTrainer, TrainerUnusable."""
        return trainers.with_texts(self.trainers.get(name))


def wire(settings: Settings) -> Training:
    from adapters.matplotlib.plot_writer import MatplotlibPlotWriter

    loader = OnnxModelLoader(settings.inference_threads, settings.tile_threads)
    return Training(ParquetTableFiles(), trainers.registry(settings), loader, MatplotlibPlotWriter(),
                    TensorboardCurveWriter(), SystemClock(), settings.commit(), settings.commit_reason())
