"""By what one code of a trainer differs from another, found out without running it."""
from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source_of(module: str) -> Path | None:
    """The file of a module; None where it has none, or cannot be found."""
    try:
        spec = importlib.util.find_spec(module)
    except Exception:  # looking for a module runs the packages above it
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None and spec.has_location else None


def libraries_of(code_or_names: bytes | Iterable[str]) -> str:
    """The versions of distributions by name, or of those whose packages some Python code imports."""
    names = _imported(code_or_names) if isinstance(code_or_names, bytes) else code_or_names
    return ", ".join(sorted({f"{name} {found}" for name in names if (found := _version(name))}))


def _imported(code: bytes) -> Iterator[str]:
    of_package = packages_distributions()
    for package in sorted(set(_packages(code))):
        yield from of_package.get(package, ())


def _packages(code: bytes) -> Iterator[str]:
    """The first names of what the code imports; of code that is none, nothing."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError):
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
