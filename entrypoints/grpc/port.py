"""Whether gRPC can be served where the settings ask for it. Imports nothing of gRPC."""
from __future__ import annotations

import socket
from importlib.util import find_spec

from entrypoints.settings import Settings, WrongSetting

_NEEDED = ("grpc", "grpc_health", "grpc_reflection")


def check(settings: Settings) -> None:
    """Raises: WrongSetting."""
    if not settings.grpc_port:
        return
    if any(find_spec(name) is None for name in _NEEDED):
        raise WrongSetting("PROGON_GRPC_PORT is set, and gRPC is not installed: pip install 'progon[grpc]'")
    if settings.grpc_port == settings.port:
        raise WrongSetting(f"PROGON_GRPC_PORT is {settings.grpc_port}, as PROGON_PORT is: gRPC needs a port of its own")
    _require_free(settings)


def _require_free(settings: Settings) -> None:
    """Processes that answer share the port (SO_REUSEPORT), and would share it with another service too."""
    try:
        with socket.create_server((settings.listens_on, settings.grpc_port),
                                  family=socket.AF_INET6 if ":" in settings.listens_on else socket.AF_INET):
            return
    except OSError as failure:
        raise WrongSetting(f"PROGON_GRPC_PORT is {settings.grpc_port}, which cannot be listened on at "
                           f"{settings.listens_on}: {failure.strerror}") from failure
