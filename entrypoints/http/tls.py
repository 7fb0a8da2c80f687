"""TLS in front of the connections: a certificate that is renewed while the service runs, and bounds for clients that
connect and then say nothing, which are no connections yet to whoever counts those."""
from __future__ import annotations

import logging
import ssl
from functools import partial
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import uvloop

from entrypoints.http.bounds import Bounds
from entrypoints.http.certificate import CERT, CertificateFiles, doubt_of
from entrypoints.settings import Settings, WrongSetting

_log = logging.getLogger("progon.serving")


def check(settings: Settings) -> None:
    """Raises: WrongSetting."""
    files = CertificateFiles.of(settings)
    if files is not None:
        files.context()
        _warn_of_doubt(files)


def of_server(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told; nothing where the service speaks without TLS."""
    files = CertificateFiles.of(settings)
    return {"loop": "uvloop"} if files is None else {
        "loop": f"{__name__}:{Loop.__name__}", "ssl_context_factory": partial(_context_of, files)}


def _context_of(files: CertificateFiles, *_: object) -> RenewedContext:
    return RenewedContext(files, Bounds())


def _warn_of_doubt(files: CertificateFiles) -> None:
    if doubt := doubt_of(files):
        _log.warning("%s: %s", CERT, doubt)


class Loop(uvloop.Loop):
    """By itself it waits a minute for the beginning of a client's TLS."""

    bounds: ClassVar[Bounds] = Bounds()

    async def create_server(self, *arguments: Any, **more: Any) -> Any:
        if more.get("ssl"):
            more["ssl_handshake_timeout"] = self.bounds.head_s
        return await super().create_server(*arguments, **more)


class _End(ssl.SSLObject):
    """Our end of a connection. is_known: the client has said what it had to."""

    is_known = is_refused = False

    def do_handshake(self) -> None:
        if self.is_refused:
            raise ssl.SSLError("too many clients have connected and said nothing yet")
        super().do_handshake()
        self.is_known = True


class RenewedContext(ssl.SSLContext):
    """Each connection begins with the files as they are by then; files that cannot be used leave those before, and a
    line in the log. Of the connections there may be at once, half as many may be silent."""

    def __new__(cls, files: CertificateFiles, bounds: Bounds) -> RenewedContext:
        made: RenewedContext = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        return made

    def __init__(self, files: CertificateFiles, bounds: Bounds) -> None:
        """Raises: WrongSetting, OSError."""
        self._files, self._most, self._patience_s = files, bounds.connections // 2, bounds.head_s
        self._stamp, self._now = files.stamp(), _made_of(files)
        self._silent: WeakKeyDictionary[_End, float] = WeakKeyDictionary()

    def wrap_bio(self, *arguments: Any, **more: Any) -> ssl.SSLObject:
        self._renew()
        end = self._now.wrap_bio(*arguments, **more)
        assert isinstance(end, _End)  # as of every context made here
        end.is_refused = self._has_no_room()
        self._silent[end] = monotonic()
        return end

    def _has_no_room(self) -> bool:
        if len(self._silent) < self._most:
            return False
        since = monotonic() - self._patience_s
        for end, began in list(self._silent.items()):
            if end.is_known or end.is_refused or began < since:
                del self._silent[end]
        return len(self._silent) >= self._most

    def _renew(self) -> None:
        try:
            stamp = self._files.stamp()
        except OSError:  # between two files of one name
            return
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._now = _made_of(self._files)
        except WrongSetting as failure:
            _log.error("the certificate before goes on being shown: %s", failure)
            return
        _log.info("the certificate in %s was renewed", self._files.cert)
        _warn_of_doubt(self._files)


def _made_of(files: CertificateFiles) -> ssl.SSLContext:
    context = files.context()
    context.sslobject_class = _End
    return context
