"""What each method of the service does, and which rights it asks for."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import Message
from starlette.concurrency import run_in_threadpool

from application.ports.serving_models import ServedModel, UnknownVersion
from application.ports.task_catalog import UnknownTask
from domain.api_key import Right
from domain.errors import InvalidInput, NothingDeployed, TooLarge
from entrypoints.answers.answer import Answer
from entrypoints.answers.v2 import TensorMetadataAnswer
from entrypoints.formats.v2.columns import Asked
from entrypoints.formats.v2.infer_request import InferRequest, unknown_parameters
from entrypoints.formats.v2.tensors import BYTES
from entrypoints.grpc import messages, tensors
from entrypoints.grpc.call import Call
from entrypoints.grpc.while_wanted import run_while_wanted
from entrypoints.http.deadlines import Limit, Work
from entrypoints.http.lane import LARGE_ROW_BYTES
from entrypoints.http.rights import needs, open_to_all
from entrypoints.v2 import models, repository
from entrypoints.wiring import get, ports

EXTENSIONS = ["model_configuration", "model_repository", "statistics"]
_Message = TypeVar("_Message", bound=Message)


@dataclass(frozen=True, slots=True)
class Method:
    """asked: the class of what it is asked by."""

    asked: type[Message]
    answer: Callable[[Call, Any], Awaitable[Message]]


def _told(form: type[_Message], answer: Answer) -> _Message:
    """The fields of the protocol have the same names in JSON and in messages."""
    return form(**msgspec.to_builtins(answer))


@open_to_all
async def server_live(call: Call, asked: messages.ServerLiveRequest) -> messages.ServerLiveResponse:
    return messages.ServerLiveResponse(live=True)


@open_to_all
async def server_ready(call: Call, asked: messages.ServerReadyRequest) -> messages.ServerReadyResponse:
    return messages.ServerReadyResponse(ready=models.are_served(call.container) and not call.draining.begun)


@needs(Right.PREDICT, Right.READ, of_a_task=False)
async def server_metadata(call: Call, asked: messages.ServerMetadataRequest) -> messages.ServerMetadataResponse:
    return _told(messages.ServerMetadataResponse, models.server(EXTENSIONS))


@needs(Right.PREDICT, Right.READ)
async def model_ready(call: Call, asked: messages.ModelReadyRequest) -> messages.ModelReadyResponse:
    """One that is unknown, not served, or served by another version is not ready, as it is at Triton."""
    try:
        await run_in_threadpool(models.served_by, call.container, asked.name, asked.version or None)
    except (NothingDeployed, UnknownTask, UnknownVersion):
        return messages.ModelReadyResponse(ready=False)
    return messages.ModelReadyResponse(ready=True)


@needs(Right.PREDICT, Right.READ)
async def model_metadata(call: Call, asked: messages.ModelMetadataRequest) -> messages.ModelMetadataResponse:
    return _told(messages.ModelMetadataResponse, await run_in_threadpool(
        models.metadata, call.container, asked.name, asked.version or None))


@needs(Right.PREDICT, Right.READ)
async def model_config(call: Call, asked: messages.ModelConfigRequest) -> messages.ModelConfigResponse:
    """What its metadata tell. Batches are a dimension of the tensors here, so their size is told as 0."""
    told = await run_in_threadpool(models.metadata, call.container, asked.name, asked.version or None)
    return messages.ModelConfigResponse(config=messages.ModelConfig(
        name=told.name, platform=told.platform, max_batch_size=0,
        input=[messages.ModelInput(name=tensor.name, data_type=_type_of(tensor), dims=tensor.shape)
               for tensor in told.inputs],
        output=[messages.ModelOutput(name=tensor.name, data_type=_type_of(tensor), dims=tensor.shape)
                for tensor in told.outputs]))


def _type_of(tensor: TensorMetadataAnswer) -> str:
    return f"TYPE_{'STRING' if tensor.datatype == BYTES else tensor.datatype}"


@needs(Right.PREDICT, Right.READ)
async def model_statistics(call: Call, asked: messages.ModelStatisticsRequest) -> messages.ModelStatisticsResponse:
    """Without a name those of every task that is served."""
    told = await run_in_threadpool(
        models.stats, call.container, asked.name, asked.version or None) if asked.name else await run_in_threadpool(
        models.stats_of_all, call.container, call.sees)
    return _told(messages.ModelStatisticsResponse, told)


@needs(Right.PREDICT)
async def model_infer(call: Call, asked: messages.ModelInferRequest) -> messages.ModelInferResponse:
    served = models.served_by(call.container, asked.model_name, asked.model_version or None)
    if call.message_bytes > (most := models.max_bytes(call.container, served)):
        raise TooLarge(f"the message has {call.message_bytes} bytes; {most} are allowed")
    request, rows = await _read(call, served, asked)
    answer = partial(_inferred, call, asked, request, rows)
    if models.is_short(served, rows):
        ports.rows_lately(call.container).seen()
        return answer()
    limit = Limit(ports.settings(call.container), call.draining, lambda: Work.PICTURE)
    async with get.slots(call.container).taken():
        return await run_while_wanted(served.task.kind, answer, limit, ports.turns(call.container))


async def _read(call: Call, served: ServedModel, asked: messages.ModelInferRequest) -> tuple[InferRequest, Asked]:
    """A large one in a thread, as it would keep everybody else waiting. Raises: InvalidInput, Busy."""
    def read() -> tuple[InferRequest, Asked]:
        request = tensors.read(asked)
        return request, models.rows_of(call.container, served, request)
    if call.message_bytes <= LARGE_ROW_BYTES:
        return read()
    async with get.slots(call.container).taken():
        return await run_in_threadpool(read)


def _inferred(call: Call, asked: messages.ModelInferRequest, request: InferRequest,
              rows: Asked) -> messages.ModelInferResponse:
    task = asked.model_name
    found = models.answered(call.container, task, asked.model_version or None, rows)
    return tensors.write(request, call.id, task, found.served.experiment_id, found.tensors)


@needs(Right.PREDICT, Right.READ, of_a_task=False)
async def repository_index(call: Call, asked: messages.RepositoryIndexRequest) -> messages.RepositoryIndexResponse:
    _require_the_one(asked.repository_name)
    found = await run_in_threadpool(repository.index, call.container, asked.ready, call.sees)
    return messages.RepositoryIndexResponse(
        models=[_told(messages.RepositoryIndexResponse.ModelIndex, model) for model in found])


@needs(Right.DEPLOY)
async def load(call: Call, asked: messages.RepositoryModelLoadRequest) -> messages.RepositoryModelLoadResponse:
    _require_the_one(asked.repository_name)
    caller = None if call.caller is None else call.caller.name
    await run_in_threadpool(repository.load, call.container, asked.model_name, _version(asked), caller)
    return messages.RepositoryModelLoadResponse()


def _version(asked: messages.RepositoryModelLoadRequest) -> str | None:
    """Raises: InvalidInput."""
    if faults := unknown_parameters("parameters", asked.parameters, {"version"}):
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    if "version" not in asked.parameters:
        return None
    version = asked.parameters["version"]
    if version.WhichOneof("parameter_choice") != "string_param":
        raise InvalidInput("the parameter version is a text: string_param")
    return version.string_param


@needs(Right.DEPLOY)
async def unload(call: Call, asked: messages.RepositoryModelUnloadRequest) -> messages.RepositoryModelUnloadResponse:
    return await run_in_threadpool(repository.unload, call.container, asked.model_name)


def _require_the_one(repository_name: str) -> None:
    if repository_name:
        raise InvalidInput(f"repository_name {repository_name[:40]}: there is one repository, and it has no name")


METHODS: Mapping[str, Method] = MappingProxyType({
    "ServerLive": Method(messages.ServerLiveRequest, server_live),
    "ServerReady": Method(messages.ServerReadyRequest, server_ready),
    "ServerMetadata": Method(messages.ServerMetadataRequest, server_metadata),
    "ModelReady": Method(messages.ModelReadyRequest, model_ready),
    "ModelMetadata": Method(messages.ModelMetadataRequest, model_metadata),
    "ModelConfig": Method(messages.ModelConfigRequest, model_config),
    "ModelStatistics": Method(messages.ModelStatisticsRequest, model_statistics),
    "ModelInfer": Method(messages.ModelInferRequest, model_infer),
    "RepositoryIndex": Method(messages.RepositoryIndexRequest, repository_index),
    "RepositoryModelLoad": Method(messages.RepositoryModelLoadRequest, load),
    "RepositoryModelUnload": Method(messages.RepositoryModelUnloadRequest, unload),
})


def task_of(asked: Message) -> str:
    """The task that a message names; empty for none."""
    name: str = getattr(asked, "model_name", "") or getattr(asked, "name", "")
    return name
