"""Stage 1: a pinned dataset version to Parquet."""
from __future__ import annotations

from pathlib import Path

import click

from entrypoints.documents import read_task
from entrypoints.stage import stage

UNPINNED = "unpinned"


@click.command("extract-data")
@click.option("--task-file", required=True, type=click.Path(path_type=Path), help="The task as YAML.")
@click.option("--dataset-version", required=True, type=int)
@click.option("--fingerprint", default=UNPINNED, show_default=True, help="What the version must hold.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the Parquet files.")
def command(task_file: Path, dataset_version: int, fingerprint: str, out: Path) -> None:
    """Write a dataset version as train.parquet, valid.parquet and test.parquet."""
    with stage("extract_data") as (container, tell):
        task = read_task(task_file)
        if task.demo:
            container.prepare_demo().add_data(task)
        extracted = container.extract_data().execute(
            task, dataset_version, out, None if fingerprint == UNPINNED else fingerprint)
        tell(1, 1, None)
    click.echo(f"{task.name} version {dataset_version}: "
               f"{', '.join(f'{rows:,} {part}' for part, rows in extracted.rows.items())} rows, "
               f"fingerprint {extracted.version.fingerprint}")
