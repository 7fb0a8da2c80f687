"""The Open Inference Protocol over gRPC, spoken by hand."""
from __future__ import annotations

import logging
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from application.decorators.answering import RecordedAnswering
from application.serving.wanted import go_on
from domain.errors import Busy
from domain.kinds.kind import Problem
from entrypoints.grpc import messages
from entrypoints.grpc.descriptors import SERVICE
from entrypoints.http.app import create_app
from tests.builders import CARRIER, DISTANCE, ENGINE, ROW, TEMP, make_task
from tests.certificates import Certificates
from tests.http.grpc_server import call, grpc_server
from tests.http.test_forward import send

Code = grpc.StatusCode
ROUTE = f"/{SERVICE}/ModelInfer"
READS, WRITES = "reading-key-of-somebody", "writing-key-of-somebody"


@pytest.fixture
def channel(service) -> Iterator[grpc.Channel]:
    with grpc_server(service) as address, grpc.insecure_channel(address) as channel:
        yield channel


def column(name: str, datatype: str, shape: list[int] | None = None, **contents) -> dict:
    values = next(iter(contents.values()), [])
    return {"name": name, "datatype": datatype, "shape": shape or [len(values)], "contents": contents}


def inputs(carriers=(b"UA",), temps=(39.5,), engines=(b"",), distances=(1400,)) -> list[dict]:
    return [column(CARRIER, "BYTES", bytes_contents=carriers), column(TEMP, "FP32", fp32_contents=temps),
            column(ENGINE, "BYTES", bytes_contents=engines), column(DISTANCE, "INT32", int_contents=distances)]


def asked(entries: list[dict] | None = None, task: str = "flights", **more) -> messages.ModelInferRequest:
    return messages.ModelInferRequest(model_name=task, inputs=inputs() if entries is None else entries, **more)


def refused(channel, method, message, **more) -> grpc.RpcError:
    answered = getattr(messages, f"{method}Response", messages.ModelInferResponse)
    with pytest.raises(grpc.RpcError) as failure:
        call(channel, method, message, answered, **more)
    return failure.value


def key(text: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {text}")]


def test_a_row_is_answered_as_forward_does(service, channel):
    answer, behind = call(channel, "ModelInfer", asked(id="mine"))
    forward = send(service, ROW).json()
    assert (answer.model_name, answer.model_version, answer.id) == ("flights", str(forward["experiment_id"]), "mine")
    prediction, probabilities = answer.outputs
    assert list(prediction.contents.int64_contents) == [forward["prediction"]]
    assert list(probabilities.contents.fp32_contents) == pytest.approx(list(forward["probabilities"].values()))
    assert (list(prediction.shape), list(probabilities.shape)) == ([1], [1, 2])
    assert len(behind["x-request-id"]) > 20 and not answer.raw_output_contents


def test_the_id_of_a_request_is_the_callers_or_a_new_one(channel):
    answer, behind = call(channel, "ModelInfer", asked(), metadata=[("x-request-id", "of-mine")])
    assert (answer.id, behind["x-request-id"]) == ("of-mine", "of-mine")
    answer, behind = call(channel, "ModelInfer", asked(), metadata=[("x-request-id", "with a space")])
    assert answer.id == behind["x-request-id"] != "with a space"


@pytest.mark.parametrize(("datatype", "field", "values"), [
    ("INT8", "int_contents", [7]), ("INT16", "int_contents", [1400]), ("INT64", "int64_contents", [1400]),
    ("UINT8", "uint_contents", [7]), ("UINT32", "uint_contents", [1400]), ("UINT64", "uint64_contents", [1400]),
    ("FP32", "fp32_contents", [1400.0]), ("FP64", "fp64_contents", [1400.0])])
def test_numbers_of_every_type(service, channel, datatype, field, values):
    answer, _ = call(channel, "ModelInfer", asked(
        [*inputs()[:3], column(DISTANCE, datatype, **{field: values})]))
    expected = send(service, ROW | {DISTANCE: values[0]}).json()["probabilities"]
    assert list(answer.outputs[1].contents.fp32_contents) == pytest.approx(list(expected.values()))


@pytest.mark.parametrize(("datatype", "raw"), [
    ("FP16", np.array([np.nan, 7], "<f2").tobytes()), ("FP32", struct.pack("<2f", float("nan"), 7)),
    ("BF16", struct.pack("<2f", float("nan"), 7)[2:4] + struct.pack("<f", 7)[2:])])
def test_plain_bytes_are_answered_in_plain_bytes(service, channel, datatype, raw):
    def length(text: bytes) -> bytes:
        return struct.pack("<I", len(text)) + text

    entries = [{"name": CARRIER, "datatype": "BYTES", "shape": [2]}, {"name": TEMP, "datatype": datatype, "shape": [2]},
               {"name": ENGINE, "datatype": "BYTES", "shape": [2, 1]},
               {"name": DISTANCE, "datatype": "INT64", "shape": [2]}]
    answer, _ = call(channel, "ModelInfer", asked(entries, raw_input_contents=[
        length(b"UA") + length("ж".encode()), raw, length(b"") * 2, struct.pack("<2q", 1400, 5)]))
    told = np.frombuffer(answer.raw_output_contents[1], "<f4").reshape(2, 2)
    rows = [ROW | {TEMP: None}, ROW | {CARRIER: "ж", TEMP: 7, DISTANCE: 5}]
    for row, given in zip(told, rows, strict=True):
        assert list(row) == pytest.approx(list(send(service, given).json()["probabilities"].values()), abs=1e-6)
    assert not answer.outputs[1].contents.ListFields()


def test_texts_and_numbers_as_answers(empty):
    empty.serve(make_task(Problem.MULTICLASS, "words"))
    empty.serve(make_task(Problem.REGRESSION, "delays"))
    with grpc_server(empty) as address, grpc.insecure_channel(address) as channel:
        words, _ = call(channel, "ModelInfer", asked(task="words"))
        assert words.outputs[0].contents.bytes_contents[0].decode() in {"вовремя", "late", 'cancelled, "sick"'}
        number, _ = call(channel, "ModelInfer", asked(task="delays"))
        assert [output.name for output in number.outputs] == ["prediction"]
        assert len(number.outputs[0].contents.fp32_contents) == 1


def test_many_rows_are_answered_in_their_order_and_kept(service, channel):
    n_rows = 10_000
    answer, behind = call(channel, "ModelInfer", asked(
        inputs([b"AA"] * n_rows, [-3000.0] * n_rows, [b""] * n_rows, range(n_rows)),
        outputs=[{"name": "probabilities"}]))
    told = np.array(answer.outputs[0].contents.fp32_contents).reshape(n_rows, 2)[:, 1]
    assert len(answer.outputs) == 1 and (np.diff(told) != 0).any() and np.all(np.diff(told) * np.sign(
        told[-1] - told[0]) >= 0)
    counted = [sample for family in text_string_to_metric_families(service.client.get("/metrics").text)
               for sample in family.samples if sample.name == "progon_requests_total"
               and sample.labels["route"] == ROUTE]
    assert [(sample.labels["task"], sample.labels["status"], sample.value) for sample in counted] == [
        ("flights", "200", 1)]


WRONG = [
    (asked(task="unknown"), Code.NOT_FOUND, "unknown"),
    (asked(model_version="999"), Code.NOT_FOUND, "not loaded"),
    (asked([]), Code.INVALID_ARGUMENT, "inputs is empty"),
    (asked(inputs()[1:]), Code.INVALID_ARGUMENT, CARRIER),
    (asked([*inputs(), *inputs()[:1]]), Code.INVALID_ARGUMENT, "is there twice"),
    (asked(inputs(temps=[1, 2])), Code.INVALID_ARGUMENT, "rows"),
    (asked(outputs=[{"name": "colour"}]), Code.INVALID_ARGUMENT, "output colour is unknown"),
    (asked(parameters={"priority": {"int64_param": 1}}), Code.INVALID_ARGUMENT, "parameter priority"),
    (asked(outputs=[{"name": "prediction", "parameters": {"classification": {"int64_param": 1}}}]),
     Code.INVALID_ARGUMENT, "parameter classification"),
    (asked([*inputs()[:3], column(DISTANCE, "INT64", int_contents=[1])]), Code.INVALID_ARGUMENT,
     "has int_contents; INT64 comes in int64_contents"),
    (asked([*inputs()[:3], column(DISTANCE, "FP16", fp32_contents=[1])]), Code.INVALID_ARGUMENT, "raw_input_contents"),
    (asked([*inputs()[:3], column(DISTANCE, "COLOUR", fp32_contents=[1])]), Code.INVALID_ARGUMENT, "known are BOOL"),
    (asked([*inputs()[:3], column(DISTANCE, "INT8", int_contents=[300])]), Code.INVALID_ARGUMENT, "does not fit INT8"),
    (asked([*inputs()[:3], column(DISTANCE, "INT32", [2], int_contents=[1])]), Code.INVALID_ARGUMENT, "has 1 values"),
    (asked([*inputs()[:3], column(DISTANCE, "INT32", [-1], int_contents=[1])]), Code.INVALID_ARGUMENT, "shape"),
    (asked(inputs(carriers=[b"\xff"])), Code.INVALID_ARGUMENT, "not UTF-8"),
    (asked(raw_input_contents=[b""]), Code.INVALID_ARGUMENT, "1 entries for 4 inputs"),
    (asked(raw_input_contents=[b""] * 4), Code.INVALID_ARGUMENT, "contents beside"),
    (b"\xff\xff\xff", Code.INVALID_ARGUMENT, "ModelInferRequest"),
    (b"\x0a\x02\xff\xfe", Code.INVALID_ARGUMENT, "ModelInferRequest"),
]


@pytest.mark.parametrize(("message", "code", "words"), WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_used_is_told(service, channel, message, code, words):
    failure = refused(channel, "ModelInfer", message)
    assert (failure.code(), words in failure.details()) == (code, True), failure.details()
    assert dict(failure.trailing_metadata())["x-request-id"]
    assert call(channel, "ModelInfer", asked())[0].outputs, "and the connection goes on"


@pytest.mark.parametrize(("method", "message", "code", "words"), [
    ("ModelMetadata", messages.ModelMetadataRequest(name="unknown"), Code.NOT_FOUND, "unknown"),
    ("ModelStatistics", messages.ModelStatisticsRequest(name="flights", version="9"), Code.NOT_FOUND, "not loaded"),
    ("RepositoryModelUnload", messages.RepositoryModelUnloadRequest(model_name="flights"), Code.FAILED_PRECONDITION,
     "cannot be unloaded"),
    ("RepositoryModelLoad", messages.RepositoryModelLoadRequest(model_name="flights", parameters={
        "config": {"string_param": "{}"}}), Code.INVALID_ARGUMENT, "parameter config"),
    ("RepositoryModelLoad", messages.RepositoryModelLoadRequest(model_name="flights", parameters={
        "version": {"int64_param": 1}}), Code.INVALID_ARGUMENT, "string_param"),
    ("RepositoryModelLoad", messages.RepositoryModelLoadRequest(model_name="flights", parameters={
        "version": {"string_param": "999"}}), Code.NOT_FOUND, "999"),
    ("RepositoryIndex", messages.RepositoryIndexRequest(repository_name="other"), Code.INVALID_ARGUMENT, "one repo"),
    ("ModelStreamInfer", asked(), Code.UNIMPLEMENTED, "ModelStreamInfer is not offered"),
    ("SystemSharedMemoryStatus", b"", Code.UNIMPLEMENTED, "offered are ServerLive"),
])
def test_every_other_refusal(channel, method, message, code, words):
    failure = refused(channel, method, message)
    assert (failure.code(), words in failure.details()) == (code, True), failure.details()


def test_nothing_is_deployed(empty):
    empty.tasks.add(make_task())
    with grpc_server(empty) as address, grpc.insecure_channel(address) as channel:
        assert refused(channel, "ModelInfer", asked()).code() is Code.FAILED_PRECONDITION
        assert not call(channel, "ModelReady", messages.ModelReadyRequest(name="flights"))[0].ready
        assert not call(channel, "ModelReady", messages.ModelReadyRequest(name="unknown"))[0].ready
        assert not call(channel, "ServerReady", messages.ServerReadyRequest())[0].ready
        assert call(channel, "ServerLive", messages.ServerLiveRequest())[0].live
        told = call(channel, "RepositoryIndex", messages.RepositoryIndexRequest())[0].models
        assert [(model.name, model.state) for model in told] == [("flights", "UNAVAILABLE")]
        assert not call(channel, "RepositoryIndex", messages.RepositoryIndexRequest(ready=True))[0].models
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_a_fault_of_ours_is_told_as_one_and_logged(service, channel, monkeypatch, caplog):
    monkeypatch.setattr(RecordedAnswering, "execute", lambda *_, **__: 1 / 0)
    failure = refused(channel, "ModelInfer", asked())
    assert (failure.code(), "our side" in failure.details()) == (Code.INTERNAL, True)
    assert "ZeroDivisionError" in caplog.text


def test_a_full_disk_is_told_as_one(service, channel, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordedAnswering, "execute", full)
    failure = refused(channel, "ModelInfer", asked())
    assert (failure.code(), "room" in failure.details()) == (Code.RESOURCE_EXHAUSTED, True)


def test_every_slot_is_taken(service, channel, monkeypatch):
    async def busy(_):
        raise Busy("every slot is taken", retry_after_s=7)

    monkeypatch.setattr("entrypoints.http.slots.Slots.take", busy)
    failure = refused(channel, "ModelInfer", asked(inputs([b"UA"] * 2, [1, 2], [b""] * 2, [1, 2])))
    assert failure.code() is Code.UNAVAILABLE
    assert dict(failure.trailing_metadata())["retry-after"] == "7"


def test_work_ends_when_its_client_goes(service, channel, monkeypatch):
    """The thread is told, and gives its slot back once it has ended."""
    begun, ended, original = threading.Event(), threading.Event(), RecordedAnswering.execute

    def slow(self, *given, **named):
        exchange = original(self, *given, **named)

        def parts():
            begun.set()
            try:
                while True:
                    go_on()
                    ended.wait(0.01)
            finally:
                ended.set()
            yield
        return replace(exchange, parts=parts())

    monkeypatch.setattr(RecordedAnswering, "execute", slow)
    many = asked(inputs([b"UA"] * 2, [1, 2], [b""] * 2, [1, 2]))
    future = channel.unary_unary(ROUTE, messages.ModelInferRequest.SerializeToString).future(many)
    assert begun.wait(20)
    future.cancel()
    assert ended.wait(20)


@pytest.fixture
def guarded(service, settings) -> Iterator[grpc.Channel]:
    service.container.settings.override(replace(settings, api_keys=f"{READS}:read,{WRITES}:write:anna"))
    with TestClient(create_app(service.container), raise_server_exceptions=False) as client:
        service.client = client
        with grpc_server(service) as address, grpc.insecure_channel(address) as channel:
            yield channel


def test_keys(guarded):
    assert call(guarded, "ServerLive", messages.ServerLiveRequest())[0].live
    for metadata in ([], key("wrong"), [("authorization", f"Basic {READS}")], [("x-api-key", "wrong")]):
        for method in ("ModelInfer", "ModelStreamInfer"):
            assert refused(guarded, method, asked(), metadata=metadata).code() is Code.UNAUTHENTICATED
    for metadata in (key(READS), [("x-api-key", READS)], key(WRITES)):
        assert call(guarded, "ModelInfer", asked(), metadata=metadata)[0].outputs
    load = messages.RepositoryModelLoadRequest(model_name="flights")
    failure = refused(guarded, "RepositoryModelLoad", load, metadata=key(READS))
    assert (failure.code(), "right deploy" in failure.details()) == (Code.PERMISSION_DENIED, True)
    call(guarded, "RepositoryModelLoad", load, metadata=key(WRITES))


def test_who_deployed_is_told(guarded, service):
    number = service.served["flights"].id
    call(guarded, "RepositoryModelLoad", messages.RepositoryModelLoadRequest(
        model_name="flights", parameters={"version": {"string_param": str(number)}}), metadata=key(WRITES))
    assert service.deployments.history("flights")[0].deployed_by == "anna"
    told = service.client.get("/audit", headers={"x-api-key": WRITES}).json()["entries"]
    assert told[0]["by"] == "anna"


def test_a_key_of_some_tasks(guarded, service):
    service.serve(make_task(name="other"))
    made = service.client.post("/keys", headers={"x-api-key": WRITES}, json={
        "name": "of one", "rights": ["predict"], "tasks": ["other"]}).json()["key"]
    assert call(guarded, "ModelInfer", asked(task="other"), metadata=key(made))[0].outputs
    failure = refused(guarded, "ModelInfer", asked(), metadata=key(made))
    assert (failure.code(), "of other alone" in failure.details()) == (Code.PERMISSION_DENIED, True)
    told = call(guarded, "RepositoryIndex", messages.RepositoryIndexRequest(), metadata=key(made))[0].models
    assert [model.name for model in told] == ["other"]
    told = call(guarded, "ModelStatistics", messages.ModelStatisticsRequest(name="other"), metadata=key(made))[0]
    assert [model.name for model in told.model_stats] == ["other"]


def test_wrong_keys_are_counted_with_those_of_http(guarded, service):
    for _ in range(10):
        refused(guarded, "ModelInfer", asked(), metadata=key("guess"))
    failure = refused(guarded, "ModelInfer", asked(), metadata=key("guess"))
    assert failure.code() is Code.RESOURCE_EXHAUSTED
    assert int(dict(failure.trailing_metadata())["retry-after"]) > 0


def test_whoever_may_not_ask_is_refused_before_his_message_is_taken(guarded):
    never = threading.Event()
    asking = guarded.stream_unary(f"/{SERVICE}/ModelInfer", lambda raw: raw, lambda raw: raw)

    def nothing():
        never.wait(30)
        yield b""

    try:
        with pytest.raises(grpc.RpcError) as failure:
            asking(nothing(), timeout=20)
        assert failure.value.code() is Code.UNAUTHENTICATED
    finally:
        never.set()


def test_messages_have_limits(service, settings):
    service.container.settings.override(replace(settings, max_json_bytes=1000, max_picture_bytes=5000))
    with grpc_server(service) as address, grpc.insecure_channel(address) as channel:
        assert call(channel, "ModelInfer", asked())[0].outputs
        for size, words in ((2000, "1000 are allowed"), (9000, "larger than max")):
            failure = refused(channel, "ModelInfer", asked(id="x" * size))
            assert (failure.code(), words in failure.details()) == (Code.RESOURCE_EXHAUSTED, True), failure.details()
        assert call(channel, "ModelInfer", asked())[0].outputs


def test_what_is_packed_counts_inflated(service, settings):
    service.container.settings.override(replace(settings, max_json_bytes=10_000, max_picture_bytes=10_000))
    with grpc_server(service) as address, grpc.insecure_channel(
            address, compression=grpc.Compression.Gzip) as channel:
        assert call(channel, "ModelInfer", asked(id="x" * 5000))[0].outputs
        failure = refused(channel, "ModelInfer", asked(id="x" * (1 << 20)))
        assert failure.code() is Code.RESOURCE_EXHAUSTED


def test_a_call_is_a_line_of_the_log(guarded, caplog):
    caplog.set_level(logging.INFO, "progon.access")
    call(guarded, "ModelInfer", asked(), metadata=key(WRITES))
    refused(guarded, "Colour", asked(), metadata=key(WRITES))
    lines = [record for record in caplog.records if record.name == "progon.access" and record.method == "gRPC"]
    assert [(line.route, line.status, line.key, line.address) for line in lines] == [
        (ROUTE, 200, "anna", "127.0.0.1"), ("other", 404, "anna", "127.0.0.1")]


def test_the_health_service_follows_what_the_process_can_do(service, channel):
    health, states = health_pb2_grpc.HealthStub(channel), health_pb2.HealthCheckResponse
    for name in ("", SERVICE):
        assert health.Check(health_pb2.HealthCheckRequest(service=name)).status == states.SERVING
    with pytest.raises(grpc.RpcError) as failure:
        health.Check(health_pb2.HealthCheckRequest(service="other"))
    assert failure.value.code() is Code.NOT_FOUND
    watching = health.Watch(health_pb2.HealthCheckRequest(), timeout=20)
    assert next(watching).status == states.SERVING
    service.client.app.state.draining.begin()
    assert next(watching).status == states.NOT_SERVING
    assert not call(channel, "ServerReady", messages.ServerReadyRequest())[0].ready


def reflected(channel, metadata=()):
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="*"),
                  reflection_pb2.ServerReflectionRequest(file_containing_symbol=SERVICE),
                  reflection_pb2.ServerReflectionRequest(file_containing_symbol="grpc.health.v1.Health")])
    return list(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
        asked, timeout=20, metadata=metadata))


def test_reflection_tells_what_there_is(channel):
    listed, *files = reflected(channel)
    assert {each.name for each in listed.list_services_response.service} >= {SERVICE, "grpc.health.v1.Health"}
    for file in files:
        assert file.file_descriptor_response.file_descriptor_proto


def test_reflection_asks_for_a_key_too(guarded):
    with pytest.raises(grpc.RpcError) as failure:
        reflected(guarded)
    assert failure.value.code() is Code.UNAUTHENTICATED
    assert len(reflected(guarded, key(READS))) == 3


def test_with_tls_by_the_certificate_as_it_is_by_then(service, settings, tmp_path):
    certificates = Certificates.made(tmp_path)
    service.container.settings.override(replace(settings, **certificates.settings()))
    with grpc_server(service) as address:
        def answered(ca: bytes) -> str:
            credentials = grpc.ssl_channel_credentials(ca)
            with grpc.secure_channel(address, credentials, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                return call(channel, "ModelInfer", asked())[0].model_name

        assert answered(certificates.ca.read_bytes()) == "flights"
        with grpc.insecure_channel(address) as channel:
            assert refused(channel, "ModelInfer", asked()).code() is Code.UNAVAILABLE
        renewed = Certificates.made(tmp_path)  # of another authority, which the one before says nothing of
        assert answered(renewed.ca.read_bytes()) == "flights"
        renewed.cert.write_bytes(b"half of a fi")
        assert answered(renewed.ca.read_bytes()) == "flights"
