"""The code of a run, as its stages depend on it."""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from adapters.dvc.stages import write_stages

DEFINITION = """stages:
  first: {cmd: progon first, deps: ["${task_file}", "${code}/a.py"], outs: [data]}
  second: {cmd: progon second, deps: [data, "${code}/a.py", "${code}/b/c.py"], outs: [model]}
"""


@pytest.fixture
def definition(tmp_path) -> Path:
    (tmp_path / "code" / "b").mkdir(parents=True)
    for name in ("a.py", "b/c.py"):
        (tmp_path / "code" / name).write_text(f"'''{name}'''\n")
    (tmp_path / "code" / "dvc.yaml").write_text(DEFINITION)
    (tmp_path / "workspace").mkdir()
    return tmp_path / "code" / "dvc.yaml"


def written(definition: Path) -> dict[str, str]:
    """What each stage depends on: the file's text by its name."""
    workspace = definition.parents[1] / "workspace"
    write_stages(definition, workspace)
    stages = yaml.safe_load((workspace / "dvc.yaml").read_text())["stages"]
    return {name: (workspace / stage["deps"][-1]).read_text() for name, stage in stages.items()}


def test_the_rest_of_a_stage_stays(definition):
    written(definition)
    stages = yaml.safe_load((definition.parents[1] / "workspace" / "dvc.yaml").read_text())["stages"]
    assert stages["second"] == {"cmd": "progon second", "deps": ["data", "code/second.sha256"], "outs": ["model"]}


@pytest.mark.parametrize(("changed", "stages"), [("a.py", {"first", "second"}), ("b/c.py", {"second"})])
def test_a_change_of_a_file_is_one_of_the_stages_that_run_it(definition, changed, stages):
    before = written(definition)
    assert written(definition) == before
    (definition.parent / changed).write_text("'''another'''\n")
    after = written(definition)
    assert {name for name in before if after[name] != before[name]} == stages


def test_a_file_that_is_not_there(definition):
    (definition.parent / "a.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.py"):
        written(definition)
