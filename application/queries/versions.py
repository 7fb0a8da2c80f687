"""Which dataset version is meant."""
from __future__ import annotations

from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.dataset import DatasetVersion


def find_version(store: FeatureStore, task_name: str, version: int | None) -> DatasetVersion:
    """The newest if none is named. Raises: UnknownDatasetVersion."""
    known = store.versions(task_name)
    if not known:
        raise UnknownDatasetVersion(f"the task {task_name} has no data yet; add some first")
    wanted = known[-1].version if version is None else version
    found = next((entry for entry in known if entry.version == wanted), None)
    if found is None:
        raise UnknownDatasetVersion(f"the task {task_name} has no dataset version {version}")
    return found
