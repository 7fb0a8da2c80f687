"""A process of the service's own is started anew when it dies, and ends with the service."""
from __future__ import annotations

import logging
import os
import signal
from pathlib import Path

import pytest

from entrypoints.processes import child
from entrypoints.processes.child import Child
from entrypoints.settings import Settings
from tests.waiting import until

MODULE = '''
import os, pathlib, signal, sys
told = pathlib.Path(__file__).with_name(f"run-{sys.argv[2]}")
told.with_suffix(".part").write_text(f"{os.getpid()} {sys.argv[1]}")
told.with_suffix(".part").rename(told)
signal.sigwait({signal.SIGTERM})
told.with_suffix(".ended").touch()
'''


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "made_child.py").write_text(
        f"import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM}})\n{MODULE}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(child, "_FIRST_PAUSE_S", 0.01)
    return tmp_path


def run(folder: Path, number: int) -> list[int]:
    """Its pid, and the one that it was told."""
    path = folder / f"run-{number}"
    until(path.exists)
    return list(map(int, path.read_text().split()))


def test_it_is_started_anew_and_told_how_many_came_before(made: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Child("made_child", "the helper", Settings(home=made), logging.getLogger("progon.test"), 10.0):
        first, parent = run(made, 0)
        assert parent == os.getpid()
        os.kill(first, signal.SIGKILL)
        second, _ = run(made, 1)
        assert second != first
        assert f"the helper ended with {-signal.SIGKILL}" in caplog.text
    assert (made / "run-1.ended").exists() and not (made / "run-0.ended").exists()


def test_one_that_does_not_end_is_killed(made: Path) -> None:
    (made / "made_child.py").write_text(MODULE.replace("sigwait({signal.SIGTERM})", "pause()").replace(
        "import os", "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport os", 1))
    with Child("made_child", "the helper", Settings(home=made), logging.getLogger("progon.test"), 0.05):
        pid, _ = run(made, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
