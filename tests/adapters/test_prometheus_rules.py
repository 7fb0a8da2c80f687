"""The alert rules, judged by Prometheus's own tool."""
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from adapters.prometheus import exposition, telemetry

FOLDER = Path(__file__).parents[2] / "docker" / "prometheus"


def promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus): the alert rules were not tested")
    done = subprocess.run([program, *arguments], cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_rules():
    assert "SUCCESS" in promtool("check", "rules", "rules.yml")
    promtool("check", "config", "prometheus.yml")


def test_the_rules_fire_when_they_should_and_only_then():
    assert "SUCCESS" in promtool("test", "rules", "rules_test.yml")


def test_every_metric_in_the_rules_is_one_that_the_service_gives():
    source = "".join(Path(module.__file__).read_text() for module in (exposition, telemetry))
    named = set(re.findall(r"\bprogon_\w+", (FOLDER / "rules.yml").read_text()))
    for name in named:
        base = re.sub(r"_(total|bucket)$", "", name).removeprefix("progon_")
        assert base in source or base.rpartition("_")[0] in source or base.partition("_")[0] in source, name
    assert len(named) > 8
