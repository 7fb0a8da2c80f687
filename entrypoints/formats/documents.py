"""YAML files that a user writes: tasks and parameters."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from domain import task_document
from domain.errors import Fault, InvalidInput
from domain.task import Task

# PyYAML reads 40,000 lines of a list in a second.
MAX_YAML_BYTES = 512 << 10


def read_yaml(path: Path) -> object:
    """Raises: InvalidInput naming the file, and the line where it stops being YAML."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as failure:
        raise InvalidInput(f"{path} cannot be read: {failure}") from failure
    except InvalidInput as failure:
        raise InvalidInput(f"{path}: {failure.detail}") from failure


class _PlainLoader(yaml.SafeLoader):
    """Without aliases, by which a few lines can stand for more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave its result open
            raise yaml.composer.ComposerError(None, None, "aliases are not read here", event.start_mark)
        return super().compose_node(parent, index)


def parse_yaml(text: str) -> object:
    """YAML or JSON, which is YAML too. Raises: InvalidInput."""
    try:
        return yaml.load(text, _PlainLoader)
    # PyYAML lets what its constructors meet come out: "2001-99-99" is a ValueError, "!!bool x" a KeyError.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as failure:
        raise InvalidInput(f"not YAML: {' '.join(str(failure).split())}") from failure


def parse_document(content: bytes, what: str) -> object:
    """Of a small file; `what` it is, as a fault names it. Raises: InvalidInput."""
    try:
        if len(content) > MAX_YAML_BYTES:
            raise InvalidInput(f"has {len(content):,} bytes; {MAX_YAML_BYTES:,} are allowed")
        return parse_yaml(content.decode())
    except UnicodeDecodeError as failure:
        problem = f"is not UTF-8: byte {failure.start + 1}"
        raise InvalidInput(f"{what} {problem}", [Fault(what, problem)]) from failure
    except InvalidInput as failure:
        raise InvalidInput(f"{what}: {failure.detail}", [Fault(what, failure.detail)]) from failure


# What an answer says beside the task that is in it.
_ANSWERED = frozenset({"inferred", "dataset_version", "rows_added", "read", "dry_run", "warnings", "passed_over",
                       "schema_version", "versions", "deployment"})


def task_of(document: object) -> Task:
    """Of a task document, or of an answer that is one with more beside it, so that what a dry run gave can be changed
    and sent back. Raises: InvalidInput."""
    if isinstance(document, Mapping):
        document = {key: value for key, value in document.items() if key not in _ANSWERED}
    return task_document.from_document(document)


def read_task(path: Path) -> Task:
    """Raises: InvalidInput."""
    return task_of(read_yaml(path))
