"""A page does not wait for what takes long."""
from __future__ import annotations

import asyncio

import pytest

from entrypoints.admin.patience import soon


def test_what_is_there_is_shown_and_the_rest_goes_on():
    async def page() -> tuple[list, bool]:
        go_on, ended = asyncio.Event(), asyncio.Event()

        async def quick() -> str:
            return "there"

        async def slow() -> str:
            await go_on.wait()
            ended.set()
            return "later"

        found = await soon([quick(), slow()], patience_s=0.01)
        go_on.set()
        await ended.wait()
        return found, ended.is_set()

    assert asyncio.run(page()) == (["there", None], True)
    assert asyncio.run(soon([])) == []


def test_a_failure_that_comes_in_time_is_told_and_a_later_one_is_nobodys(caplog):
    async def fails(go_on: asyncio.Event) -> str:
        await go_on.wait()
        raise OSError("away")

    async def page(comes_at_once: bool) -> list:
        go_on = asyncio.Event()
        if comes_at_once:
            go_on.set()
        found = await soon([fails(go_on)], patience_s=0.01)
        go_on.set()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()),
                             return_exceptions=True)
        return found

    with pytest.raises(OSError, match="away"):
        asyncio.run(page(True))
    assert asyncio.run(page(False)) == [None] and caplog.records == []
