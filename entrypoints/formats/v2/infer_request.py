"""What an inference asks: tensors by name, and which outputs in which form."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.errors import Fault, InvalidInput
from entrypoints.formats.v2 import tensors
from entrypoints.formats.v2.tensors import Tensor

BINARY_SIZE, BINARY, ALL_BINARY = "binary_data_size", "binary_data", "binary_data_output"
Parameters = dict[str, Any]


class Output(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    parameters: Parameters = {}


class Input(Output, forbid_unknown_fields=True, kw_only=True):
    shape: list[int | float]
    datatype: str
    data: Any = msgspec.UNSET


class Head(msgspec.Struct, forbid_unknown_fields=True):
    inputs: list[Input]
    outputs: list[Output] = []
    id: str = ""
    parameters: Parameters = {}


class _Counted(msgspec.Struct):
    """How many there are, before they are made."""

    inputs: list[msgspec.Raw] = []
    outputs: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class InferRequest:
    """id: the caller's, empty for none. outputs: by name whether as bytes; empty for all, as bytes if `binary`."""

    id: str
    inputs: Sequence[Tensor]
    outputs: Mapping[str, bool]
    binary: bool = False


_MAX_SIZE = 2**63
_READ, _COUNT = msgspec.json.Decoder(Head), msgspec.json.Decoder(_Counted)
# More than any task has columns. To read a hundred thousand of them holds up all other threads.
MOST_INPUTS = 5_000


def decode(body: bytes, json_bytes: int | None = None) -> InferRequest:
    """body: an object, and behind its first `json_bytes` the bytes of binary tensors, in their order; None: the object
    alone.

    Raises: InvalidInput with a fault for each input.
    """
    head = _read(body if json_bytes is None else body[:json_bytes])
    binary = memoryview(body)[len(body) if json_bytes is None else json_bytes:]
    _check(head)
    found, faults, taken = [], list[Fault](), 0
    for entry in head.inputs:
        raw = None
        if entry.data is msgspec.UNSET:
            size = _size(entry)
            raw, taken = binary[taken:taken + size], taken + size
        try:
            found.append(_tensor(entry, raw))
        except InvalidInput as failure:
            faults += failure.faults
    if not faults and taken != len(binary):
        faults = [Fault("body", f"has {len(binary)} bytes behind its JSON; its inputs ask for {taken}")]
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    everywhere = _flag("parameters", head.parameters, ALL_BINARY, False)
    outputs = {entry.name: _flag(f"output {entry.name}", entry.parameters, BINARY, everywhere)
               for entry in head.outputs}
    return InferRequest(head.id, found, outputs, everywhere)


def _read(text: bytes) -> Head:
    """Raises: InvalidInput."""
    try:
        if text.count(b"{") > 2 * MOST_INPUTS:
            # Each has one. As they are usually spelt they are counted at once; else they are parted.
            _check_count(text.count(b'"name":') // 2)
            counted = _COUNT.decode(text)
            _check_count(max(len(counted.inputs), len(counted.outputs)))
        return _READ.decode(text)
    except msgspec.ValidationError as failure:  # which NaN is not
        raise _unusable(failure) from failure
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        return _read_with_nan(text, failure)


def _read_with_nan(text: bytes, first: Exception) -> Head:
    """Clients write NaN as Python's own encoder does, which JSON does not have. Raises: InvalidInput."""
    try:
        found = json.loads(text)
        for what in ("inputs", "outputs"):
            if isinstance(found, dict) and isinstance(entries := found.get(what), list):
                _check_count(len(entries))
        return msgspec.convert(found, Head)
    except msgspec.ValidationError as failure:
        raise _unusable(failure) from failure
    except (ValueError, RecursionError):
        raise InvalidInput(f"the request is no JSON: {first}", [Fault("body", str(first))]) from first


def _check_count(entries: int) -> None:
    """Raises: InvalidInput."""
    if entries > MOST_INPUTS:
        told = f"has more than the {MOST_INPUTS} inputs or outputs allowed"
        raise InvalidInput(f"the request {told}", [Fault("inputs", told)])


def _unusable(failure: msgspec.ValidationError) -> InvalidInput:
    return InvalidInput(f"the request cannot be used: {failure}", [Fault("body", str(failure))])


def _check(head: Head) -> None:
    """Raises: InvalidInput."""
    _check_count(max(len(head.inputs), len(head.outputs)))
    faults = faults_of_names([entry.name for entry in head.inputs])
    faults += unknown_parameters("parameters", head.parameters, {ALL_BINARY})
    for entry in head.inputs:
        faults += unknown_parameters(f"input {entry.name}", entry.parameters, {BINARY_SIZE})
    for output in head.outputs:
        faults += unknown_parameters(f"output {output.name}", output.parameters, {BINARY})
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)


def faults_of_names(inputs: Sequence[str]) -> list[Fault]:
    found = [Fault(f"input {name}", "is there twice") for name, times in Counter(inputs).items() if times > 1]
    return found if inputs else [Fault("inputs", "is empty")]


def unknown_parameters(where: str, named: Iterable[str], known: Collection[str] = ()) -> list[Fault]:
    words = f"known are {', '.join(sorted(known))}" if known else "none is known"
    return [Fault(where, f"has the parameter {name}, which is unknown; {words}") for name in named
            if name not in known]


def _size(entry: Input) -> int:
    size = entry.parameters.get(BINARY_SIZE)
    return size if type(size) is int and size >= 0 else 0


def _tensor(entry: Input, raw: memoryview | None) -> Tensor:
    """Raises: InvalidInput."""
    shape = _shape(entry)
    if raw is None:
        return tensors.of_json(entry.name, entry.datatype, shape, entry.data)
    if BINARY_SIZE not in entry.parameters:
        raise tensors.refused(entry.name, f"has neither data nor {BINARY_SIZE}")
    if len(raw) != entry.parameters[BINARY_SIZE]:
        raise tensors.refused(entry.name, f"says {BINARY_SIZE} {entry.parameters[BINARY_SIZE]!r:.40}; "
                              f"{len(raw)} bytes are there")
    return tensors.of_bytes(entry.name, entry.datatype, shape, raw)


def _shape(entry: Input) -> list[int]:
    """A whole number is one in JSON as 2.0 too. Raises: InvalidInput, whose words are no longer than what came: a float
    of five characters may have 309 digits."""
    if len(entry.shape) > tensors.MAX_DIMENSIONS:
        raise tensors.refused(entry.name, f"has {len(entry.shape)} sizes; it takes 1 to {tensors.MAX_DIMENSIONS}")
    # None of NaN is below anything.
    if any(not abs(size) < _MAX_SIZE or size != int(size) for size in entry.shape):
        raise tensors.refused(entry.name, "has a shape that is not of whole numbers of elements")
    return list(map(int, entry.shape))


def _flag(where: str, parameters: Parameters, name: str, default: bool) -> bool:
    """Raises: InvalidInput."""
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise InvalidInput(f"{where}: {name} is true or false", [Fault(where, f"{name} is true or false")])
    return value
