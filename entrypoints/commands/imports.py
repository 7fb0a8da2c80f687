"""Models that were made elsewhere, and the rows to make them with."""
from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import click

from application.use_cases.export_data import PARTS
from domain.experiment import Experiment
from domain.table import concat
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.commands.experiments import in_words
from entrypoints.commands.shell import FILE, as_json, charset, opened, show, wired
from entrypoints.formats.files import written_whole
from entrypoints.formats.import_forms import SentFile
from entrypoints.wiring import get, ports

EXPORT = "export.json"


@click.command("import")
@click.argument("task")
@click.argument("model", type=FILE)
@click.option("--mapping", type=FILE, help="YAML or JSON: what its inputs, outputs and classes are to the task.")
@click.option("--check", type=FILE, help="A table with the maker's own prediction or probability_<label>; of pictures "
                                         "a zip of them and such a table, with their name.")
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
    paths = {"model": model, "mapping": mapping, "check": check, "export": export}
    fields = {"name": name or "", "dataset_version": "" if dataset_version is None else str(dataset_version)}
    with wired() as container, ExitStack() as stack:
        files = {field: SentFile(stack.enter_context(opened(path)), charset) for field, path in paths.items() if path}
        forms = get.import_forms(container)
        if data is None:
            request = forms.read(ports.task_catalog(container).get(task), files, fields, dry_run)
            experiment = get.import_model(container).execute(request)
        else:
            table = SentFile(stack.enter_context(opened(data)), charset)
            said_of_it = {field: value or "" for field, value in of_a_task.items()}
            new, rows = get.beginning(container).read(task, table, said_of_it, dry_run)
            experiment = get.begin_with_model(container).execute(
                new, rows, lambda made: forms.read(made, files, fields, dry_run))
        show(ExperimentAnswer.of(experiment), as_json, lambda: _words(experiment, dry_run))


def _words(experiment: Experiment, dry_run: bool) -> str:
    notes = experiment.source["notes"]
    assert isinstance(notes, list)
    lines = [in_words(experiment), *(f"note: {note}" for note in notes)]
    if experiment.source["parity"] is None:
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
    with wired() as container:
        exported = get.export_data(container).execute(task, chosen, dataset_version)
        formats, counts = get.formats(container)[exported.task.kind], dict[str, int]()
        output.mkdir(parents=True, exist_ok=True)
        for part, tables in exported.tables.items():
            if chunks := list(tables):
                whole = concat(chunks)
                formats.leave(exported.task, whole, output / part)
                counts[part] = whole.n_rows
        document = exported.export.to_document()
        with written_whole(output / EXPORT) as file:
            file.write(json.dumps(document, indent=1).encode())
        show(document | {"rows": counts}, as_json, lambda: f"{output}: " + ", ".join(
            f"{rows:,} rows of {part}" for part, rows in counts.items()))
