"""The port, with TLS or without."""
from __future__ import annotations

import grpc
from grpc import aio

from entrypoints.http.certificate import CertificateFiles
from entrypoints.settings import WrongSetting


def listen(server: aio.Server, address: str, files: CertificateFiles | None) -> int:
    """Returns: the port. Raises: RuntimeError if it cannot be listened on, WrongSetting."""
    if files is None:
        return server.add_insecure_port(address)
    shown = _Shown(files)
    first = grpc.ssl_server_certificate_configuration([shown.pair])
    return server.add_secure_port(address, grpc.dynamic_ssl_server_credentials(
        first, shown.renewed))  # type: ignore[arg-type]  # which may give None, as its documentation says


class _Shown:
    """What new connections are shown; asked before each of them, in a thread of the library's."""

    def __init__(self, files: CertificateFiles) -> None:
        """Raises: WrongSetting, OSError."""
        self._files, self._stamp = files, files.stamp()
        self.pair = files.read()

    def renewed(self) -> grpc.ServerCertificateConfiguration | None:
        """None while there is nothing new that can be used: what HTTP tells of, which takes the same files."""
        try:
            stamp = self._files.stamp()
            if stamp == self._stamp:
                return None
            self._stamp = stamp
            self._files.context()
            self.pair = self._files.read()
        except (OSError, WrongSetting):
            return None
        return grpc.ssl_server_certificate_configuration([self.pair])
