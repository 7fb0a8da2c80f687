"""dvc.yaml tells the truth about its code: what a stage imports decides whether it runs anew."""
from __future__ import annotations

import pytest
import yaml

from tests.architecture.stage_code import DEFINITION, ROOT, imported, named, stages

TEXT = DEFINITION.read_text(encoding="utf-8")


def test_all_stages_are_looked_at():
    assert stages(TEXT) == list(yaml.safe_load(TEXT)["stages"]) == ["extract_data", "train_model", "inference_model"]


@pytest.mark.parametrize("stage", stages(TEXT))
def test_a_stage_depends_on_all_code_that_it_imports(stage):
    """Written by `python -m tests.architecture.stage_code`."""
    assert named(TEXT, stage) == imported(stage)
    deps = yaml.safe_load(TEXT)["stages"][stage]["deps"]
    assert [f"${{code}}/{name}" for name in named(TEXT, stage)] == [dep for dep in deps if dep.startswith("${code}")]
    assert all((ROOT / name).is_file() for name in named(TEXT, stage))


def test_imports_far_down_and_in_functions_count():
    """What a list by hand had lost."""
    training = set(imported("train_model"))
    assert {"domain/scoring.py", "domain/drift.py", "domain/parity.py", "domain/report.py",
            "adapters/onnx/model_runner.py", "adapters/catboost/trainer.py"} <= training
    assert "application/queries/parted.py" in imported("extract_data")
    assert not [name for name in training if name.startswith(("entrypoints/http", "entrypoints/admin"))]
