from __future__ import annotations

from collections.abc import Iterable, Iterator

from application.observed.recorder import Recorder
from application.observed.request import ObservedRequest, current_request, meant_for
from application.use_cases.forward_batch import BatchAnswer, BatchPart, ForwardBatch
from domain.rows import Rows


class ObservedForwardBatch:
    """ForwardBatch, its answers to requests kept before the last of their parts is given."""

    def __init__(self, forward_batch: ForwardBatch, recorder: Recorder) -> None:
        self._forward_batch, self._recorder = forward_batch, recorder

    def execute(self, task_name: str, chunks: Iterable[Rows]) -> BatchAnswer:
        request = current_request.get()
        if request is None:
            return self._forward_batch.execute(task_name, chunks)
        with meant_for(request, task_name):
            answer = self._forward_batch.execute(task_name, chunks)
        return BatchAnswer(answer.served, self._kept(request, answer))

    def _kept(self, request: ObservedRequest, answer: BatchAnswer) -> Iterator[BatchPart]:
        with self._recorder.batch(request, self._recorder.timer()) as keep:
            for part in answer.parts:
                keep(answer.served, part.inputs, part.predictions)
                yield part
