"""The schemas of all answers, by name."""
from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import cleandoc
from pkgutil import iter_modules
from typing import Any

import msgspec

from entrypoints import answers
from entrypoints.answers.answer import Answer

_REFERENCE = "#/components/schemas/{name}"
Schema = dict[str, Any]


def reference(answer: type[Answer]) -> Schema:
    """What stands for the schema of an answer in the document."""
    return {"$ref": _REFERENCE.format(name=answer.__name__)}


def asked(answer: type[Answer]) -> Schema:
    """What stands for the same as callers send it, with no names but its own; `components_asked` has its schema."""
    return {"$ref": _REFERENCE.format(name=_asked_name(answer))}


def components_asked(answer: type[Answer], schemas: Mapping[str, Schema], **properties: Schema) -> Schema:
    """The schema of what `asked` stands for, by name. schemas: as `components` gives them. properties: those that
    callers may send in another form, or beside the others."""
    closed = _closed(reference(answer), schemas)
    return {_asked_name(answer): closed | {"properties": closed["properties"] | properties}}


def _asked_name(answer: type[Answer]) -> str:
    return f"{answer.__name__}Asked"


def _closed(schema: Any, schemas: Mapping[str, Schema]) -> Any:
    if isinstance(schema, list):
        return [_closed(each, schemas) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and "properties" in (found := schemas[schema["$ref"].rsplit("/", 1)[1]]):
        return _closed(found, schemas)
    closed = {} if "properties" not in schema else {"additionalProperties": False}
    return {key: _closed(value, schemas) for key, value in schema.items()} | closed


def components() -> Schema:
    """The schemas of all answers of this package and of what they hold, by name."""
    for module in iter_modules(answers.__path__, f"{answers.__name__}."):
        import_module(module.name)
    found = msgspec.json.schema_components(_below(Answer), ref_template=_REFERENCE)[1]
    for schema in found.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return found


def _below(kind: type[Answer]) -> list[type[Answer]]:
    """The answers of a kind that can be given, without those that others only share fields of; by name."""
    found = {answer for child in kind.__subclasses__() for answer in [child, *_below(child)]}
    return sorted((answer for answer in found if not answer.__name__.startswith("_")), key=lambda each: each.__name__)
