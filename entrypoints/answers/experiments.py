"""What was trained, and how well."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from application.queries.chosen_experiments import Chosen
from application.use_cases.compare import Comparison
from domain.experiment import Experiment, Origin, Status
from domain.gaps import complete, reasons
from domain.search import Search, Trial
from domain.shown_difference import ShownDifference, Verdict
from entrypoints.answers.answer import Answer, Json, Moment, says

Metrics = Mapping[str, float | None]


class TrialAnswer(Answer):
    """One of the settings that a search has tried."""

    experiment_id: int
    params: Annotated[Mapping[str, Json], says("In the place of the usual ones; none of the first")]
    status: Annotated[str, says("How it ended")]
    value: Annotated[float | None, says("Of the metric that chooses, on valid; null if it did not succeed")]

    @classmethod
    def of(cls, trial: Trial) -> TrialAnswer:
        return cls(trial.experiment_id, trial.params, trial.status, trial.value)


class SearchAnswer(Answer):
    """Several settings tried, of which the rows of `valid` choose one."""

    by: Annotated[str, says("The metric on valid that chooses")]
    planned: Annotated[int, says("Settings to try")]
    budget_s: float | None
    best: Annotated[int | None, says("The best trial so far; the experiment ends with its parameters and its model")]
    note: Annotated[str, says("Why not all were tried")]
    trials: Annotated[Sequence[TrialAnswer], says("Those that have ended")]

    @classmethod
    def of(cls, search: Search) -> SearchAnswer:
        return cls(search.by, len(search.plan), search.budget_s, search.best.experiment_id if search.best else None,
                   search.note, [TrialAnswer.of(trial) for trial in search.tried])


class PartAnswer(Answer):
    """The rows of one part."""

    rows: int
    since: Annotated[str | None, says("Of rows that are parted by time: the first moment")]
    until: Annotated[str | None, says("And the last")]


class ExperimentAnswer(Answer):
    """One experiment: one training of a task on a version of its data."""

    experiment_id: int
    task: str
    name: str
    status: Status
    progress: Annotated[float, says("0 to 1 of the whole run")]
    stage: str
    iteration: Annotated[int, says("From 1; 0 before the first")]
    iterations: int
    loss: float | None
    dataset_version: int
    schema_version: Annotated[int, says("Of the task, with which it was trained")]
    commit_hash: str
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    params: Mapping[str, Json]
    metrics: Annotated[Mapping[str, Metrics], says("Those of train, valid and test, by name; empty until it succeeded")]
    parts: Annotated[Mapping[str, PartAnswer], says("The rows of train, valid and test; empty until it succeeded")]
    warnings: Annotated[Sequence[str], says("What is to be doubted: of its metrics, then of its columns")]
    no_value: Annotated[Mapping[str, Mapping[str, str]], says("By part and name: why a metric is null")]
    error: Annotated[str | None, says("Why it failed")]
    from_cache: Annotated[bool, says("This very training was done before, and nothing was computed")]
    parent: Annotated[int | None, says("The experiment that this one is a trial of")]
    children: Annotated[Sequence[int], says("Its trials that have ended, if it searches")]
    search: Annotated[SearchAnswer | None, says("Of one that tries several settings")]
    tags: Sequence[str]
    note: str
    pinned: Annotated[bool, says("The others of its task are measured against it")]
    archived: Annotated[bool, says("Lists leave it out unless they are asked for it")]
    origin: Annotated[Origin, says("Trained here, or imported; what follows is there of an imported one alone")]
    mapping: Annotated[Mapping[str, Json] | UnsetType, says("As it was understood")] = UNSET
    notes: Annotated[Sequence[str] | UnsetType, says("What was guessed, and which rows are refused")] = UNSET
    producer: Annotated[str | UnsetType, says("What the file says that made it")] = UNSET
    source_sha256: Annotated[str | UnsetType, says("SHA-256 of the file as it came")] = UNSET
    holdout: Annotated[str | UnsetType, says(
        "exported: made with the rows of an export, by the word of whoever sent both; unverified: nothing is known of "
        "what it was made with, so the metrics may be of rows that it has seen")] = UNSET
    parity: Annotated[float | None | UnsetType, says(
        "Largest difference from its maker's own answers; of masks, between its own probabilities of the two classes "
        "where they differ; null without a check")] = UNSET

    @classmethod
    def of(cls, experiment: Experiment) -> ExperimentAnswer:
        progress = experiment.progress
        metrics = {part: complete(values) for part, values in experiment.metrics.items()}
        return cls(
            experiment_id=experiment.id, task=experiment.task, name=experiment.name, status=experiment.status,
            progress=progress.share, stage=progress.stage, iteration=progress.iteration,
            iterations=progress.iterations, loss=progress.loss, dataset_version=experiment.dataset_version,
            schema_version=experiment.schema_version,
            commit_hash=experiment.commit_hash, created_at=experiment.created_at, started_at=experiment.started_at,
            finished_at=experiment.finished_at, params=experiment.params, metrics=metrics,
            no_value={part: found for part, values in metrics.items() if (found := reasons(values))},
            error=experiment.error, from_cache=experiment.from_cache, parent=experiment.parent,
            children=[trial.experiment_id for trial in experiment.search.tried] if experiment.search else [],
            search=SearchAnswer.of(experiment.search) if experiment.search else None, tags=experiment.tags,
            note=experiment.note, pinned=experiment.pinned, archived=experiment.archived, origin=experiment.origin,
            **_learned(experiment), **_source(experiment))


def _learned(experiment: Experiment) -> dict[str, Any]:
    """Of one from before there were any: nothing."""
    source: Mapping[str, Any] = experiment.source
    return {"parts": {name: PartAnswer(**part) for name, part in source.get("parts", {}).items()},
            "warnings": source.get("warnings", [])}


def _source(experiment: Experiment) -> dict[str, Any]:
    if experiment.origin is not Origin.IMPORTED:
        return {}
    source = experiment.source
    return {name: source[name] for name in ("mapping", "notes", "producer", "holdout", "parity")} | {
        "source_sha256": source["sha256"]}


class ExperimentsAnswer(Answer):
    """Experiments, the newest first."""

    experiments: Sequence[ExperimentAnswer]

    @classmethod
    def of(cls, experiments: Iterable[Experiment]) -> ExperimentsAnswer:
        return cls([ExperimentAnswer.of(experiment) for experiment in experiments])


class ExperimentPageAnswer(Answer):
    """Some experiments, the newest first unless they were asked for in another order."""

    experiments: Sequence[ExperimentAnswer]
    next: Annotated[int | None, says("`before` of the page that follows; null on the last")]
    next_offset: Annotated[int | None | UnsetType, says(
        "`offset` of the page that follows; with the rest, where `filter`, `sort`, `search` or `offset` is")] = UNSET
    matched: Annotated[int | UnsetType, says("How many were chosen, on all pages")] = UNSET
    names: Annotated[Sequence[str] | UnsetType, says("What `filter` and `sort` may name here")] = UNSET

    @classmethod
    def of(cls, experiments: Sequence[Experiment], limit: int) -> ExperimentPageAnswer:
        """experiments: one more than `limit`, if there is a page that follows."""
        page = experiments[:limit]
        return cls([ExperimentAnswer.of(experiment) for experiment in page],
                   page[-1].id if len(experiments) > limit else None)

    @classmethod
    def chosen(cls, chosen: Chosen, offset: int) -> ExperimentPageAnswer:
        end = offset + len(chosen.experiments)
        further = end if chosen.experiments and end < chosen.matched else None
        return cls([ExperimentAnswer.of(experiment) for experiment in chosen.experiments], None, further,
                   chosen.matched, chosen.names)


class DifferenceAnswer(Answer):
    """What the rows show of the difference between two models that both answered them."""

    value: Annotated[float, says("Of the experiment minus of what serves")]
    low: Annotated[float, says("Where its 95 % interval begins")]
    high: Annotated[float, says("And ends")]
    verdict: Annotated[Verdict, says("On the experiment; unclear where the interval holds 0: no difference that these "
                                     "rows can show")]

    @classmethod
    def of(cls, shown: ShownDifference) -> DifferenceAnswer:
        return cls(shown.value, shown.low, shown.high, shown.verdict)


class ComparisonAnswer(Answer):
    """An experiment and what serves, or another one, on the same rows."""

    experiment_id: int
    dataset_version: Annotated[int, says("Both are judged by its held-out rows")]
    metrics: Metrics
    serving_experiment_id: Annotated[int | None, says("The other one: what serves, null while nothing does, or what "
                                                      "`against` names")]
    serving_metrics: Metrics | None
    rows: Annotated[int | None, says("How many held-out rows both answered; null where there are not two models")]
    groups: Annotated[int | None, says("In how many groups they came, of a task that is split by groups: then these "
                                       "and not single rows make the intervals")]
    differences: Annotated[Mapping[str, DifferenceAnswer], says(
        "By metric, where both have it; empty where there are not two models or fewer than three rows or groups")]

    @classmethod
    def of(cls, experiment_id: int, compared: Comparison) -> ComparisonAnswer:
        return cls(experiment_id, compared.dataset_version, complete(compared.candidate),
                   compared.serving_experiment_id, None if compared.serving is None else complete(compared.serving),
                   compared.rows, compared.groups,
                   {name: DifferenceAnswer.of(shown) for name, shown in compared.differences.items()})


class ProgressAnswer(Answer):
    """The event `progress` of an experiment."""

    status: Status
    progress: float
    stage: str
    iteration: int
    iterations: int

    @classmethod
    def of(cls, experiment: Experiment) -> ProgressAnswer:
        progress = experiment.progress
        return cls(experiment.status, progress.share, progress.stage, progress.iteration, progress.iterations)


class LossAnswer(Answer):
    """The event `metric` of an experiment."""

    iteration: int
    loss: float


class LogLineAnswer(Answer):
    """The event `log` of an experiment."""

    line: str
