"""What inference.proto says, in a pool of its own.

A client of the protocol (tritonclient, kserve) has the same names in the pool that a process shares; both can be in one
process so. And as no code is generated, it goes with every version of protobuf.
"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClassesForFiles

SERVICE = "inference.GRPCInferenceService"
FILE = "inference.proto"


@cache
def pool() -> DescriptorPool:
    made = DescriptorPool()
    described = Path(__file__).with_name("inference.binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        made.AddSerializedFile(file.SerializeToString())
    return made


def with_file(serialized: bytes) -> DescriptorPool:
    """Ours, which has this file too. serialized: as its module has it."""
    pool().AddSerializedFile(serialized)
    return pool()


def classes() -> Mapping[str, type[Message]]:
    """Name -> the class of a message, nested ones in theirs."""
    package = SERVICE.partition(".")[0] + "."
    return {name.removeprefix(package): made for name, made in GetMessageClassesForFiles([FILE], pool()).items()}
