"""What the engine of trainings needs, by itself: its process carries no container."""
from __future__ import annotations

from contextlib import AbstractContextManager

from entrypoints.settings import Settings


def local_cluster(settings: Settings) -> AbstractContextManager[tuple[str, str]]:
    """Gives the scheduler's address, and the credentials of whoever may speak to it."""
    from adapters.dask.local_cluster import local_cluster
    return local_cluster(settings.training_slots, settings.home.resolve() / "dask")
