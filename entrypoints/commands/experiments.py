"""What was trained, and how well."""
from __future__ import annotations

from collections.abc import Mapping

import click

from domain.experiment import Experiment
from domain.gaps import complete, reasons
from entrypoints.answers.experiments import ExperimentAnswer, ExperimentsAnswer
from entrypoints.commands.shell import as_json, show, table, warning_words, wired
from entrypoints.wiring import ports


@click.command("metrics")
@click.argument("experiment_id", type=int)
@as_json
def metrics(experiment_id: int, as_json: bool) -> None:
    """Status, progress, parameters and metrics of one experiment."""
    with wired() as container:
        experiment = ports.experiment_log(container).get(experiment_id)
        show(ExperimentAnswer.of(experiment), as_json, lambda: in_words(experiment))


def in_words(experiment: Experiment) -> str:
    head = (f"experiment {experiment.id} ({experiment.name}): {experiment.status}, task {experiment.task}, "
            f"dataset version {experiment.dataset_version}")
    answer = ExperimentAnswer.of(experiment)
    lines = [head, *_trials(experiment), *_parts(answer), *([f"error: {experiment.error}"] if experiment.error else [])]
    if experiment.metrics:
        parts = {part: complete(values) for part, values in experiment.metrics.items()}
        names = list(dict.fromkeys(name for values in parts.values() for name in values))
        lines.append(table([{"metric": name} | {part: values.get(name) for part, values in parts.items()}
                            for name in names]))
        lines += [f"no {name} of {part}: {reason}" for part, values in parts.items()
                  for name, reason in reasons(values).items()]
    return "\n".join(lines) + warning_words(answer.warnings)


def _parts(answer: ExperimentAnswer) -> list[str]:
    """Of rows that are parted by time: when each part begins and ends."""
    said = [f"{name} {part.since} to {part.until}" for name, part in answer.parts.items() if part.since]
    return [f"parted by time: {', '.join(said)}"] if said else []


def _trials(experiment: Experiment) -> list[str]:
    if experiment.parent is not None:
        return [f"a trial of experiment {experiment.parent}"]
    search = experiment.search
    if search is None:
        return []
    rows = [{"trial": trial.experiment_id, "settings": _settings(trial.params), "status": trial.status,
             f"valid {search.by}": trial.value, "": "best" if trial is search.best else ""} for trial in search.tried]
    return [f"{len(search.tried)} of {len(search.plan)} settings tried", *([search.note] if search.note else []),
            *([table(rows)] if rows else [])]


def _settings(params: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items()) or "the usual ones"


@click.command("experiments")
@click.argument("task")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@as_json
def experiments(task: str, limit: int, as_json: bool) -> None:
    """The newest experiments of a task."""
    with wired() as container:
        main = ports.task_catalog(container).get(task).rules.main_metric
        found = ports.experiment_log(container).list(task=task, limit=limit)
        show(ExperimentsAnswer.of(found), as_json, lambda: table([_row(experiment, main) for experiment in found])
             if found else f"no experiments yet; train one with: progon retrain {task}")


def _row(experiment: Experiment, main: str) -> dict[str, object]:
    return {
        "id": experiment.id, "name": experiment.name, "status": str(experiment.status),
        "data": experiment.dataset_version, main: experiment.metrics.get("test", {}).get(main),
        "created": experiment.created_at.strftime("%Y-%m-%d %H:%M"),
    }
