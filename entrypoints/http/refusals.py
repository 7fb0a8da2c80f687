"""Refusals that are made in front of everything else, in the form of all others."""
from __future__ import annotations

import uuid_utils.compat
from starlette.types import ASGIApp, Scope

from domain.errors import Forbidden
from entrypoints.http.errors import answer
from entrypoints.http.protocol_errors import in_protocol
from entrypoints.http.request_id import RequestId


def forbidden(scope: Scope, why: str) -> ASGIApp:
    return RequestId(in_protocol(scope, answer(Forbidden(why))), lambda: str(uuid_utils.compat.uuid7()))
