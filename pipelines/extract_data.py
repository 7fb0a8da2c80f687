"""Stage 1: a pinned dataset version to Parquet."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.formats.documents import read_task
from entrypoints.processes.stage import stage
from entrypoints.wiring.stages import extracting

UNPINNED = "unpinned"


@click.command("extract-data")
@click.option("--task-file", required=True, type=click.Path(path_type=Path), help="The task as YAML.")
@click.option("--dataset-version", required=True, type=int)
@click.option("--fingerprint", default=UNPINNED, show_default=True, help="What the version must hold.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the Parquet files.")
def command(task_file: Path, dataset_version: int, fingerprint: str, out: Path) -> None:
    """Write a dataset version as train.parquet, valid.parquet and test.parquet."""
    with stage("extract_data") as (settings, tell):
        wired = extracting.wire(settings)
        wired.storage.migrate()
        task = read_task(task_file)
        if task.demo:
            wired.add_demo_data.execute(task)
        extracted = wired.extract.execute(
            task, dataset_version, out, None if fingerprint == UNPINNED else fingerprint)
        tell(1, 1, None)
    click.echo(f"{task.name} version {dataset_version}: "
               f"{', '.join(f'{rows:,} {part}' for part, rows in extracted.rows.items())} rows, "
               f"fingerprint {extracted.version.fingerprint}")
