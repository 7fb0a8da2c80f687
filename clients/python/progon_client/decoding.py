"""JSON as the answer that it is."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class Misunderstood(ValueError):
    """What came is not of the form that was promised."""


def decode(form: type[T], value: object) -> T:
    """Raises: Misunderstood, naming the place."""
    decoded: T = _decoded(form, value, form.__name__)
    return decoded


def _decoded(form: Any, value: object, where: str) -> Any:
    origin = get_origin(form)
    if form is Any or origin is Literal:
        return value
    if is_dataclass(form):
        return _struct(form, value, where)
    if origin in (Union, UnionType):
        return _one_of(get_args(form), value, where)
    if origin is list:
        return [_decoded(get_args(form)[0], item, f"{where}[{number}]")
                for number, item in enumerate(_must(list, value, where))]
    if origin is dict:
        return {name: _decoded(get_args(form)[1], item, f"{where}.{name}")
                for name, item in _must(dict, value, where).items()}
    return _plain(form, value, where)


def _struct(form: Any, value: object, where: str) -> Any:
    given = _must(dict, value, where)
    hints = _hints(form)
    names = {name: name_of(name) for name in hints}
    if missing := [names[field.name] for field in fields(form)
                   if field.default is MISSING and names[field.name] not in given]:
        raise Misunderstood(f"{where} has no {', '.join(missing)}")
    return form(**{name: _decoded(hint, given[names[name]], f"{where}.{names[name]}")
                   for name, hint in hints.items() if names[name] in given})


def name_of(field: str) -> str:
    """As JSON has it: `as_` is a word that Python keeps for itself."""
    return field.removesuffix("_")


@cache
def _hints(form: Any) -> Mapping[str, Any]:
    return get_type_hints(form)


def _one_of(forms: tuple[Any, ...], value: object, where: str) -> Any:
    """Null is none of the others; what is left are unions of plain values, which JSON tells apart by itself."""
    if value is None and NoneType in forms:
        return None
    others = [form for form in forms if form is not NoneType]
    if len(others) == 1:
        return _decoded(others[0], value, where)
    if isinstance(value, tuple(get_origin(form) or form for form in others)):
        return value
    _wrong(others, value, where)


def _plain(form: Any, value: object, where: str) -> Any:
    if form is datetime:
        return datetime.fromisoformat(_must(str, value, where))
    if form is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _must(form, value, where)


def _must(form: type[T], value: object, where: str) -> T:
    if isinstance(value, form) and not (isinstance(value, bool) and form is int):
        return value
    _wrong([form], value, where)


def _wrong(forms: list[Any], value: object, where: str) -> NoReturn:
    raise Misunderstood(f"{where}: expected {' or '.join(form.__name__ for form in forms)}, got {value!r:.100}")
