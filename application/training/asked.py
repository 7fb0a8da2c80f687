"""What a request for an experiment says of it, made whole."""
from __future__ import annotations

from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.dataset import DatasetVersion
from domain.errors import Fault, InvalidInput

MAX_NAME_CHARS = 200


def version_of(store: FeatureStore, task: str, asked: int | None) -> DatasetVersion:
    """The newest, if none is asked for. Raises: UnknownDatasetVersion."""
    versions = {entry.version: entry for entry in store.versions(task)}
    wanted = asked if asked is not None else max(versions, default=None)
    if wanted is None:
        raise UnknownDatasetVersion(f"the task {task} has no data yet; add some first")
    if wanted not in versions:
        raise UnknownDatasetVersion(f"the task {task} has no dataset version {wanted}")
    return versions[wanted]


def name_of(asked: str | None, usual: str) -> str:
    """Raises: InvalidInput."""
    name = (asked or usual).strip()
    if not 0 < len(name) <= MAX_NAME_CHARS:
        problem = f"has 1 to {MAX_NAME_CHARS} characters"
        raise InvalidInput(f"a name {problem}", [Fault("name", problem)])
    return name
