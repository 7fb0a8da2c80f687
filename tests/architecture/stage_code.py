"""Which code a stage of the pipeline runs: `python -m tests.architecture.stage_code` writes it into dvc.yaml.

A stage runs anew when a file it depends on has changed, so it has to name every module of this repository that it
imports, however far down and in functions too.
"""
from __future__ import annotations

import re
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "adapters", "entrypoints", "pipelines")
DEFINITION = ROOT / "dvc.yaml"
_CODE = "      - ${code}/"
_STAGE = re.compile(r"^  (\w+):\n    cmd:", re.MULTILINE)


def imported(stage: str) -> list[str]:
    """The files that `pipelines/<stage>.py` imports, and it itself, relative to the repository."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    modules = {f"pipelines.{stage}", *graph.find_upstream_modules(f"pipelines.{stage}")}
    packages = {module.rsplit(".", depth)[0] for module in modules for depth in range(1, module.count(".") + 1)}
    return sorted({_file(module) for module in modules | packages})


def _file(module: str) -> str:
    path = Path(*module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))


def stages(text: str) -> list[str]:
    return _STAGE.findall(text)


def named(text: str, stage: str) -> list[str]:
    """The code that the stage depends on by dvc.yaml."""
    return [line.removeprefix(_CODE) for line in _lines(text, stage) if line.startswith(_CODE)]


def _lines(text: str, stage: str) -> list[str]:
    after = text.split(f"  {stage}:\n    cmd:", 1)[1]
    return re.split(r"^  \w|^\w", after, maxsplit=1, flags=re.MULTILINE)[0].splitlines()


def rewritten(text: str) -> str:
    for stage in stages(text):
        old = "\n".join(_CODE + name for name in named(text, stage))
        head, _, tail = text.partition(f"  {stage}:\n    cmd:")
        tail = tail.replace(old, "\n".join(_CODE + name for name in imported(stage)), 1)
        text = f"{head}  {stage}:\n    cmd:{tail}"
    return text


if __name__ == "__main__":
    DEFINITION.write_text(rewritten(DEFINITION.read_text(encoding="utf-8")), encoding="utf-8")
