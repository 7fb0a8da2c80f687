"""What was trained, and how well."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from application.queries.chosen_experiments import Archived
from domain.experiment import Status
from domain.kinds import RULES
from domain.shown_difference import Verdict
from entrypoints.answers.experiments import ComparisonAnswer, ExperimentAnswer
from entrypoints.commands.abilities import Abilities
from entrypoints.commands.abilities.experiments import Wanted
from entrypoints.commands.asked import asked
from entrypoints.commands.shell import FILE, as_json, show, table, warning_words
from entrypoints.formats.files import written_whole

_statuses = click.Choice([str(status) for status in Status])


@click.command("metrics")
@click.argument("experiment_id", type=int)
@as_json
def metrics(experiment_id: int, as_json: bool) -> None:
    """Status, progress, parameters and metrics of one experiment."""
    with asked() as progon:
        experiment = progon.experiment(experiment_id)
        show(experiment, as_json, lambda: in_words(experiment) + queue_words(progon, experiment))


def in_words(experiment: ExperimentAnswer) -> str:
    head = (f"experiment {experiment.experiment_id} ({experiment.name}): {experiment.status}, task {experiment.task}, "
            f"dataset version {experiment.dataset_version}")
    lines = [head, *_marks(experiment), *_trials(experiment), *_parts(experiment),
             *([f"error: {experiment.error}"] if experiment.error else [])]
    if experiment.metrics:
        names = list(dict.fromkeys(name for values in experiment.metrics.values() for name in values))
        lines.append(table([{"metric": name} | {part: values.get(name) for part, values in experiment.metrics.items()}
                            for name in names]))
        lines += [f"no {name} of {part}: {reason}" for part, reasons in experiment.no_value.items()
                  for name, reason in reasons.items()]
    return "\n".join(lines) + warning_words(experiment.warnings)


def queue_words(progon: Abilities, experiment: ExperimentAnswer) -> str:
    """What a queued one waits for, as a line to put at an end."""
    if experiment.status is not Status.QUEUED:
        return ""
    ahead = progon.experiments(Wanted(statuses=(Status.RUNNING, Status.QUEUED), before=experiment.experiment_id))
    return f"\nit waits, {len(ahead.experiments)} before it" if ahead.experiments else "\nit waits, none before it"


def _marks(experiment: ExperimentAnswer) -> list[str]:
    """What people say of it."""
    said = [*(["the baseline of its task"] if experiment.pinned else []),
            *(["in the archive"] if experiment.archived else []),
            *([f"tags: {', '.join(experiment.tags)}"] if experiment.tags else [])]
    return [*(["; ".join(said)] if said else []), *([f"note: {experiment.note}"] if experiment.note else [])]


def _parts(answer: ExperimentAnswer) -> list[str]:
    """Of rows that are parted by time: when each part begins and ends."""
    said = [f"{name} {part.since} to {part.until}" for name, part in answer.parts.items() if part.since]
    return [f"parted by time: {', '.join(said)}"] if said else []


def _trials(experiment: ExperimentAnswer) -> list[str]:
    if experiment.parent is not None:
        return [f"a trial of experiment {experiment.parent}"]
    search = experiment.search
    if search is None:
        return []
    rows = [{"trial": trial.experiment_id, "settings": _settings(trial.params), "status": trial.status,
             f"valid {search.by}": trial.value, "": "best" if trial.experiment_id == search.best else ""}
            for trial in search.trials]
    return [f"{len(search.trials)} of {search.planned} settings tried", *([search.note] if search.note else []),
            *([table(rows)] if rows else [])]


def _settings(params: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items()) or "the usual ones"


@click.command("experiments")
@click.argument("task", required=False)
@click.option("--status", type=_statuses, help="Those in this status alone.")
@click.option("--filter", "condition", metavar="CONDITION", help="Such as 'auc > 0.8 and depth < 6'.")
@click.option("--sort", "order", metavar="NAMES", help="Such as '-auc,depth': the largest auc first.")
@click.option("--search", "words", metavar="TEXT", help="In the name, the note or a tag.")
@click.option("--pinned", is_flag=True, help="The baselines alone.")
@click.option("--archived", type=click.Choice([str(word) for word in Archived]), default=str(Archived.NO),
              show_default=True, help="Whether those in the archive are listed.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--before", type=int, metavar="ID", help="Those before this one: `next` of the page before.")
@click.option("--offset", default=0, type=click.IntRange(0, 2**31 - 1),
              help="Leave out so many: `next_offset` of the page before.")
@as_json
def experiments(task: str | None, status: str | None, archived: str, pinned: bool, as_json: bool, **wanted: Any
                ) -> None:
    """Experiments, the newest first; of TASK alone. A condition names metrics of the test rows, parameters, and fields
    such as id, status, tag, duration_s; a text in it stands in quotes."""
    with asked() as progon:
        found = progon.experiments(Wanted(task, (Status(status),) if status else (), archived=Archived(archived),
                                          pinned=pinned or None, **wanted))
        chosen = pinned or archived == Archived.ONLY or wanted["condition"] is not None or wanted["words"] is not None
        show(found, as_json, lambda: _listed(progon, task, found.experiments, chosen))


def _listed(progon: Abilities, task: str | None, found: Sequence[ExperimentAnswer], chosen: bool) -> str:
    if not found and chosen:
        return "no experiment is so"
    if not found:
        return f"no experiments yet; train one with: progon retrain {task or 'TASK'}"
    main = _main_metric(progon, task) if task else None
    tagged = any(experiment.tags for experiment in found)
    return table([_row(experiment, main) | ({"tags": ", ".join(experiment.tags)} if tagged else {})
                  for experiment in found])


def _main_metric(progon: Abilities, task: str) -> str:
    shown = progon.task(task)
    return RULES[shown.kind, shown.problem].main_metric


def _row(experiment: ExperimentAnswer, main: str | None) -> dict[str, object]:
    """main: the metric to show; None where several tasks are listed, which are then named."""
    of_task = {"task": experiment.task} if main is None else {}
    value = {} if main is None else {main: experiment.metrics.get("test", {}).get(main)}
    return {
        "id": experiment.experiment_id, **of_task, "name": experiment.name, "status": str(experiment.status),
        "data": experiment.dataset_version, **value, "created": experiment.created_at.strftime("%Y-%m-%d %H:%M"),
    }


@click.command("compare")
@click.argument("experiment_id", type=int)
@click.option("--against", type=click.IntRange(1), metavar="ID", help="Another experiment than what serves.")
@as_json
def compare(experiment_id: int, against: int | None, as_json: bool) -> None:
    """An experiment against what serves its task, both judged by the same held-out rows: better, worse, or no
    difference that these rows can show."""
    with asked() as progon:
        body = progon.compare(experiment_id, against)
        show(body, as_json, lambda: _compared(body, " (serves)" if against is None else ""))


def _compared(body: ComparisonAnswer, role: str) -> str:
    """role: of the other one."""
    serving = {} if body.serving_metrics is None else {f"{body.serving_experiment_id}{role}": body.serving_metrics}
    sides = {str(body.experiment_id): body.metrics} | serving
    lines = [f"on the {_judging(body)} of dataset version {body.dataset_version}",
             table([{"metric": name} | {side: values.get(name) for side, values in sides.items()} | _apart(body, name)
                    for name in body.metrics])]
    return "\n".join(lines + ([] if serving else ["nothing serves yet"]))


def _judging(body: ComparisonAnswer) -> str:
    if body.rows is None:
        return "held-out rows"
    return f"{body.rows} held-out rows" + (f" in {body.groups} groups" if body.groups else "")


def _apart(body: ComparisonAnswer, metric: str) -> dict[str, object]:
    """What the rows show of a difference, as columns of the table."""
    if not body.differences:
        return {}
    shown = body.differences.get(metric)
    if shown is None:
        return {"95 % interval of the difference": "", "": ""}
    words = "no difference that these rows can show" if shown.verdict is Verdict.UNCLEAR else str(shown.verdict)
    return {"95 % interval of the difference": f"{shown.low:+.4g} to {shown.high:+.4g}", "": words}


@click.command("artifacts")
@click.argument("experiment_id", type=int)
@click.argument("path", required=False)
@click.option("-o", "--output", type=FILE, help="Where the file goes; here, under its own name, if not given. `-` is "
                                                "standard output.")
@as_json
def artifacts(experiment_id: int, path: str | None, output: Path | None, as_json: bool) -> None:
    """The files that an experiment left; with PATH, one of them, such as model.onnx."""
    with asked() as progon:
        if path is None:
            body = progon.artifacts(experiment_id)
            show(body, as_json, lambda: table([{"bytes": one.size_bytes, "file": one.path} for one in body.artifacts])
                 if body.artifacts else "no files")
            return
        chosen = output or Path(Path(path).name)
        with written_whole(chosen) as file:
            progon.write_artifact(experiment_id, path, file)
        show({"output": str(chosen)}, as_json, lambda: f"{path} of experiment {experiment_id}: {chosen}", chosen)
