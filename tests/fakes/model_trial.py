"""Trials in this process, which trusts what it is given."""
from __future__ import annotations

from time import perf_counter

from application.ports.model_runner import ModelLoader
from application.ports.model_trial import ModelTrial, TrialOutcome, TrialRun
from application.ports.model_wrapper import ModelWrapper
from application.ports.table_files import TableFiles
from application.use_cases.extract_data import PARTS
from application.use_cases.try_model import TryModel
from domain.report import importance_plot
from domain.splitting import Parts
from tests.fakes.plot_writer import TitlePlotWriter


class InProcessModelTrial(ModelTrial):
    def __init__(self, files: TableFiles, wrapper: ModelWrapper, loader: ModelLoader) -> None:
        self._files, self._try_model = files, TryModel(wrapper, loader, perf_counter)

    def run(self, run: TrialRun) -> TrialOutcome:
        parts = Parts(*(self._files.read(run.folder / f"{name}.parquet", run.task.schema.stored) for name in PARTS))
        tried = self._try_model.execute(run.task, parts, run.source, run.mapping, run.makers)
        for plot in [importance_plot(tried.importance), *tried.inference.plots]:
            TitlePlotWriter().write(plot, run.folder / "plots")
        wrapped = tried.wrapped
        files = {f"plots/{path.name}": path for path in sorted((run.folder / "plots").iterdir())}
        return TrialOutcome(wrapped.model, tried.metrics, wrapped.mapping, wrapped.notes, wrapped.producer,
                            tried.parity, files, tried.learned)
