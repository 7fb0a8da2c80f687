"""What serves, and what it did."""
from __future__ import annotations

from datetime import datetime

from progon_client.answers.live_history import LiveHistory
from progon_client.answers.rollouts import Rollout, Rollouts
from progon_client.answers.serving import Deployment, Deployments, Health, ModelCard, Readiness
from progon_client.answers.watching import Audit, History, Observations, Predictions, Traffic
from progon_client.answers.words import Last, RolloutRole
from progon_client.call import Call, Repeat, json_call
from progon_client.calls.answering import LONG_S


def deploy(experiment_id: int, *, if_better: str | None = None, threshold: float | None = None) -> Call[Deployment]:
    """Answered once every process serves it. if_better: only if it beats what serves by this metric. threshold: of a
    task of two labels, above which the probability of the positive one makes it the answer."""
    return json_call(Deployment, "POST", "/deploy/{experiment_id}", at={"experiment_id": experiment_id},
                     query={"if_better": if_better, "threshold": threshold}, repeat=Repeat.BY_KEY, wait_s=LONG_S)


def roll_out(experiment_id: int, as_: RolloutRole, *, share: float | None = None, by: str | None = None,
             if_better: str | None = None, threshold: float | None = None) -> Call[Rollout]:
    """Puts an experiment beside what serves: as a shadow, which is asked in silence, or as a canary, which answers a
    share of the requests. by: of a canary, the column whose value decides who is answered by it."""
    return json_call(Rollout, "POST", "/deploy/{experiment_id}", at={"experiment_id": experiment_id}, query={
        "as": as_, "share": share, "by": by, "if_better": if_better, "threshold": threshold}, repeat=Repeat.BY_KEY,
        wait_s=LONG_S)


def rollouts(task: str | None = None) -> Call[Rollouts]:
    """How the candidates beside what serves are doing."""
    return json_call(Rollouts, "GET", "/rollouts", query={"task": task})


def promote(task: str) -> Call[Deployment]:
    """The candidate of the rollout serves all; the rollout ends."""
    return json_call(Deployment, "POST", "/rollouts/{task}/promote", at={"task": task}, repeat=Repeat.BY_KEY,
                     wait_s=LONG_S)


def abort(task: str) -> Call[Deployment]:
    """The rollout ends, and what serves goes on."""
    return json_call(Deployment, "POST", "/rollouts/{task}/abort", at={"task": task}, repeat=Repeat.BY_KEY,
                     wait_s=LONG_S)


def rollback(task: str | None = None) -> Call[Deployment]:
    """What served before serves again."""
    return json_call(Deployment, "POST", "/rollback", query={"task": task}, repeat=Repeat.BY_KEY, wait_s=LONG_S)


def deployments(task: str | None = None, *, limit: int | None = None) -> Call[Deployments]:
    """The newest first."""
    return json_call(Deployments, "GET", "/deployments", query={"task": task, "limit": limit})


def metadata(task: str | None = None) -> Call[ModelCard]:
    """Where the model that serves comes from, as its file says."""
    return json_call(ModelCard, "GET", "/metadata", query={"task": task})


def observations(task: str | None = None) -> Call[Observations]:
    """Whether what serves drifts, and how it does against late labels."""
    return json_call(Observations, "GET", "/observations", query={"task": task})


def how_it_went(task: str, *, last: Last | None = None) -> Call[LiveHistory]:
    """How a task has done lately: requests, answers, latency, drift and quality, span by span."""
    return json_call(LiveHistory, "GET", "/observations/history", query={"task": task, "last": last})


def predictions(
    task: str, *, limit: int | None = None, before: str | None = None, experiment_id: int | None = None,
    request_id: str | None = None, prediction: str | None = None, label: str | None = None,
    labelled: bool | None = None, since: datetime | None = None, until: datetime | None = None,
    shadow: bool | None = None,
) -> Call[Predictions]:
    """The prediction log, the newest first; `next` of a page is the `before` of the one that follows. shadow: those of
    shadows, which were given to nobody."""
    return json_call(Predictions, "GET", "/predictions", query={
        "task": task, "limit": limit, "before": before, "experiment_id": experiment_id, "request_id": request_id,
        "prediction": prediction, "label": label, "labelled": labelled, "since": since and since.isoformat(),
        "until": until and until.isoformat(), "shadow": shadow})


def traffic(task: str | None = None, *, minutes: int | None = None) -> Call[Traffic]:
    """Requests by minute."""
    return json_call(Traffic, "GET", "/traffic", query={"task": task, "minutes": minutes})


def history(task: str | None = None, *, limit: int | None = None, before: int | None = None) -> Call[History]:
    """What was changed and deleted, the newest first."""
    return json_call(History, "GET", "/history", query={"task": task, "limit": limit, "before": before})


def audit(task: str | None = None, *, who: str | None = None, after: int | datetime | None = None,
          limit: int | None = None, newest: bool | None = None, before: int | None = None) -> Call[Audit]:
    """Everything that was done, the oldest first. after: ids above this one, or later than this moment. newest: those
    first; before: of them ids below this one."""
    said = after.isoformat() if isinstance(after, datetime) else after
    return json_call(Audit, "GET", "/audit", query={
        "task": task, "who": who, "after": said, "limit": limit, "newest": newest, "before": before})


def health() -> Call[Health]:
    """The service is alive."""
    return json_call(Health, "GET", "/healthz")


def readiness() -> Call[Readiness]:
    """Whether the service can serve, and why not; that it cannot is an answer here."""
    return json_call(Readiness, "GET", "/readyz", also=frozenset({503}))
