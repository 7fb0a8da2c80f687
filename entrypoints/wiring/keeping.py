"""Backups."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from adapters.sqlmodel.database_copy import SqlmodelDatabaseCopy
from adapters.tar.backup_file import TarBackupFile
from application.queries.what_is_wrong import WhatIsWrong
from application.use_cases.back_up import BackUp, Restore
from entrypoints.processes.workspaces import workspace
from entrypoints.settings import Settings
from entrypoints.wiring.core import Core
from entrypoints.wiring.injector import ThreadSafeSingleton


def _workspaces(settings: Settings) -> Callable[[], AbstractContextManager[Path]]:
    return partial(workspace, settings.home.resolve() / "backups")


class Keeping(Core):
    database_copy = ThreadSafeSingleton(SqlmodelDatabaseCopy, Core.database)
    backup_file = ThreadSafeSingleton(TarBackupFile)
    back_up = ThreadSafeSingleton(BackUp, database_copy, Core.artifact_store, backup_file, Core.clock,
                                  ThreadSafeSingleton(_workspaces, Core.settings))
    what_is_wrong = ThreadSafeSingleton(
        WhatIsWrong, Core.task_catalog, Core.feature_store, Core.experiment_log, Core.deployment_log,
        Core.artifact_store, Core.model_loader, Core.history)
    restore = ThreadSafeSingleton(Restore, database_copy, Core.artifact_store, backup_file,
                                  ThreadSafeSingleton(_workspaces, Core.settings))
