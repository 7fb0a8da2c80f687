"""Models that were made elsewhere, and the rows to make them with."""
from __future__ import annotations

from pathlib import Path

import click

from application.use_cases.export_data import PARTS
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.commands.abilities.experiments import NewModel
from entrypoints.commands.abilities.sent import Sent
from entrypoints.commands.asked import asked
from entrypoints.commands.experiments import in_words
from entrypoints.commands.home import Home
from entrypoints.commands.shell import FILE, as_json, charset, show
from entrypoints.formats.files import EXPORT


@click.command("import")
@click.argument("task")
@click.argument("model", type=FILE)
@click.option("--mapping", type=FILE, help="YAML or JSON: what its inputs, outputs and classes are to the task.")
@click.option("--check", type=FILE, help="A table with the maker's own prediction or probability_<label>; of pictures "
                                         "a zip of them and such a table, with their name, or of them and the "
                                         "maker's own masks.")
@charset
@click.option("--export", type=FILE, help=f"{EXPORT} of the rows that it was made with (progon export-data).")
@click.option("--dataset-version", type=int, help="To judge it by; the newest, if not given.")
@click.option("--name", help="What to call the experiment.")
@click.option("--dry-run", is_flag=True, help="Say what would be and keep nothing.")
@click.option("--data", type=FILE, help="A table, or a zip of pictures, that makes TASK, which is not there yet.")
@click.option("--target", help="Of a new task: the column to predict.")
@click.option("--problem", help="Of a new task: what the target is, where it does not tell by itself.")
@click.option("--split-by", metavar="COLUMN", help="Of a new task: rows with the same value are held out together.")
@click.option("--split-by-time", metavar="COLUMN", help="Of a new task: the newest rows by this column are held out.")
@click.option("--positive", metavar="LABEL", help="Of a new task: the label of two that metrics are of.")
@as_json
def import_(task: str, model: Path, mapping: Path | None, check: Path | None, charset: str | None, export: Path | None,
            dataset_version: int | None, name: str | None, dry_run: bool, data: Path | None, as_json: bool,
            **of_a_task: str | None) -> None:
    """Make MODEL, an ONNX file of any maker or a zip with an MLflow model of the ONNX flavour, an experiment of TASK.

    It is wrapped, tried out in a process of its own, compared with its maker's answers, judged on the held-out rows.
    With --data the task is made first; if the model is refused, it is gone again.
    """
    if data is None and (said := [f"--{field.replace('_', '-')}" for field, value in of_a_task.items() if value]):
        raise click.UsageError(f"{', '.join(said)}: for a new task, made of --data")
    paths = {"model": model, "mapping": mapping, "check": check, "export": export, "data": data}
    fields = {"name": name, "dataset_version": None if dataset_version is None else str(dataset_version), **of_a_task}
    new = NewModel(task, {field: Sent(path, charset) for field, path in paths.items() if path},
                   {field: text for field, text in fields.items() if text}, dry_run)
    with asked(Home.NEEDED if data is None else Home.MADE) as progon:
        experiment = progon.import_model(new)
        show(experiment, as_json, lambda: _words(experiment, dry_run))


def _words(experiment: ExperimentAnswer, dry_run: bool) -> str:
    lines = [in_words(experiment), *(f"note: {note}" for note in experiment.notes or ())]
    if experiment.parity is None:
        lines.append("not compared with its maker's answers: give them with --check")
    if dry_run:
        lines.append("nothing was kept (--dry-run)")
    return "\n".join(lines)


@click.command("export-data")
@click.argument("task")
@click.option("--parts", default=",".join(PARTS), show_default=True, help="Of the rows, with commas between.")
@click.option("--dataset-version", type=int, help="The newest, if not given.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder.")
@as_json
def export_data(task: str, parts: str, dataset_version: int | None, output: Path, as_json: bool) -> None:
    """Write the rows of TASK that a training elsewhere may see: a CSV for each part, and export.json, which says which
    rows they are. Those that are held out stay here, to judge what comes back by."""
    chosen = tuple(filter(None, map(str.strip, parts.split(","))))
    with asked() as progon:
        exported = progon.export_data(task, chosen, dataset_version, output)
        show(exported, as_json, lambda: f"{output}: " + ", ".join(
            f"{rows:,} rows of {part}" for part, rows in exported["rows"].items()))
