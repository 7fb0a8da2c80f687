"""How much memory a process may have."""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.system.memory import memory_bytes

MACHINE_BYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(("file", "text", "expected"), [
    ("sys/fs/cgroup/memory.max", "104857600\n", 100 << 20), ("sys/fs/cgroup/memory.max", "max\n", MACHINE_BYTES),
    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "104857600\n", 100 << 20),
    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n", MACHINE_BYTES),
    ("elsewhere", "1", MACHINE_BYTES)])
def test_a_container_may_have_less_than_its_machine(tmp_path: Path, file, text, expected):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert memory_bytes(tmp_path) == expected


def test_here_it_is_something():
    assert 0 < memory_bytes() <= MACHINE_BYTES
