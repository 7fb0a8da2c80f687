"""Every failure a caller may be told about has a status, and a code of its own."""
from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest

import adapters
import application
import domain
from domain.errors import ProgonError
from entrypoints.answers.problems import TABLE, status_of
from entrypoints.grpc import statuses

CONTRACT = {400, 401, 403, 404, 409, 413, 429, 503, 507}


def failures(base: type[ProgonError] = ProgonError) -> Iterator[type[ProgonError]]:
    for failure in base.__subclasses__():
        yield failure
        yield from failures(failure)


def import_all() -> None:
    for package in (domain, application, adapters):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # The environment of migrations is run by Alembic, not imported.
            if ".migrations" not in module.name:
                importlib.import_module(module.name)


import_all()
# Classes of the product, not those that another test makes for itself.
FAILURES = sorted({failure for failure in failures() if failure.__module__.partition(".")[0] in (
    "domain", "application", "adapters")}, key=lambda failure: failure.__qualname__)


def test_there_are_failures_of_ports_and_of_adapters():
    assert {failure.__module__.partition(".")[0] for failure in FAILURES} == {"domain", "application", "adapters"}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_each_has_a_status_of_the_contract(failure):
    status, title = status_of(failure)
    assert status in CONTRACT
    assert title


def test_gRPC_has_a_status_for_each_row_of_the_table():
    assert set(statuses.TABLE) - {statuses.UnknownMethod} == set(TABLE)
    assert all(statuses.status_of(failure) for failure in FAILURES)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_each_has_a_code_of_its_own(failure):
    assert "code" in vars(failure), "a code that is inherited tells two failures apart no more"
    assert failure.code.isidentifier() and failure.code.islower()


def test_no_two_have_the_same_code():
    counts = Counter(failure.code for failure in [ProgonError, *FAILURES])
    assert [code for code, count in counts.items() if count > 1] == []


def test_a_failure_without_a_place_is_noticed():
    class Nowhere(ProgonError):
        code = "nowhere"

    with pytest.raises((LookupError, StopIteration)):
        status_of(Nowhere)


def test_every_row_of_the_table_is_used():
    used = {next(base for base in failure.__mro__ if base in TABLE) for failure in FAILURES}
    assert used == set(TABLE)
