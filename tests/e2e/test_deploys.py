"""Deployments, among them broken ones, while the service is asked without a pause."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.builders import ROW
from tests.e2e.load import Answer, Connection, Load, ask_once
from tests.e2e.service import Service, Workshop, serving

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WORKERS, DEPLOYS = 4, 50
BODY = json.dumps(ROW, ensure_ascii=False).encode()
MIB = 1 << 20


@pytest.fixture
def workshop(tmp_path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.close()


@dataclass(frozen=True)
class Deployed:
    """An experiment that serves from some moment between `asked` and `told` on."""

    experiment_id: int
    asked: float
    told: float


async def deploy(service: Service, experiment_id: int) -> Answer:
    return await ask_once(service.port, "POST", f"/deploy/{experiment_id}")


async def connections_to_all_workers(service: Service) -> list[Connection]:
    kept: list[Connection] = []
    while min(service.connections().values()) == 0:
        assert len(kept) < 200, service.connections()
        more = [Connection(service.port) for _ in range(8)]
        # All at once, so that one worker cannot take them all.
        assert {answer.status for answer in await asyncio.gather(*(
            connection.ask("POST", "/forward", BODY) for connection in more))} == {200}
        kept += more
    return kept


async def ask_all_over(service: Service, times: int = 24) -> set[int]:
    """Over new connections, all at once. Returns: the experiments that answered."""
    answers = await asyncio.gather(*(ask_once(service.port, "POST", "/forward", BODY) for _ in range(times)))
    assert {answer.status for answer in answers} == {200}, answers
    return {answer.experiment_id for answer in answers}


def wrong_answers(answers: list[Answer], deployed: list[Deployed]) -> list[Answer]:
    """Those of an experiment that did not serve at any moment between question and answer."""
    ends = {each.experiment_id: following.told for each, following in zip(deployed, deployed[1:])}
    begins = {each.experiment_id: each.asked for each in deployed}
    return [answer for answer in answers
            if answer.experiment_id not in begins or answer.ended < begins[answer.experiment_id]
            or answer.started > ends.get(answer.experiment_id, answer.started)]


async def deploy_one_after_another(
        workshop: Workshop, service: Service) -> tuple[Load, list[Deployed], list[list[int]]]:
    """Returns: the load, what was deployed, and the memory of each worker after every tenth deployment."""
    deployed, memory = [Deployed(1, 0.0, 0.0)], []
    load = Load(service.port, BODY)
    load.start(await connections_to_all_workers(service), fresh=4)
    broken = (workshop.truncated, workshop.of_another_task, workshop.with_another_probe)
    for number in range(1, DEPLOYS + 1):
        is_broken = number % 3 == 0
        experiment_id = broken[number // 3 % len(broken)]() if is_broken else workshop.sound()
        answer = await deploy(service, experiment_id)
        if is_broken:
            assert answer.status == 403 and "model" in answer.body["detail"], answer
            assert answer.body["title"] == "модель не смогла обработать данные"
        else:
            assert answer.status == 200, answer
            assert answer.body["previous_experiment_id"] == deployed[-1].experiment_id
            assert answer.body["generation"] == len(deployed) + 1, "what is broken leaves no trace"
            deployed.append(Deployed(experiment_id, answer.started, answer.ended))
            assert await ask_all_over(service) == {experiment_id}
        if number % 10 == 0:
            memory.append(service.memory_bytes())
    await load.stop()
    return load, deployed, memory


def test_fifty_deploys_under_load(workshop):
    with serving(workshop, WORKERS) as service:
        assert len(service.workers()) == WORKERS
        load, deployed, memory = asyncio.run(deploy_one_after_another(workshop, service))
        assert [answer for answer in load.answers if answer.status != 200] == []
        assert wrong_answers(load.answers, deployed) == []
        assert len({answer.experiment_id for answer in load.answers}) == len(deployed) == 1 + DEPLOYS - DEPLOYS // 3
        assert len(memory[-1]) == WORKERS and max(memory[-1]) < 1.15 * max(memory[0]) + 10 * MIB, memory
        print(f"{len(load.answers)} answers, memory in MiB {[[size // MIB for size in sizes] for sizes in memory]}")

        back = asyncio.run(ask_once(service.port, "POST", "/rollback"))
        assert (back.status, back.body["experiment_id"]) == (200, deployed[-2].experiment_id)
        assert asyncio.run(ask_all_over(service)) == {deployed[-2].experiment_id}
    with serving(workshop, WORKERS) as service:
        assert asyncio.run(ask_all_over(service)) == {deployed[-2].experiment_id}
        assert "Traceback" not in service.log.read_text(), service.log.read_text()


def test_a_worker_that_is_killed_does_not_stop_deployments(workshop):
    with serving(workshop, 2) as service:
        assert asyncio.run(deploy(service, workshop.sound())).status == 200
        service.workers()[0].kill()
        experiment_id = workshop.sound()
        # Its connections may break, and those alone: whoever asks once more is answered.
        answer = asyncio.run(deploy(service, experiment_id))
        answer = answer if answer.status else asyncio.run(deploy(service, experiment_id))
        assert answer.status == 200, answer
        assert asyncio.run(ask_all_over(service)) == {experiment_id}


async def roll_out_under_load(workshop: Workshop, service: Service) -> Load:
    """Candidates come, grow, are promoted and aborted; each step holds for whoever asks after it was told."""
    load = Load(service.port, BODY)
    load.start(await connections_to_all_workers(service), fresh=2)
    first, second, broken = workshop.sound(), workshop.sound(), workshop.truncated()

    async def post(path: str, status: int = 200) -> dict:
        answer = await ask_once(service.port, "POST", path)
        assert answer.status == status, answer
        return answer.body

    await post(f"/deploy/{first}?as=canary&share=0.5")
    assert await ask_all_over(service, 60) == {1, first}
    await post(f"/deploy/{broken}?as=canary&share=0.5", 403)
    assert await ask_all_over(service, 60) == {1, first}, "what was tried before is tried still"
    await post(f"/deploy/{second}?as=shadow")
    assert await ask_all_over(service, 60) == {1}
    await post("/rollouts/small/abort")
    await post(f"/deploy/{first}?as=canary&share=0.01")
    assert (await post("/rollouts/small/promote"))["experiment_id"] == first
    assert await ask_all_over(service, 60) == {first}
    assert (await post("/rollback"))["experiment_id"] == 1
    assert await ask_all_over(service, 60) == {1}
    await load.stop()
    return load


def test_rollouts_under_load(workshop):
    with serving(workshop, 2) as service:
        load = asyncio.run(roll_out_under_load(workshop, service))
        assert [answer for answer in load.answers if answer.status != 200] == []
        assert "Traceback" not in service.log.read_text(), service.log.read_text()
