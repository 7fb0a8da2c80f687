"""What is made of inference.proto is of inference.proto, and the protocol is the published one."""
from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor
from grpc_tools import protoc
from tritonclient.grpc import model_config_pb2, service_pb2

from entrypoints.grpc.descriptors import FILE, SERVICE, pool

FOLDER = Path(__file__).parents[2] / "entrypoints" / "grpc"


def test_what_was_made_is_up_to_date(tmp_path):
    assert protoc.main(["protoc", f"-I{FOLDER}", f"--descriptor_set_out={tmp_path / 'made'}", f"--pyi_out={tmp_path}",
                        FILE]) == 0
    assert (tmp_path / "made").read_bytes() == (FOLDER / "inference.binpb").read_bytes(), "run `make proto`"
    assert (tmp_path / "inference_pb2.pyi").read_text() == (FOLDER / "messages.pyi").read_text(), "run `make proto`"


def differences(ours: Descriptor, published: Descriptor) -> list[str]:
    there = {field.name: field for field in published.fields}
    found = [field.full_name for field in ours.fields if field.name not in there or (
        field.number, field.type, field.is_repeated, getattr(field.message_type, "full_name", "")) != (
        there[field.name].number, there[field.name].type, there[field.name].is_repeated,
        getattr(there[field.name].message_type, "full_name", ""))]
    nested = {each.name: each for each in published.nested_types}
    return found + [name for each in ours.nested_types for name in differences(each, nested[each.name])]


@pytest.mark.parametrize("name", list(pool().FindFileByName(FILE).message_types_by_name))
def test_messages_have_the_names_and_numbers_of_a_published_client(name):
    published = {**service_pb2.DESCRIPTOR.message_types_by_name, **model_config_pb2.DESCRIPTOR.message_types_by_name}
    ours = pool().FindFileByName(FILE).message_types_by_name[name]
    assert differences(ours, published[name]) == []


def test_methods_have_the_messages_of_a_published_client():
    ours = pool().FindServiceByName(SERVICE).methods_by_name
    published = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name
    assert {name: (method.input_type.full_name, method.output_type.full_name) for name, method in ours.items()} == {
        name: (published[name].input_type.full_name, published[name].output_type.full_name) for name in ours}
