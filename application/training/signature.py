"""What a trainer writes into a model file of its task."""
from __future__ import annotations

import json

from domain.task import Task


def metadata_of(task: Task) -> dict[str, str]:
    """By name, all texts."""
    signature = [{"name": column.name, "type": str(column.type), "nullable": column.nullable}
                 for column in task.schema.features]
    return {
        "task": task.name, "problem": str(task.problem), "labels": json.dumps(list(task.labels), ensure_ascii=False),
        "signature": json.dumps(signature, ensure_ascii=False),
    }
