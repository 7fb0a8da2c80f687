"""Trainers that are built in, that distributions register as entry points, and that lie as files in a folder.

A file NAME.py registers the one class in it that has `describe` and `fit`, under NAME. Files that begin with _ are not
looked at.
"""
from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from adapters.plugins.identity import digest_of, libraries_of, source_of
from application.ports.trainer import Trainer
from application.ports.trainer_registry import TrainerRegistry, TrainerUnusable, UnknownTrainer

GROUP = "progon.trainers"


class BuiltIn:
    """needs: distributions without which it cannot train. make: imports them."""

    def __init__(self, make: Callable[[], Trainer], needs: Sequence[str] = ()) -> None:
        self.make, self.needs = make, needs


class _Source(Protocol):
    def load(self) -> Trainer:
        """Raises: whatever the code of the trainer does."""

    def identify(self) -> Mapping[str, str]: ...


class PluginTrainerRegistry(TrainerRegistry):
    """folder: of trainers as files; None if there is none."""

    def __init__(self, built_in: Mapping[str, BuiltIn], folder: Path | None = None) -> None:
        self._built_in, self._folder = built_in, folder

    def names(self) -> Sequence[str]:
        return sorted({name for name, _ in self._sources()})

    def get(self, name: str) -> Trainer:
        source = self._source(name)
        try:
            trainer = source.load()
            said = trainer.describe().name
        except TrainerUnusable:
            raise
        except (Exception, SystemExit) as failure:  # whatever the code of somebody else does
            raise TrainerUnusable(f"the trainer {name} cannot be loaded: {type(failure).__name__}: {failure}"
                                  ) from failure
        if said != name:
            raise TrainerUnusable(f"the trainer {name} calls itself {said}; its file or entry point has to be called "
                                  "as it is")
        return trainer

    def identify(self, name: str) -> Mapping[str, str]:
        return self._source(name).identify()

    def _source(self, name: str) -> _Source:
        found = [source for known, source in self._sources() if known == name]
        if not found:
            raise UnknownTrainer(f"there is no trainer {name} here; there are {', '.join(self.names())}")
        if len(found) > 1:
            raise TrainerUnusable(f"{len(found)} trainers are called {name}; a name is given once")
        return found[0]

    def _sources(self) -> list[tuple[str, _Source]]:
        files = sorted(self._folder.glob("[!_]*.py")) if self._folder is not None else []
        return [*((name, _FromHere(entry)) for name, entry in self._built_in.items()),
                *((entry.name, _FromDistribution(entry)) for entry in entry_points(group=GROUP)),
                *((path.stem, _FromFile(path)) for path in files)]


class _FromHere:
    def __init__(self, entry: BuiltIn) -> None:
        self._entry = entry

    def load(self) -> Trainer:
        return self._entry.make()

    def identify(self) -> Mapping[str, str]:
        return {"source": "built in", "libraries": libraries_of(self._entry.needs)}


class _FromDistribution:
    def __init__(self, entry: EntryPoint) -> None:
        self._entry = entry

    def load(self) -> Trainer:
        return _made(self._entry.load())

    def identify(self) -> Mapping[str, str]:
        of = self._entry.dist
        origin = source_of(self._entry.module)
        return {"source": f"{of.name} {of.version}" if of is not None else "unknown"} | (
            {"digest": digest_of(origin)} if origin is not None else {})


class _FromFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Trainer:
        module = _module(self._path)
        found = [item for item in vars(module).values() if inspect.isclass(item)
                 and item.__module__ == module.__name__ and hasattr(item, "describe") and hasattr(item, "fit")]
        if len(found) != 1:
            raise TrainerUnusable(f"{self._path.name} has {len(found)} classes with describe and fit; expected one")
        return _made(found[0])

    def identify(self) -> Mapping[str, str]:
        content = self._path.read_bytes()
        return {"source": self._path.name, "digest": digest_of(self._path), "libraries": libraries_of(content)}


def _made(loaded: Any) -> Trainer:
    """A class is called; of a distribution it may be anything that can be."""
    made: Trainer = loaded() if callable(loaded) else loaded
    return made


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"progon_trainer_{path.stem}", path)
    assert spec is not None and spec.loader is not None, "the file ends in .py"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
