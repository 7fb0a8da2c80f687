"""MLflow's tracking server by its REST API (https://mlflow.org/docs/latest/api_reference/rest-api.html), without its
package, which is larger than all that serves."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import httpx

from application.ports.experiment_mirror import MirrorRefused, MirrorUnavailable

_TIMEOUT = httpx.Timeout(30.0, write=300.0)
_API, _FILES = "api/2.0/mlflow", "api/2.0/mlflow-artifacts/artifacts"
_OF_ONE = frozenset({400, 413, 422})


class MissingThere(MirrorRefused):
    """What was asked for."""


class MlflowServer:
    """url: of the server, with a user and a password in it if it asks for them."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(base_url=url.rstrip("/") + "/", timeout=_TIMEOUT, transport=transport)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        """Raises: MirrorUnavailable, MirrorRefused; MissingThere."""
        return self._asked("GET", f"{_API}/{path}", params=query)

    def post(self, path: str, **document: object) -> Mapping[str, Any]:
        """Raises: MirrorUnavailable, MirrorRefused; MissingThere."""
        return self._asked("POST", f"{_API}/{path}", json=document)

    def put_file(self, path: str, size_bytes: int, content: Iterator[bytes] | bytes) -> None:
        """path: below the server's artifacts. Raises: MirrorUnavailable, MirrorRefused."""
        self._asked("PUT", f"{_FILES}/{path}", content=content, headers={
            "Content-Type": "application/octet-stream", "Content-Length": str(size_bytes)})

    def _asked(self, method: str, path: str, **how: Any) -> Mapping[str, Any]:
        try:
            response = self._client.request(method, path, **how)
            if response.is_success:
                return cast(Mapping[str, Any], response.json() if response.content else {})
        except (httpx.HTTPError, ValueError) as failure:
            raise MirrorUnavailable(f"MLflow at {self._where()}: {str(failure) or type(failure).__name__}") from failure
        failing = {404: MissingThere}.get(response.status_code, MirrorRefused if response.status_code in _OF_ONE
                                          else MirrorUnavailable)
        raise failing(f"MLflow at {self._where()}: {response.status_code} at {path}: {_told(response)}")

    def _where(self) -> str:
        """Without the password."""
        url = self._client.base_url
        return f"{url.scheme}://{url.netloc.decode()}{url.path.rstrip('/')}"


def _told(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
