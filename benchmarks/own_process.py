"""Runs one benchmark in a process of its own, so that none inherits memory, threads or a failure of another."""
from __future__ import annotations

import importlib
import multiprocessing
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

from benchmarks.catalogue import Benchmark
from benchmarks.headline import Headline


def in_own_process(one: Benchmark, arguments: Sequence[str]) -> tuple[int, list[Headline]]:
    """Returns: its exit code and what its `main` returned."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(one.module, list(arguments), sender), name=one.name)
    process.start()
    sender.close()
    headlines = received(receiver)
    process.join()
    return process.exitcode, headlines


def received(receiver: Connection) -> list[Headline]:
    with receiver:
        try:
            return receiver.recv()
        except EOFError:  # it ended before it had any
            return []


def child(module: str, arguments: list[str], sender: Connection) -> None:
    sys.argv = [module, *arguments]
    sender.send(importlib.import_module(module).main() or [])
