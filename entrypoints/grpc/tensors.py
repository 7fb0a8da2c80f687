"""Tensors as messages: plain bytes in `raw_input_contents`, or lists by type in `contents`."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from domain.errors import Fault, InvalidInput
from entrypoints.formats.v2 import tensors
from entrypoints.formats.v2.infer_request import InferRequest, faults_of_names, unknown_parameters
from entrypoints.formats.v2.tensors import BYTES, Tensor
from entrypoints.grpc import messages

# Which list holds values of a datatype. Half floats come as bytes alone.
FIELDS: Mapping[str, str] = MappingProxyType({
    "BOOL": "bool_contents", "INT8": "int_contents", "INT16": "int_contents", "INT32": "int_contents",
    "INT64": "int64_contents", "UINT8": "uint_contents", "UINT16": "uint_contents", "UINT32": "uint_contents",
    "UINT64": "uint64_contents", "FP32": "fp32_contents", "FP64": "fp64_contents", BYTES: "bytes_contents"})
Input = messages.ModelInferRequest.InferInputTensor
Output = messages.ModelInferResponse.InferOutputTensor


def read(message: messages.ModelInferRequest) -> InferRequest:
    """Answers are asked for in the form that the inputs have. Raises: InvalidInput with a fault for each input."""
    raw = list(message.raw_input_contents)
    faults = _faults(message, raw)
    found: list[Tensor] = []
    for place, entry in enumerate(message.inputs if not faults else ()):
        try:
            found.append(_of_bytes(entry, raw[place]) if raw else _of_values(entry))
        except InvalidInput as failure:
            faults += failure.faults
    if faults:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    return InferRequest(message.id, found, {output.name: bool(raw) for output in message.outputs}, bool(raw))


def _faults(message: messages.ModelInferRequest, raw: Sequence[bytes]) -> list[Fault]:
    faults = faults_of_names([entry.name for entry in message.inputs])
    faults += unknown_parameters("parameters", message.parameters)
    for entry in message.inputs:
        faults += unknown_parameters(f"input {entry.name}", entry.parameters)
    for output in message.outputs:
        faults += unknown_parameters(f"output {output.name}", output.parameters)
    if raw and len(raw) != len(message.inputs):
        faults.append(Fault("raw_input_contents", f"has {len(raw)} entries for {len(message.inputs)} inputs"))
    return faults


def _of_bytes(entry: Input, raw: bytes) -> Tensor:
    """Raises: InvalidInput."""
    if entry.contents.ListFields():
        raise tensors.refused(entry.name, "has contents beside raw_input_contents")
    return tensors.of_bytes(entry.name, entry.datatype, entry.shape, raw)


def _of_values(entry: Input) -> Tensor:
    """Raises: InvalidInput."""
    given: list[tuple[str, Sequence[Any]]] = [(field.name, values) for field, values in entry.contents.ListFields()]
    wanted = FIELDS.get(entry.datatype)
    if wanted is None and entry.datatype in tensors.DATATYPES:
        raise tensors.refused(entry.name, f"is {entry.datatype}, which comes in raw_input_contents alone")
    if other := [name for name, _ in given if name != wanted and wanted is not None]:
        raise tensors.refused(entry.name, f"has {', '.join(other)}; {entry.datatype} comes in {wanted}")
    return tensors.of_values(entry.name, entry.datatype, entry.shape, list(given[0][1]) if given else [])


def write(request: InferRequest, request_id: str, task: str, experiment_id: int,
          found: Sequence[Tensor]) -> messages.ModelInferResponse:
    """found: all outputs of the model."""
    by_name = {tensor.name: tensor for tensor in found}
    wanted = [by_name[name] for name in request.outputs or by_name]
    answer = messages.ModelInferResponse(
        model_name=task, model_version=str(experiment_id), id=request.id or request_id,
        outputs=[_output(tensor, request.binary) for tensor in wanted])
    if request.binary:
        answer.raw_output_contents.extend(map(tensors.to_bytes, wanted))
    return answer


def _output(tensor: Tensor, as_bytes: bool) -> Output:
    described = Output(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
    if not as_bytes:
        values = tensors.to_elements(tensor) if tensor.datatype == BYTES else tensors.to_json(tensor)
        getattr(described.contents, FIELDS[tensor.datatype]).extend(values)
    return described
