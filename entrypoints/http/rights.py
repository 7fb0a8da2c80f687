"""Which rights a route asks for, declared at the route. One that declares nothing answers nobody who shows a key."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from domain.api_key import Right
from domain.errors import Forbidden
from entrypoints.http.callers import Caller, caller_of
from entrypoints.http.dependencies import wired
from entrypoints.wiring import ports

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
_DECLARED = "__progon_needs__"


@dataclass(frozen=True, slots=True)
class Needs:
    """rights: one of them is enough; empty is none, for a route that asks for no key. of_a_task: a key of some tasks
    alone has to name one, by the path, by an experiment or by ?task=."""

    rights: tuple[Right, ...] = ()
    of_a_task: bool = True


def needs(*rights: Right, of_a_task: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Stands between a route and its handler."""
    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, Needs(rights, of_a_task))
        return endpoint
    return declare


open_to_all = needs(of_a_task=False)


def needs_of(endpoint: object) -> Needs | None:
    """What was declared at a route; None if nothing was."""
    return getattr(endpoint, _DECLARED, None)


def sees(caller: Caller | None, task: str) -> bool:
    """Whether an answer about several tasks may tell this caller of this one."""
    return caller is None or not caller.tasks or task in caller.tasks


def seen_by(request: Request) -> Callable[[str], bool]:
    """Which tasks an answer about several may tell of."""
    return partial(sees, caller_of(request.scope))


async def allowed(request: Request) -> None:
    """A dependency of every route. Raises: Forbidden, UnknownExperiment."""
    caller, needed = caller_of(request.scope), needs_of(request.scope["endpoint"])
    if caller is None:
        return
    if require_right(caller, needed).of_a_task and caller.tasks:
        require_own_task(caller, await _task_of(request))


def require_right(caller: Caller, needed: Needs | None) -> Needs:
    """Returns: what is needed, which is declared. Raises: Forbidden."""
    if needed is None or not caller.rights & set(needed.rights):
        words = " or ".join(needed.rights) if needed else "that no route without a declaration asks for"
        raise Forbidden(f"the key {caller.name} has not the right {words}; it has {', '.join(sorted(caller.rights))}")
    return needed


def require_own_task(caller: Caller, task: str | None) -> None:
    """Of a caller whose key is of some tasks alone. Raises: Forbidden."""
    own = f"the key {caller.name} is of {', '.join(sorted(caller.tasks))} alone"
    if not task:
        raise Forbidden(f"{own}: name the task with ?task=NAME where the request takes it")
    if task not in caller.tasks:
        raise Forbidden(f"{own}, not of {task[:100]}")


async def _task_of(request: Request) -> str | None:
    """The one that the request is about, as its route will see it; None if it does not say."""
    path = request.path_params
    if "experiment_id" in path:
        return await _task_of_experiment(request, path["experiment_id"])
    return path.get("task") or path.get("name") or request.query_params.get("task")


async def _task_of_experiment(request: Request, written: str) -> str | None:
    try:
        number = int(written)
    except ValueError:
        return None
    return (await run_in_threadpool(ports.experiment_log(wired(request)).get, number)).task
