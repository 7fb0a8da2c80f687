"""The client's answers and parameters are those of /openapi.json, field by field."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from progon_client.answers.events import LogLine, Loss, Progress, Reading
from progon_client.answers.experiments import Experiment
from progon_client.call import Call, Repeat
from progon_client.client import Client
from progon_client.decoding import name_of
from progon_client.described import described
from progon_client.methods import Methods

from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container

NOW = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
FILE = b"a,b\n1,2\n"
# Every method with all that it can be given.
GIVEN: Mapping[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "forward": (({"a": 1},), {"task": "t", "extra": "ignore", "explain": True, "request_id": "r"}),
    "forward_rows": (([{"a": 1}],), {"task": "t", "extra": "ignore", "explain": True, "request_id": "r"}),
    "forward_picture": ((FILE,), {"task": "t", "output": ["mask"], "threshold": 0.5, "request_id": "r"}),
    "forward_batch": ((FILE,), {"task": "t", "extra": "ignore", "explain": True, "charset": "utf-8",
                                "request_id": "r"}),
    "forward_table": ((FILE,), {"task": "t", "form": "csv", "charset": "utf-8", "extra": "ignore",
                                "explain": True, "request_id": "r"}),
    "forward_pictures": ((FILE,), {"task": "t", "output": "mask", "threshold": 0.5, "video": "frames"}),
    "forward_zip": ((FILE,), {"task": "t", "output": "mask", "threshold": 0.5, "video": "frames"}),
    "evaluate": ((FILE,), {"task": "t", "extra": "ignore", "explain": True}),
    "evaluate_table": ((FILE,), {"task": "t", "extra": "refuse", "explain": True}),
    "evaluate_pictures": ((FILE,), {"task": "t", "output": "mask"}),
    "add_data": ((FILE,), {"task": "t"}), "check": ((FILE, "t"), {"preview": 3}),
    "add_labels": ((FILE,), {"task": "t"}), "dataset": (("t",), {}),
    "dataset_rows": (("t",), {"version": 1, "form": "csv"}), "export_data": (("t",), {"version": 1, "parts": "train"}),
    "dataset_sample": (("t",), {"version": 1, "rows": 2}),
    "dataset_columns": (("t",), {"version": 1}),
    "dataset_pictures": (("t",), {"version": 1, "limit": 2, "before": 3, "label": "a"}),
    "dataset_picture": (("t", "0" * 64), {"draw": "mask", "max_px": 8}), "undo_data": (("t",), {"version": 1}),
    "tasks": ((), {}), "task": (("t",), {"schema_version": 1}),
    "look": ((FILE,), {"charset": "utf-8"}),
    "create_task": (("t", FILE), {"target": "b", "problem": "binary", "split_by": "a", "split_by_time": "d",
                                  "positive": "1", "dry_run": True}),
    "add_task": (({"name": "t"},), {"dry_run": True}), "edit_task": (("t", {"description": "d"}), {}),
    "delete_task": (("t",), {"confirm": "t"}), "trainers": ((), {}),
    "retrain": (("t",), {"params": {"depth": 2}, "dataset_version": 1, "name": "n"}), "cancel": ((1,), {}),
    "experiment": ((1,), {}), "metrics": ((1,), {}),
    "experiments": (("t",), {"status": "failed", "limit": 1, "before": 3, "filter": "id > 1", "sort": "-id",
                             "search": "a", "archived": "all", "pinned": True, "offset": 2}),
    "edit_experiment": ((1,), {"name": "n", "tags": ["a"], "note": "b", "archived": True, "pinned": True}),
    "compare": ((1,), {"against": 2}),
    "artifacts": ((1,), {}), "artifact": ((1, "plots/a.png"), {}), "delete_experiment": ((1,), {}),
    "import_model": ((FILE, "t"), {"mapping": {"labels": ["a"]}, "check": FILE, "export": FILE, "name": "n",
                                   "dataset_version": 1, "dry": True}),
    "deploy": ((1,), {"if_better": "auc", "threshold": 0.3}),
    "roll_out": ((1,), {"as_": "canary", "share": 0.1, "by": "a", "if_better": "auc", "threshold": 0.3}),
    "rollouts": (("t",), {}), "promote": (("t",), {}), "abort": (("t",), {}), "rollback": (("t",), {}),
    "deployments": (("t",), {"limit": 1}),
    "metadata": (("t",), {}), "observations": (("t",), {}),
    "how_it_went": (("t",), {"last": "7d"}),
    "predictions": (("t",), {"limit": 1, "before": "b", "experiment_id": 1, "request_id": "r", "prediction": "p",
                             "label": "l", "labelled": True, "since": NOW, "until": NOW, "shadow": True}),
    "traffic": (("t",), {"minutes": 5}), "history": (("t",), {"limit": 1, "before": 2}),
    "audit": (("t",), {"who": "w", "after": 3, "limit": 1, "newest": True, "before": 9}), "health": ((), {}),
    "readiness": ((), {}), "caller": ((), {}), "keys": ((), {}), "revoke_key": ((1,), {}),
    "create_key": (("n", ["read"]), {"tasks": ["t"], "days": 2}),
}
# The rest is for machines that have clients of their own: Prometheus, the Open Inference Protocol; and for browsers.
ELSEWHERE = {("get", "/metrics"), ("get", "/experiments/{experiment_id}/events"), ("get", "/sign-in"),
             ("post", "/sign-in"), ("post", "/sign-in/finish")}
# Part of a call, or chosen by the client.
OWN_PARAMETERS = {"X-Request-ID", "Accept"}
PLAIN: Mapping[Any, set[str]] = {
    str: {"string"}, int: {"integer"}, float: {"number"}, bool: {"boolean"}, dict: {"object"}}


def described_calls() -> dict[str, Call[Any]]:
    methods = {name: method for name, method in vars(Methods).items() if isinstance(method, described)}
    assert set(methods) == set(GIVEN), "each method is tried here"
    return {name: methods[name].describe(*given, **named) for name, (given, named) in GIVEN.items()}


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> dict[str, Any]:
    return create_app(make_container(Settings(home=tmp_path_factory.mktemp("home")))).openapi()


@pytest.fixture(scope="module")
def described_fields(document) -> Described:
    return Described(document)


class Described:
    """What the document says of objects, with references followed and alternatives put together."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def alternatives(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Without null."""
        schema = self.resolved(schema)
        if "anyOf" in schema:
            for each in schema["anyOf"]:
                yield from self.alternatives(each)
        elif "allOf" in schema:
            parts = [self.resolved(each) for each in schema["allOf"]]
            named = {name: field for part in parts for name, field in part["properties"].items()}
            yield {"type": "object", "properties": named, "required": [
                name for part in parts for name in part.get("required", ())]}
        elif isinstance(kinds := schema.get("type"), list):
            yield from (schema | {"type": kind} for kind in kinds if kind != "null")
        elif kinds != "null":
            yield schema

    def faults(self, form: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        """How the client's form differs."""
        found = list(self.alternatives(schema))
        forms = [each for each in (get_args(form) if _is_union(form) else (form,)) if each is not type(None)]
        if len(forms) == 1 and is_dataclass(forms[0]):
            yield from self._of_a_class(forms[0], [each for each in found if "properties" in each], where)
        elif len(forms) == 1 and get_origin(forms[0]) in (list, dict):
            yield from self._of_a_collection(forms[0], found, where)
        else:
            yield from _of_plain_values(forms, found, where)

    def _of_a_class(self, form: Any, found: list[dict[str, Any]], where: str) -> Iterator[str]:
        """found: one variant or more, of which the class is the union."""
        found = _variants(form, found)
        promised = {name: field for each in found for name, field in each["properties"].items()}
        always = set.intersection(*(set(each.get("required", ())) for each in found)) if found else set()
        own = {name_of(field.name): field.default is MISSING for field in fields(form)}
        yield from (f"{where}.{name}: the client has it, the service has not" for name in own.keys() - promised.keys())
        yield from (f"{where}.{name}: the client lacks it" for name in promised.keys() - own.keys())
        yield from (f"{where}.{name}: is not always there" for name in own if own[name] and name not in always)
        for field, hint in get_type_hints(form).items():
            name = name_of(field)
            for each in found:
                if name in each["properties"]:
                    yield from self.faults(hint, each["properties"][name], f"{where}.{name}")

    def _of_a_collection(self, form: Any, found: list[dict[str, Any]], where: str) -> Iterator[str]:
        for schema in found:
            if get_origin(form) is list and schema.get("type") == "array":
                yield from self.faults(get_args(form)[0], schema.get("items", {}), f"{where}[]")
            elif get_origin(form) is dict and schema.get("type") == "object":
                values = schema.get("additionalProperties", {})
                if values not in (True, {}):
                    yield from self.faults(get_args(form)[1], values, f"{where}{{}}")
            else:
                yield f"{where}: {form} in the client, {schema} of the service"


def _is_union(form: Any) -> bool:
    return str(get_origin(form)) in ("typing.Union", "<class 'types.UnionType'>", "<class 'typing.Union'>")


def _variants(form: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several those with the very fields of the class, or else those that hold all that the class always has."""
    names = {name_of(field.name) for field in fields(form)}
    always = {name_of(field.name) for field in fields(form) if field.default is MISSING}
    very = [each for each in found if set(each["properties"]) == names]
    return very or [each for each in found if len(found) == 1 or always <= set(each["properties"])]


def _types(forms: list[Any]) -> set[str]:
    """Of JSON. A whole number is a number."""
    found = {kind for form in forms for kind in PLAIN.get(get_origin(form) or form, set())}
    return found | ({"integer"} if "number" in found else set())


def _of_plain_values(forms: list[Any], found: list[dict[str, Any]], where: str) -> Iterator[str]:
    if Any in forms:
        return
    for schema in found:
        if "enum" in schema:
            words = {word for form in forms if get_origin(form) is Literal for word in get_args(form)}
            if str not in forms and words != set(schema["enum"]):
                yield f"{where}: {words} in the client, {schema['enum']} of the service"
        elif schema.get("format") == "date-time":
            if datetime not in forms:
                yield f"{where}: a moment"
        elif schema.get("type") not in _types(forms):
            yield f"{where}: {forms} in the client, {schema.get('type')} of the service"


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in operation.get("parameters", ()):
        yield document["components"]["parameters"][entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_method_says_what_the_document_says(document, described_fields, name):
    call = described_calls()[name]
    operation = document["paths"][call.route][call.method.lower()]
    known = {(entry["in"], entry["name"]) for entry in parameters(document, operation)}
    assert {("query", key) for key in call.query} <= known
    assert {("path", key) for key in call.at} == {each for each in known if each[0] == "path"}
    assert {("header", key) for key in call.headers.keys() - OWN_PARAMETERS} <= known
    assert (("header", "Idempotency-Key") in known) == (call.repeat is Repeat.BY_KEY)
    fields_of_form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {})
    sent = {*call.files, *(key for key, value in call.fields.items() if value is not None)}
    assert sent <= set(fields_of_form.get("schema", {}).get("properties", {}))
    if call.form is not None:
        answers = [answer["content"]["application/json"]["schema"] for status, answer in operation["responses"].items()
                   if status < "300" and "application/json" in answer.get("content", {})]
        assert [fault for schema in answers for fault in described_fields.faults(call.form, schema, name)] == []


@pytest.mark.parametrize(("form", "schema"), [
    (Progress, "ProgressAnswer"), (Reading, "ReadingAnswer"), (Loss, "LossAnswer"), (LogLine, "LogLineAnswer"),
    (Experiment, "ExperimentAnswer")])
def test_events_are_as_described(described_fields, form, schema):
    assert list(described_fields.faults(form, {"$ref": f"/{schema}"}, schema)) == []


def test_every_route_has_a_method(document):
    asked = {(call.method.lower(), call.route) for call in described_calls().values()}
    offered = {(method, path) for path, item in document["paths"].items() for method in item
               if not path.startswith("/v2")}
    assert offered - asked == ELSEWHERE


def test_every_query_of_a_route_can_be_asked(document):
    asked: dict[tuple[str, str], set[str]] = {}
    for call in described_calls().values():
        asked.setdefault((call.method.lower(), call.route), set()).update(call.query)
    offered = {(method, path): {entry["name"] for entry in parameters(document, operation) if entry["in"] == "query"}
               for path, item in document["paths"].items() for method, operation in item.items()}
    assert {place: offered[place] - names for place, names in asked.items() if offered[place] - names} == {}


def test_a_difference_is_seen(document):
    """Of fields, of types, of what may be left out."""
    loss = document["components"]["schemas"]["LossAnswer"]["properties"]
    for properties, required in (({**loss, "more": {"type": "string"}}, ["iteration", "loss"]),
                                 ({"iteration": loss["iteration"]}, ["iteration"]),
                                 ({**loss, "loss": {"type": "string"}}, ["iteration", "loss"]), (loss, ["loss"])):
        described = Described({"components": {"schemas": {"L": {
            "type": "object", "properties": properties, "required": required}}}})
        assert len(list(described.faults(Loss, {"$ref": "/L"}, "loss"))) >= 1


def test_the_methods_are_told_by_help():
    with Client() as client:
        assert client.forward.__doc__ and client.forward.__name__ == "forward"
        assert all(getattr(Client, name).__doc__ for name in GIVEN)
