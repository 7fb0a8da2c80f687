"""Sentences as they stand in the source, with 7 for what is put into them."""
from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILLED = "7"
# Names of a module or a function, and what each is given.
Names = Mapping[str, Sequence[ast.expr]]


def sources(places: Collection[str]) -> Iterator[ast.Module]:
    """places: files, and folders with all below them."""
    for place in map(ROOT.joinpath, places):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield ast.parse(path.read_text(encoding="utf-8"))


def scopes(module: ast.Module) -> Iterator[tuple[ast.FunctionDef, Names]]:
    """Each function, and what it calls by a name."""
    shared = _given(module.body)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            yield node, {**shared, **_given(list(ast.walk(node)))}


def _given(nodes: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _pairs(target, node.value):
                    found.setdefault(name, []).append(value)
    return found


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, its)


def texts(node: ast.expr | None, names: Names) -> list[str]:
    """All that the expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return list(map("".join, product(*(texts(part, names) for part in values))))
        case ast.FormattedValue(value=value):
            return texts(value, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return list(map("".join, product(texts(left, names), texts(right, names))))
        case ast.IfExp(body=body, orelse=other):
            return texts(body, names) + texts(other, names)
        case ast.Name(id=name) if name in names:
            without = {other: values for other, values in names.items() if other != name}
            return list(dict.fromkeys(text for value in names[name] for text in texts(value, without)))
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(form)), attr="format")):
            return [re.sub(r"\{\w*\}", FILLED, form)]
    return [FILLED]
