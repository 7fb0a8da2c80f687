"""Deployments in a table; the newest of a task is what serves."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import DeploymentRecord
from application.ports.deployment_log import DeploymentLog
from domain.deployment import REMOVED, Deployment, since_removal
from domain.errors import Conflict
from domain.rollout import Rollout, RolloutRole
from domain.task import NAME

MAX_HISTORY = 1_000


class SqlmodelDeploymentLog(DeploymentLog):
    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, task: str) -> Deployment | None:
        return next(iter(self.history(task, limit=1)), None)

    def current_all(self) -> Sequence[Deployment]:
        newest = select(func.max(DeploymentRecord.id)).group_by(DeploymentRecord.task)
        with self._database.read() as session:
            records = session.exec(select(DeploymentRecord).where(col(DeploymentRecord.id).in_(newest))).all()
        newest_all = sorted(map(_deployment, records), key=lambda deployment: deployment.task)
        return [deployment for deployment in newest_all if deployment.reason != REMOVED]

    def append(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        with self._database.write(f"deployment:{task}") as session:
            deployment = decide(_history(session, task, MAX_HISTORY))
            session.add(_record(deployment))
            try:
                session.flush()
            except IntegrityError as error:
                raise Conflict(f"task {task} has a deployment {deployment.generation} already") from error
        return deployment

    def history(self, task: str | None = None, limit: int = 100) -> Sequence[Deployment]:
        if task is not None and not NAME.fullmatch(task):
            return []
        with self._database.read() as session:
            found = _history(session, task, limit)
        return found if task is None else since_removal(found)


def _history(session: Session, task: str | None, limit: int) -> list[Deployment]:
    query = select(DeploymentRecord).order_by(col(DeploymentRecord.id).desc()).limit(min(max(limit, 0), 2**31 - 1))
    if task is not None:
        query = query.where(DeploymentRecord.task == task)
    return [_deployment(record) for record in session.exec(query)]


def _deployment(record: DeploymentRecord) -> Deployment:
    said = {item.name: getattr(record, item.name) for item in fields(Deployment)}
    return Deployment(**said | {"rollout": _rollout(record.rollout) if record.rollout else None})


def _rollout(said: Mapping[str, Any]) -> Rollout:
    return Rollout(**dict(said) | {"role": RolloutRole(said["role"]), "since": datetime.fromisoformat(said["since"])})


def _record(deployment: Deployment) -> DeploymentRecord:
    rollout = deployment.rollout
    said = {} if rollout is None else asdict(rollout) | {"since": rollout.since.isoformat()}
    return DeploymentRecord(**asdict(deployment) | {"rollout": said})
