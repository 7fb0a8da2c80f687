"""Tasks and their data as the JSON of answers, for HTTP and the command line alike."""
from __future__ import annotations

from collections.abc import Sequence

from application.queries.column_summaries import VersionSummary
from application.queries.picture_gallery import GalleryPage
from application.use_cases.add_data import DataAdded
from application.use_cases.create_task import CreatedTask
from domain.column_summary import ColumnSummary
from domain.dataset import DatasetVersion
from domain.deployment import Deployment
from domain.schema import Column
from domain.schema_inference import ColumnFacts, InferredTask
from domain.table import Table
from domain.target_summary import TargetSummary
from domain.task import Task
from domain.task_document import to_document
from entrypoints.formats.cells import plain


def task_body(task: Task, versions: Sequence[DatasetVersion], deployment: Deployment | None) -> dict[str, object]:
    served = deployment and {"experiment_id": deployment.experiment_id, "generation": deployment.generation,
                             "created_at": deployment.created_at}
    return to_document(task) | {"versions": [version_body(version) for version in versions], "deployment": served}


def version_body(version: DatasetVersion) -> dict[str, object]:
    return {"dataset_version": version.version, "batch_id": version.batch_id, "rows_added": version.rows_added,
            "rows": version.rows, "created_at": version.created_at}


def added_body(added: DataAdded) -> dict[str, object]:
    version, duplicate = added.appended.version, added.appended.duplicate
    return {"task": version.task, "batch_id": version.batch_id, "dataset_version": version.version,
            "rows_added": 0 if duplicate else version.rows_added, "duplicate": duplicate,
            "late_labels": added.late_labels}


def created_body(created: CreatedTask, inferred: InferredTask | None) -> dict[str, object]:
    version = created.version
    return to_document(created.task) | {
        "dataset_version": version and version.version,
        "rows_added": version.rows_added if version else 0,
        "inferred": inferred and inferred_body(inferred),
    }


def inferred_body(inferred: InferredTask) -> dict[str, object]:
    return {"rows": inferred.rows, "rows_without_target": inferred.rows_without_target,
            "columns": [_facts_body(facts) for facts in inferred.columns]}


def _facts_body(facts: ColumnFacts) -> dict[str, object]:
    return {"name": facts.column.name, "type": str(facts.column.type), "role": str(facts.column.role),
            "missing": facts.missing, "distinct": facts.distinct, "distinct_is_exact": facts.distinct_is_exact,
            "why": facts.column.description}


def dataset_body(task: Task, versions: Sequence[DatasetVersion],
                 summaries: Sequence[TargetSummary]) -> dict[str, object]:
    """`labels` of the whole: over all rows of the newest version. `pixels`: of pictures, each label's share of all."""
    entries = [version_body(version) | {
        "labels": summary.shares or None, "target": summary.span, "pixels": _pixel_shares(task, [summary])}
        for version, summary in zip(versions, summaries, strict=True)]
    rows = versions[-1].rows if versions else 0
    whole = {str(label): sum(summary.counts[str(label)] for summary in summaries) / rows for label in task.labels
             } if rows and task.labels else None
    return {"task": task.name, "rows": rows, "labels": whole, "pixels": _pixel_shares(task, summaries),
            "versions": entries}


def _pixel_shares(task: Task, summaries: Sequence[TargetSummary]) -> dict[str, float] | None:
    if not summaries or summaries[0].pixels is None:
        return None
    counts = {str(label): sum(summary.pixels[str(label)] for summary in summaries) for label in task.labels}
    return {label: count / max(sum(counts.values()), 1) for label, count in counts.items()}


def row_body(task: Task, table: Table, position: int) -> dict[str, object]:
    """One stored row as a request would bring it; private values stay where they are."""
    return {column.name: None if column.private else plain(table[column.name][position])
            for column in (*task.schema.features, task.schema.target)}


def gallery_body(task: str, page: GalleryPage) -> dict[str, object]:
    pictures = [{"row": one.row, "picture": one.picture, "mask": one.mask, "width": one.facts.width,
                 "height": one.facts.height, "summary": one.facts.shares} for one in page.pictures]
    return {"task": task, "dataset_version": page.version, "rows": page.rows, "pictures": pictures, "next": page.next}


def column_summaries_body(task: str, found: VersionSummary) -> dict[str, object]:
    return {"task": task, "dataset_version": found.version, "rows": found.rows, "looked_at": found.looked_at,
            "columns": [_summary_body(column, summary) for column, summary in found.columns.items()]}


def _summary_body(column: Column, summary: ColumnSummary) -> dict[str, object]:
    return {"name": column.name, "type": str(column.type), "role": str(column.role), "private": column.private,
            "missing": summary.missing, "missing_share": summary.missing / summary.rows if summary.rows else 0.0,
            "edges": summary.edges, "counts": summary.counts, "mean": summary.mean, "values": summary.values,
            "distinct": summary.distinct}
