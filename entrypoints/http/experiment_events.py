"""An experiment as a stream of events, told from its record: any process that answers requests can tell it."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import msgspec
from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.experiment_log import ExperimentLog
from application.ports.pipeline_runner import PipelineRunner
from application.training.kept_log import log_path
from domain.errors import Busy
from domain.experiment import Experiment, Status
from entrypoints.answers.answer import Answer
from entrypoints.answers.experiments import ExperimentAnswer, LogLineAnswer, LossAnswer, ProgressAnswer
from entrypoints.http.draining import Draining

POLL_S = 0.25


async def follow(story: Story, experiment: Experiment, draining: Draining) -> AsyncIterator[ServerSentEvent]:
    """What is new about it, until it has ended or this process is to end. A client that comes again is told where
    things stand, so it need not say what it has heard."""
    for event in await run_in_threadpool(story.begin, experiment):
        yield event
    while not story.ended and not draining.begun:
        await asyncio.sleep(POLL_S)
        for event in await run_in_threadpool(story.go_on, experiment.id):
            yield event


class Story:
    """What one client has been told so far."""

    def __init__(self, record: ExperimentLog, pipeline: PipelineRunner, artifacts: ArtifactStore) -> None:
        self._record, self._pipeline, self._artifacts = record, pipeline, artifacts
        self._told: Experiment | None = None
        self._log_bytes = 0
        self.ended = False

    def begin(self, experiment: Experiment) -> list[ServerSentEvent]:
        return list(self._news(experiment))

    def go_on(self, experiment_id: int) -> list[ServerSentEvent]:
        try:
            return list(self._news(self._record.get(experiment_id)))
        except Busy:  # the database is away: there is no news until it is back
            return []

    def _news(self, now: Experiment) -> Iterator[ServerSentEvent]:
        told, self._told = self._told, now
        if told is None or (told.status, told.progress) != (now.status, now.progress):
            yield _event("progress", ProgressAnswer.of(now))
        if now.progress.loss is not None and (told is None or told.progress != now.progress):
            yield _event("metric", LossAnswer(now.progress.iteration, now.progress.loss))
        for line in self._new_lines(now, whole=told is not None):
            yield _event("log", LogLineAnswer(line))
        if now.status.is_final:
            self.ended = True
            yield _event("done", ExperimentAnswer.of(now))

    def _new_lines(self, now: Experiment, whole: bool) -> list[str]:
        """whole: also what was said last, which is an artifact by now; who comes after the end finds it there."""
        text = b""
        if now.status is Status.RUNNING:
            text = self._pipeline.read_log(now.id, self._log_bytes)
        elif now.status.is_final and whole:
            text = self._published_log(now.id)[self._log_bytes:]
        self._log_bytes += len(text)
        return text.decode("utf-8", "replace").splitlines()

    def _published_log(self, experiment_id: int) -> bytes:
        try:
            return self._artifacts.read(log_path(experiment_id))
        except UnknownArtifact:
            return b""


def _event(name: str, body: Answer) -> ServerSentEvent:
    return ServerSentEvent(event=name, raw_data=msgspec.json.encode(body).decode())
