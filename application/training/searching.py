"""Several settings tried one after the other, as a part of the experiment that asked for them."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.pipeline_runner import OnProgress, PipelineCancelled
from application.ports.run_marks import RunMarks
from domain.errors import ExperimentFailed
from domain.experiment import Experiment, Progress, Status
from domain.search import Search, Settings, Trial

STAGE = "search"
# What is left to do once all are tried: the best one is taken out of the cache and published again.
_SHARE_OF_TRIALS = 0.97
_NAME_CHARS = 180
# Carries a running experiment to its end; it goes on while what it tells of its progress is answered with True.
CarryOut = Callable[[Experiment, OnProgress], Experiment]


class NoneSucceeded(ExperimentFailed):
    """Each of the settings failed; says why the first did."""

    code = "no_trial_succeeded"


class Searching:
    """Trials are experiments like any other: seen, compared, deployed. One that fails or is cancelled by itself is
    passed over; with the experiment that searches they are cancelled all. What runs when the time is over is ended,
    but not the first."""

    def __init__(self, log: ExperimentLog, marks: RunMarks, clock: Clock) -> None:
        self._log, self._marks, self._clock = log, marks, clock

    def run(self, parent: Experiment, carry_out: CarryOut) -> Experiment:
        """Returns: the experiment with the parameters of its best trial. Raises: PipelineCancelled, NoneSucceeded."""
        assert parent.search is not None, "it searches"
        for settings in parent.search.plan:
            if self._is_late(parent):
                break
            parent = self._keep(parent, self._try(parent, settings, carry_out))
            if parent.cancel_requested:
                raise PipelineCancelled("the search was cancelled")
        return self._settled(parent)

    def _try(self, parent: Experiment, settings: Settings, carry_out: CarryOut) -> Trial:
        search, now = _search_of(parent), self._clock.now()
        # It never waits in a queue: whoever looks for what is queued would run it once more.
        trial = self._log.add(Experiment(
            0, parent.task, f"{parent.name[:_NAME_CHARS]}, trial {len(search.tried) + 1}", parent.dataset_version,
            parent.commit_hash, now, {**parent.params, **settings}, Status.RUNNING, started_at=now, heartbeat_at=now,
            schema_version=parent.schema_version, parent=parent.id))
        with self._marks.hold(trial.id):
            ended = carry_out(trial, lambda progress: self._beat(parent, progress))
        value = ended.metrics.get("valid", _NONE).get(search.by, math.nan)
        return Trial(ended.id, settings, str(ended.status), value if math.isfinite(value) else None)

    def _beat(self, parent: Experiment, of_trial: Progress) -> bool:
        search = _search_of(parent)
        done, trials = len(search.tried), len(search.plan)
        share = max((done + of_trial.share) / trials, self._share_of_time(parent))
        progress = Progress(_SHARE_OF_TRIALS * share, STAGE, done + 1, trials)
        running = self._log.update(parent.id, lambda running: running.beat(self._clock.now(), progress))
        return not running.cancel_requested and not self._is_late(parent)

    def _is_late(self, parent: Experiment) -> bool:
        return len(_search_of(parent).tried) > 0 and self._share_of_time(parent) >= 1

    def _share_of_time(self, parent: Experiment) -> float:
        budget_s = _search_of(parent).budget_s
        if budget_s is None or parent.started_at is None:
            return 0.0
        return min((self._clock.now() - parent.started_at).total_seconds() / budget_s, 1.0)

    def _settled(self, parent: Experiment) -> Experiment:
        search = _search_of(parent)
        best = search.best
        if best is None:
            said = [self._log.get(trial.experiment_id).error for trial in search.tried]
            raise NoneSucceeded(f"none of {len(said)} settings could be trained; the first: {said[0]}")
        noted = replace(search, note=self._note(parent, search))
        return self._log.update(parent.id, lambda current: replace(
            current.beat(self._clock.now(), current.progress), search=noted, params={**current.params, **best.params}))

    def _note(self, parent: Experiment, search: Search) -> str:
        ended = sum(trial.status != Status.CANCELLED for trial in search.tried)
        if not self._is_late(parent) or ended == len(search.plan):
            return ""
        return f"{search.budget_s:g} s were over after {ended} of {len(search.plan)} settings"

    def _keep(self, parent: Experiment, trial: Trial) -> Experiment:
        search = _search_of(parent).with_trial(trial)
        return self._log.update(parent.id, lambda current: replace(
            current.beat(self._clock.now(), current.progress), search=search))


_NONE: Mapping[str, float] = {}


def _search_of(experiment: Experiment) -> Search:
    assert experiment.search is not None, "it searches"
    return experiment.search
