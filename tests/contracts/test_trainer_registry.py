"""The contract of the port TrainerRegistry, and how trainers of others get into the real one."""
from __future__ import annotations

import sys

import pytest

from adapters.plugins.trainer_registry import BuiltIn, PluginTrainerRegistry
from application.ports.trainer_registry import TrainerUnusable, UnknownTrainer
from tests.fakes.trainer import LinearTrainer
from tests.fakes.trainer_registry import InMemoryTrainerRegistry

FILE = '''
import numpy
from progon_test_helper import nothing
'''
GOOD = '''
import json, numpy
from domain.trainer_card import TrainerCard
class Forest:
    def describe(self): return TrainerCard("forest", ["tabular"], ["binary"])
    def fit(self, task, parts, events, on_iteration): ...
'''


@pytest.fixture(params=[InMemoryTrainerRegistry, PluginTrainerRegistry])
def registry(request, tmp_path):
    if request.param is InMemoryTrainerRegistry:
        return InMemoryTrainerRegistry({"catboost": LinearTrainer()}, {"broken": "no module"})
    (tmp_path / "broken.py").write_text(FILE)
    (tmp_path / "_helper.py").write_text("1 / 0")
    return PluginTrainerRegistry({"catboost": BuiltIn(LinearTrainer, ["numpy"])}, tmp_path)


def test_all_are_known_by_name_whether_they_work_or_not(registry):
    assert list(registry.names()) == ["broken", "catboost"]


def test_one_is_made(registry):
    assert registry.get("catboost").describe().name == "catboost"


def test_one_that_does_not_work_says_why(registry):
    with pytest.raises(TrainerUnusable, match="broken cannot be loaded: .*module"):
        registry.get("broken")


def test_one_that_is_not_there(registry):
    for ask in (registry.get, registry.identify):
        with pytest.raises(UnknownTrainer, match="there is no trainer forest"):
            ask("forest")


def test_each_is_told_from_the_others_without_being_loaded(registry):
    assert registry.identify("broken") != registry.identify("catboost")
    assert registry.identify("broken") == registry.identify("broken")
    assert all(isinstance(text, str) for text in registry.identify("broken").values())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "forest.py").write_text(GOOD)
    return tmp_path


def test_a_file_is_a_trainer(folder):
    assert PluginTrainerRegistry({}, folder).get("forest").describe().name == "forest"


def test_another_file_is_another_trainer(folder):
    registry = PluginTrainerRegistry({}, folder)
    before = registry.identify("forest")
    (folder / "forest.py").write_text(GOOD + "# another\n")
    assert registry.identify("forest")["digest"] != before["digest"]
    assert before["source"] == "forest.py" and before["libraries"].startswith("numpy ")


@pytest.mark.parametrize(("code", "why"), [
    ("", "0 classes"), (GOOD + GOOD.replace("Forest", "Other"), "2 classes"), ("class (", "SyntaxError"),
    (GOOD.replace('"forest"', '"oak"'), "calls itself oak"), ("raise SystemExit(3)", "SystemExit"),
    (GOOD.replace("def fit", "def __init__(self, x): ...\n    def fit"), "TypeError")])
def test_what_is_wrong_with_a_file_is_told(folder, code, why):
    (folder / "forest.py").write_text(code)
    with pytest.raises(TrainerUnusable, match=why):
        PluginTrainerRegistry({}, folder).get("forest")


def test_a_name_is_given_once(folder):
    registry = PluginTrainerRegistry({"forest": BuiltIn(LinearTrainer)}, folder)
    with pytest.raises(TrainerUnusable, match="2 trainers are called forest"):
        registry.identify("forest")


def test_a_distribution_registers_one(tmp_path, monkeypatch):
    (tmp_path / "oak_trees.py").write_text(GOOD)
    info = tmp_path / "oak-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: oak\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text("[progon.trainers]\nforest = oak_trees:Forest\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = PluginTrainerRegistry({})
    said = registry.identify("forest")
    assert said["source"] == "oak 1.5" and len(said["digest"]) == 64
    assert "oak_trees" not in sys.modules, "nothing was loaded so far"
    assert registry.get("forest").describe().name == "forest"
    sys.modules.pop("oak_trees")
