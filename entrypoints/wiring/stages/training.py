from __future__ import annotations

from dataclasses import dataclass

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.system.clock import SystemClock
from application.decorators.trainer import TrainerByKind
from application.ports.clock import Clock
from application.ports.plot_writer import PlotWriter
from application.ports.table_files import TableFiles
from application.ports.trainer import Trainer
from application.use_cases.train_model import TrainModel
from domain.kinds.kind import Kind
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True)
class Training:
    files: TableFiles
    train: TrainModel
    plots: PlotWriter
    clock: Clock
    commit_hash: str
    commit_reason: str


def wire(settings: Settings) -> Training:
    from adapters.matplotlib.plot_writer import MatplotlibPlotWriter

    loader = OnnxModelLoader(settings.inference_threads, settings.tile_threads)
    return Training(ParquetTableFiles(), TrainModel(_trainer(settings), loader), MatplotlibPlotWriter(),
                    SystemClock(), settings.commit(), settings.commit_reason())


def _trainer(settings: Settings) -> Trainer:
    from adapters.catboost.pixels.trainer import CatboostPixelTrainer
    from adapters.catboost.trainer import CatboostTrainer

    return TrainerByKind({Kind.TABULAR: CatboostTrainer(settings.training_threads),
                          Kind.IMAGE: CatboostPixelTrainer(settings.training_threads)})
