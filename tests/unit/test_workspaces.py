from __future__ import annotations

import os
import time

from entrypoints.processes.workspaces import workspace


def test_what_was_left_long_ago_goes_and_nothing_stays(tmp_path):
    home = tmp_path / "imports"
    with workspace(home) as running:
        (running / "a").write_text("x")
        old = home / "killed"
        old.mkdir()
        (old / "b").write_text("x")
        os.utime(old, (time.time() - 90_000,) * 2)
        with workspace(home) as second:
            assert second != running and list(second.iterdir()) == []
        assert not old.exists() and (running / "a").exists()
    assert list(home.iterdir()) == []
