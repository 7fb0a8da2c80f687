"""The list of what no document can say lets nothing else through."""
from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.failures import FailureGroup
from starlette.responses import JSONResponse

from tests.openapi.decided_elsewhere import is_decided_elsewhere
from tests.openapi.hooks import acceptance_of_valid_input


def refused(*places: str) -> dict[str, object]:
    return {"errors": [{"where": place, "problem": "is wrong"} for place in places]}


@pytest.mark.parametrize(("operation", "told"), [
    ("GET /metadata", refused("task")), ("DELETE /tasks/{name}", refused("confirm")),
    ("POST /forward", refused("column temp", "row 3, column of\ntwo lines")), ("PUT /add_data", {"detail": "no rows"}),
    ("POST /v2/models/{task}/infer", {"error": "input temp has no data"}),
    ("POST /v2/models/{task}/versions/{version}/infer", {"error": "column temp: is missing"})])
def test_what_only_the_data_tell(operation, told):
    assert is_decided_elsewhere(operation, told)


@pytest.mark.parametrize(("operation", "told"), [
    ("GET /metadata", refused("confirm")), ("GET /metadata", {"detail": "no"}), ("GET /metadata", ["no"]),
    ("POST /forward", refused("column temp", "query.extra")), ("GET /experiments", refused("limit")),
    ("POST /v2/models/{task}/infer", {"error": "the request cannot be used: Object contains unknown field"}),
    ("POST /v2/models/{task}/infer", {"error": "input temp has the parameter x, which is unknown; none is known"}),
    ("GET /tasks", refused("task")), ("POST /v2/repository/index", {"error": "input temp has no data"})])
def test_what_the_document_has_to_say(operation, told):
    assert not is_decided_elsewhere(operation, told)


DOCUMENT = {"openapi": "3.1.0", "info": {"title": "refusals", "version": "1"}, "paths": {"/metadata": {"get": {
    "responses": {"200": {"description": "Done"}, "400": {"description": "Refused"}}}}}}


def answer_of(where: str) -> None:
    """Asks a service that refuses all, as its document allows no refusal, with the check."""
    async def app(scope, receive, send) -> None:
        told = (DOCUMENT, 200) if scope["path"] == "/openapi.json" else (refused(where), 400)
        await JSONResponse(*told)(scope, receive, send)

    operation = schemathesis.openapi.from_asgi("/openapi.json", app)["/metadata"]["GET"]

    @settings(max_examples=1, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def ask(case) -> None:
        case.call_and_validate(checks=[acceptance_of_valid_input])

    ask()


def test_a_request_that_fits_and_is_refused_is_a_fault_of_the_document():
    answer_of("task")
    with pytest.raises(FailureGroup, match="Schema-valid request rejected"):
        answer_of("limit")
