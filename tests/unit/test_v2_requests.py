"""How much of a request of the protocol is read."""
from __future__ import annotations

import json

import pytest

from domain.errors import InvalidInput
from entrypoints.formats.v2.infer_request import MOST_INPUTS, decode

TENSOR = {"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}


@pytest.mark.parametrize("spelt", [
    lambda text: text, lambda text: text.replace('":', '" :'), lambda text: text.replace("name", "n\\u0061me"),
    lambda text: text.replace("[1]}", "[NaN]}", 1)], ids=["usual", "spaces", "escapes", "NaN"])
@pytest.mark.parametrize("what", ["inputs", "outputs"])
def test_more_inputs_or_outputs_than_any_task_has_are_refused_before_they_are_made(what, spelt):
    for many in (MOST_INPUTS, MOST_INPUTS + 1, 3 * MOST_INPUTS):
        request = {"inputs": [TENSOR]} | {what: [TENSOR if what == "inputs" else {"name": f"o{number}"}
                                                 for number in range(many)]}
        try:
            decode(spelt(json.dumps(request)).encode())
            told = ""
        except InvalidInput as failure:
            told = str(failure)
        assert ("has more than" in told) is (many > MOST_INPUTS), told


def test_texts_that_look_like_keys_are_texts():
    texts = ['"name":', "datatype", "name"] * MOST_INPUTS
    request = decode(json.dumps({"inputs": [
        {"name": "x", "datatype": "BYTES", "shape": [len(texts)], "data": texts}]}).encode())
    assert len(request.inputs) == 1
