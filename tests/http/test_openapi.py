"""/openapi.json is valid, names every route, and what it promises is kept whatever is sent."""
from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.builders import make_experiment, make_table, make_task
from tests.openapi.hooks import acceptance_of_valid_input

CONTRACT = {("/forward", "post"), ("/metrics/{experiment_id}", "get"), ("/experiments", "get"), ("/metadata", "get"),
            ("/healthz", "get"), ("/readyz", "get"), ("/forward_batch", "post"), ("/evaluate", "post"),
            ("/add_data", "put"), ("/deploy/{experiment_id}", "post"), ("/rollback", "post"), ("/deployments", "get"),
            ("/tasks/{name}", "patch"), ("/tasks/{name}", "delete"), ("/experiments/{experiment_id}", "delete"),
            ("/datasets/{task}/versions/newest", "delete"), ("/history", "get"),
            ("/v2", "get"), ("/v2/models/{task}", "get"), ("/v2/models/{task}/infer", "post"),
            ("/v2/models/{task}/stats", "get"), ("/v2/repository/index", "post"),
            ("/v2/repository/models/{task}/load", "post")}


def test_it_is_valid_and_names_the_routes(service):
    document = service.client.get("/openapi.json").json()
    validate(document)
    named = {(path, method) for path, item in document["paths"].items() for method in item}
    assert named >= CONTRACT


def test_every_route_has_words_and_its_failures_are_problems(service):
    document = service.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["summary"] and operation["description"], path
            for status, answer in operation["responses"].items():
                if status >= "400" and path not in ("/readyz", "/v2/health/ready"):
                    form = "application/json" if path.startswith("/v2") else "application/problem+json"
                    assert form in answer["content"], (path, status)


def test_a_method_that_a_path_has_not_is_told_with_those_that_it_has(service):
    def allowed(path: str) -> set[str]:
        answer = service.client.options(path)
        assert answer.status_code == 405
        return set(answer.headers["allow"].split(", "))

    assert allowed("/experiments") == {"GET", "POST"} and allowed("/tasks/small") == {"GET", "PATCH", "DELETE"}
    for path, operations in service.client.get("/openapi.json").json()["paths"].items():
        assert {method.upper() for method in operations} <= allowed(path.replace("{", "").replace("}", "")), path
    assert allowed("/tasks/look") == {"POST"}, "those of /tasks/{name} are of tasks"


def test_the_pages_of_the_documentation_are_there(service):
    assert service.client.get("/docs").status_code == 200


@pytest.mark.parametrize(("path", "method"), sorted(CONTRACT))
def test_what_is_promised_is_kept(service, path, method):
    for number in range(3):
        service.experiments.add(make_experiment(make_task(), name=f"опыт {number}"))
    operation = schemathesis.openapi.from_asgi("/openapi.json", service.client.app)[path][method]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
              phases=[Phase.explicit, Phase.generate])
    @given(operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def check(case) -> None:
        case.call_and_validate(additional_checks=[acceptance_of_valid_input],
                               excluded_checks=[positive_data_acceptance])

    check()


@pytest.mark.parametrize("path", ["/readyz", "/metadata", "/experiments"])
def test_what_is_promised_is_kept_while_nothing_is_deployed(empty, path):
    operation = schemathesis.openapi.from_asgi("/openapi.json", empty.client.app)[path]["get"]
    operation.Case().call_and_validate(excluded_checks=[positive_data_acceptance, not_a_server_error])


OF_A_TASK = ("/observations/history", "/predictions", "/traffic")


@pytest.mark.parametrize("path", [
    "/tasks", "/tasks/{name}", "/datasets/{task}", "/datasets/{task}/columns", "/datasets/{task}/sample",
    "/experiments/{experiment_id}/artifacts", "/experiments/{experiment_id}/comparison", "/observations",
    "/observations/history", "/predictions", "/traffic", "/metadata", "/deployments", "/history"])
def test_what_there_is_to_see_is_as_promised(service, path):
    service.store.append(make_task(), [make_table(make_task(), 20)])
    operation = schemathesis.openapi.from_asgi("/openapi.json", service.client.app)[path]["get"]
    case = operation.Case(path_parameters={"name": "flights", "task": "flights", "experiment_id": 1},
                          query={"task": "flights"} if path in OF_A_TASK else {})
    assert case.call_and_validate(excluded_checks=[positive_data_acceptance]).status_code == 200
