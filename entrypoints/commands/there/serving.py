from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TypeVar

from application.use_cases.admission import Terms
from application.use_cases.roll_out import RolloutWish
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.answers.rollouts import RolloutAnswer, RolloutsAnswer
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.there.connection import part_of_path
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.once import once

Posted = TypeVar("Posted", DeploymentAnswer, RolloutAnswer)


class ServingThere(OfService, Serving):
    def deploy(self, experiment_id: int, terms: Terms) -> DeploymentAnswer:
        return self._posted(DeploymentAnswer, f"/deploy/{experiment_id}", asdict(terms))

    def roll_out(self, experiment_id: int, wish: RolloutWish, terms: Terms) -> RolloutAnswer:
        return self._posted(RolloutAnswer, f"/deploy/{experiment_id}", {
            **asdict(terms), "as": str(wish.role), "share": wish.share, "by": wish.by})

    def rollouts(self, task: str | None) -> RolloutsAnswer:
        return self._service.ask(RolloutsAnswer, "GET", "/rollouts", params={"task": task})

    def promote(self, task: str) -> DeploymentAnswer:
        return self._posted(DeploymentAnswer, f"/rollouts/{part_of_path(task)}/promote", {})

    def abort(self, task: str) -> DeploymentAnswer:
        return self._posted(DeploymentAnswer, f"/rollouts/{part_of_path(task)}/abort", {})

    def rollback(self, task: str) -> DeploymentAnswer:
        return self._posted(DeploymentAnswer, "/rollback", {"task": task})

    def _posted(self, answer: type[Posted], path: str, params: Mapping[str, object]) -> Posted:
        return once(lambda headers: self._service.ask(answer, "POST", path, params=params, headers=headers))

    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        return self._service.ask(DeploymentsAnswer, "GET", "/deployments", params={"task": task, "limit": limit})
