"""`python -m entrypoints.processes.try_model FOLDER PARENT SECONDS BYTES`: a model that nobody knows, tried out.

What it may take is limited before it is opened, so that this process comes to harm and no other.
"""
from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from application.use_cases.extract_data import PARTS
from domain.arrays import Array
from domain.errors import ProgonError
from domain.makers_answers import MakersAnswers
from domain.report import importance_plot
from domain.splitting import Parts
from entrypoints.processes.parent import die_with_parent
from entrypoints.processes.run_experiment import NICENESS
from entrypoints.wiring import trying


def main(folder: Path, parent: int, patience_s: float, memory_bytes: int) -> None:
    """Leaves its outcome in the folder, a refusal too. Of one that was killed there is none."""
    die_with_parent(parent)
    os.nice(NICENESS)
    begin = _steps(folder, patience_s)
    begin("to begin")
    wired = trying.wire()
    run = wired.read(folder)
    parts = Parts(*(wired.files.read(folder / f"{name}.parquet", run.task.schema.stored) for name in PARTS))
    _limit(memory_bytes + _bytes_of_pictures(_columns(parts, run.makers)))
    try:
        tried = wired.try_model.execute(run.task, parts, run.source, run.mapping, run.makers, begin)
    except ProgonError as failure:
        wired.leave_failure(folder, failure)
        return
    begin("to be drawn")
    plots = wired.plots()
    for plot in [importance_plot(tried.importance), *tried.inference.plots]:
        plots.write(plot, folder / "plots")
    wired.leave(folder, tried)


def _steps(folder: Path, patience_s: float) -> Callable[[str], None]:
    """Given the words for a step, it begins: what takes more of a processor's time is ended by the kernel, also amid a
    library's loop. Time that others have taken from it does not count."""
    def begin(words: str) -> None:
        (folder / trying.PHASE).write_text(words, encoding="utf-8")
        signal.setitimer(signal.ITIMER_PROF, patience_s)
    return begin


def _columns(parts: Parts, makers: MakersAnswers | None) -> Iterator[Array]:
    """Of the task's data and of the check."""
    for table in (parts.train, parts.valid, parts.test, *([] if makers is None else [makers.rows])):
        yield from table.columns.values()
    if makers is not None and makers.labels is not None:
        yield makers.labels


def _bytes_of_pictures(columns: Iterable[Array]) -> int:
    """They lie in memory before the model is opened, and are none of its doing."""
    return sum(cell.nbytes for column in columns if column.dtype == object
               for cell in column if isinstance(cell, np.ndarray))


def _limit(memory_bytes: int) -> None:
    """Of addresses, what is in use already among them; a crash leaves no picture of the memory behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
