"""A local S3 for the suites of what keeps files there."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.s3 import local_s3


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with local_s3() as (host, port):
        yield f"http://{host}:{port}"
