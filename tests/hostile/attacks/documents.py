"""Bodies that are small to send and large to work on: JSON, YAML, forms, tensors."""
from __future__ import annotations

import gzip
import json

from domain.task_document import to_document
from entrypoints.formats.packing import zstd
from tests.builders import ROW, make_task
from tests.hostile.attack import Target, attack, check_refused

JSON, YAML = {"Content-Type": "application/json"}, {"Content-Type": "application/yaml"}
_MIB = 1 << 20
_BOUND = "b"
_FORM = {"Content-Type": f"multipart/form-data; boundary={_BOUND}"}


@attack
def millions_of_json_keys(target: Target) -> None:
    row = b"{" + b",".join(b'"k%d":1' % number for number in range(900_000)) + b"}"
    check_refused(target.ask("POST", "/forward?task=small", content=row, headers=JSON), 413)
    check_refused(target.ask("POST", "/forward?task=small", content=row + b" " * 17 * _MIB, headers=JSON), 413)


@attack
def deep_json(target: Target) -> None:
    for opened in (b"[", b'{"a":'):
        for method, path in (("POST", "/forward?task=small"), ("POST", "/v2/models/small/infer"), ("POST", "/tasks"),
                             ("PUT", "/retrain?task=small"), ("PATCH", "/tasks/small"), ("POST", "/keys")):
            check_refused(target.ask(method, path, content=opened * 100_000, headers=JSON), 400)


@attack
def numbers_of_a_million_digits(target: Target) -> None:
    for number in (b"9" * _MIB, b"1e" + b"9" * 1000, b"-" + b"0" * _MIB, b"0." + b"1" * _MIB + b"e-99999999"):
        body = json.dumps(ROW).encode().replace(b"1400", number)
        answer = target.ask("POST", "/forward?task=small", content=body, headers=JSON)
        if answer.status_code != 200:  # one that is only written at length is a number
            check_refused(answer, 400)


@attack
def task_document_of_700_kb(target: Target) -> None:
    document = to_document(make_task(name="hostile"))
    for names in ([f"c{number}" for number in range(15_000)], ["a" * 500_000]):
        columns = [{"name": name, "type": "number"} for name in names]
        content = json.dumps({**document, "columns": columns}).encode()
        check_refused(target.ask("POST", "/tasks", content=content, headers=JSON), 400, 413)
        check_refused(target.ask("POST", "/tasks", content=content, headers=YAML), 400, 413)


@attack
def a_hundred_thousand_labels(target: Target) -> None:
    document = to_document(make_task(name="hostile"))
    for labels in ([f"l{number}" for number in range(100_000)], ["same"] * 100_000):
        changed = {name: labels if name == "labels" else value for name, value in document.items()}
        assert changed != document
        check_refused(target.ask("POST", "/tasks", content=json.dumps(changed).encode(), headers=JSON), 400, 413)


@attack
def yaml_that_multiplies(target: Target) -> None:
    laughs = "a0: &a0 [x]\n" + "".join(
        f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 30))
    for text in (laughs, "a: &a [*a]", "!!python/object/apply:os.system ['true']", "[" * 50_000, "? " * 20_000,
                 "a: " + "1:" * 40_000, "- " * 30_000):
        check_refused(target.ask("POST", "/tasks", content=text.encode(), headers=YAML), 400, 413)


@attack
def packed_json(target: Target) -> None:
    """Some kilobytes that unpack to gigabytes, also in two layers."""
    zeros = b"0" * _MIB
    packer = zstd.ZstdCompressor()
    piece = packer.compress(zeros * 64) + packer.flush()
    for packed, said in ((gzip.compress(zeros * 64, 1), "gzip"), (piece * 32, "zstd"),
                         (gzip.compress(gzip.compress(zeros * 64, 1)), "gzip, gzip")):
        check_refused(target.ask("POST", "/forward?task=small", content=packed,
                                 headers={**JSON, "Content-Encoding": said}), 413)
    # A frame that asks for a window of 2 GB.
    check_refused(target.ask("POST", "/forward?task=small", content=b"\x28\xb5\x2f\xfd\x00\xa8" + b"\x00" * 64,
                             headers={**JSON, "Content-Encoding": "zstd"}), 400)
    check_refused(target.ask("POST", "/forward?task=small", content=packed,
                             headers={**JSON, "Content-Encoding": "gzip," * 500 + "gzip"}), 400)


@attack
def forms_of_a_thousand_parts(target: Target) -> None:
    part = f"--{_BOUND}\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n"
    file = f"--{_BOUND}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n1\r\n"
    unended = f"--{_BOUND}\r\nContent-Disposition: form-data; name=\"" + "x" * 4 * _MIB
    for body in (part * 5_000, file * 5_000, unended, f"--{_BOUND}\r\n" + "X-A: 1\r\n" * 200_000,
                 part.replace("\r\n\r\n1", "\r\n\r\n" + "1" * 8 * _MIB)):
        for method, path in (("POST", "/forward_batch?task=small"), ("PUT", "/add_data?task=small"),
                             ("POST", "/tasks"), ("POST", "/forward?task=nuclei"), ("POST", "/experiments?task=small")):
            check_refused(target.ask(method, path, content=body.encode(), headers=_FORM), 400, 413)


@attack
def sign_in_as_a_store(target: Target) -> None:
    """The one form that everybody may send: it keeps nothing of what is too large."""
    head = f"--{_BOUND}\r\nContent-Disposition: form-data; name=\"key\"; filename=\"k\"\r\n\r\n"
    body = head.encode() + bytes(64 * _MIB)
    before = _spooled(target)
    answer = target.ask("POST", "/ui/sign-in", content=body, headers=_FORM)
    assert 400 <= answer.status_code < 500, answer.status_code
    assert _spooled(target) - before < 4 * _MIB
    answer = target.ask("POST", "/ui/sign-in", content=b"key=" + b"a" * 16 * _MIB,
                        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert 400 <= answer.status_code < 500, answer.status_code


def _spooled(target: Target) -> int:
    return sum(path.stat().st_size for path in (target.server.home / "tmp").rglob("*") if path.is_file())


@attack
def tensors_of_lying_shapes(target: Target) -> None:
    for shape in ([2**40], [2**31, 2**31], [2**64], [-1], [0] * 9, [1] * 100_000, [], [0, 2**62], [1.5], ["1"]):
        for datatype, data in (("FP32", [1.0]), ("BYTES", ["UA"]), ("FP64", []), ("XX", [1])):
            body = {"inputs": [{"name": "x", "datatype": datatype, "shape": shape, "data": data}]}
            check_refused(target.ask("POST", "/v2/models/small/infer", json=body), 400)
            check_refused(target.ask("POST", "/v2/models/nuclei/infer", json=body), 400)


@attack
def tensors_of_lying_bytes(target: Target) -> None:
    for size, raw in ((2**40, b""), (-1, b"abcd"), (4, b""), (8, b"\xff\xff\xff\xffabcd"), (0, b"abcd")):
        head = json.dumps({"inputs": [{"name": "x", "datatype": "BYTES", "shape": [1],
                                       "parameters": {"binary_data_size": size}}]}).encode()
        for said in (len(head), len(head) + 2**40, 0, "x", -1):
            check_refused(target.ask("POST", "/v2/models/small/infer", content=head + raw, headers={
                "Inference-Header-Content-Length": str(said)}), 400)


@attack
def many_tensors(target: Target) -> None:
    tensor = {"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}
    check_refused(target.ask("POST", "/v2/models/small/infer", json={"inputs": [tensor] * 50_000}), 400, 413)
    check_refused(target.ask("POST", "/v2/models/small/infer", json={
        "inputs": [tensor], "outputs": [{"name": "x"}] * 50_000}), 400, 413)
