from __future__ import annotations

from collections.abc import Iterable

from application.observed.recorder import Recorder
from application.observed.request import current_request, meant_for
from application.use_cases.evaluate import Evaluate, Evaluation, Show
from domain.rows import Rows


class ObservedEvaluate:
    """Evaluate, its answers to requests kept with their labels."""

    def __init__(self, evaluate: Evaluate, recorder: Recorder) -> None:
        self._evaluate, self._recorder = evaluate, recorder

    def execute(self, task_name: str, chunks: Iterable[Rows], show: Show = lambda *_: None) -> Evaluation:
        request = current_request.get()
        if request is None:
            return self._evaluate.execute(task_name, chunks, show)
        with meant_for(request, task_name), self._recorder.batch(request, self._recorder.timer()) as keep:
            def keep_and_show(*part) -> None:
                keep(*part)
                show(*part)
            return self._evaluate.execute(task_name, chunks, keep_and_show)
