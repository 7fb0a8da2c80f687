"""Benchmarks, side by side with what people use instead.

    python -m benchmarks                      those that need nothing but the installed project, one after the other
    python -m benchmarks --list               all of them, how long they take and what they need
    python -m benchmarks NAME [NAME ...]      these
    python -m benchmarks NAME ARGUMENTS...    one, with arguments of its own (NAME --help tells them)

Each runs in a process of its own. At the end stand the figures of all, ours beside the peer's. One that fails is named
and the others run; the exit code is then 1.
"""
from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.headline import Headline, table
from benchmarks.own_process import in_own_process

WRONG_USAGE = 2


class WrongUsage(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Plan:
    benchmarks: Sequence[Benchmark]
    arguments: Sequence[str] = ()


def main(words: Sequence[str]) -> int:
    """Returns: the exit code."""
    if words and words[0] in ("--list", "-h", "--help"):
        print(listing() if words[0] == "--list" else f"{__doc__}\n{listing()}")
        return 0
    try:
        return run(plan(words))
    except WrongUsage as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE


def listing() -> str:
    lines = [f"{'name':18} {'minutes':>7}  shows"]
    for one in BENCHMARKS.values():
        lines.append(f"{one.name:18} {one.minutes:7g}  {one.shows}")
        lines += [f"{'':28}needs {one.needs}"] if one.needs else []
    return "\n".join(lines)


def plan(words: Sequence[str]) -> Plan:
    """Leading names, then the arguments of the one that was named. Raises: WrongUsage."""
    if not words:
        return Plan([one for one in BENCHMARKS.values() if not one.needs])
    names = [word for place, word in enumerate(words) if set(words[:place + 1]) <= BENCHMARKS.keys()]
    arguments = words[len(names):]
    if not names:
        raise WrongUsage(f"there is no benchmark {words[0]}; there are {', '.join(BENCHMARKS)}")
    if arguments and len(names) > 1:
        raise WrongUsage(f"{arguments[0]} is no benchmark, and arguments go with one benchmark alone, not with "
                         f"{', '.join(names)}")
    return Plan([BENCHMARKS[name] for name in names], arguments)


def run(chosen: Plan) -> int:
    found: list[tuple[str, Headline]] = []
    failed: list[str] = []
    for one in chosen.benchmarks:
        print(f"== {one.name}: {one.shows}", flush=True)
        began = time.perf_counter()
        code, headlines = in_own_process(one, chosen.arguments)
        found += [(one.name, headline) for headline in headlines]
        failed += [one.name] if code else []
        took_s = time.perf_counter() - began
        print(f"== {one.name}: {f'FAILED, exit code {code}' if code else 'done'} after {took_s:.0f} s\n", flush=True)
    if found:
        print(table(found))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
