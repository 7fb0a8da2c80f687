from __future__ import annotations

from dataclasses import dataclass

from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pillow.picture_codec import PillowPictureCodec
from adapters.pyarrow.table_files import ParquetTableFiles
from adapters.tensorboard.sheet_writer import TensorboardSheetWriter
from application.ports.model_runner import ModelLoader
from application.ports.plot_writer import PlotWriter
from application.ports.sheet_writer import SheetWriter
from application.ports.table_files import TableFiles
from entrypoints.settings import Settings


@dataclass(frozen=True, slots=True)
class Judging:
    """contact_sheets: for eyes. event_sheets: for TensorBoard."""

    files: TableFiles
    loader: ModelLoader
    plots: PlotWriter
    contact_sheets: SheetWriter
    event_sheets: SheetWriter


def wire(settings: Settings) -> Judging:
    from adapters.matplotlib.plot_writer import MatplotlibPlotWriter
    from adapters.matplotlib.sheet_writer import MatplotlibSheetWriter

    return Judging(
        ParquetTableFiles(), OnnxModelLoader(settings.inference_threads, settings.tile_threads),
        MatplotlibPlotWriter(), MatplotlibSheetWriter(), TensorboardSheetWriter(PillowPictureCodec()))
