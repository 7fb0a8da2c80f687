"""The certificate that the service shows, and its key: two files, or one that holds both."""
from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from entrypoints.settings import PREFIX, Settings, WrongSetting

CERT, KEY = f"{PREFIX}TLS_CERT", f"{PREFIX}TLS_KEY"
# By the code of OpenSSL, https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error
_DOUBTS = {9: "does not hold yet", 10: "has expired"}


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM; in `cert` the server's own stands first, then those that vouch for it."""

    cert: Path
    key: Path

    @classmethod
    def of(cls, settings: Settings) -> CertificateFiles | None:
        """None where the service speaks without TLS."""
        if not settings.tls_cert:
            return None
        return cls(Path(settings.tls_cert), Path(settings.tls_key or settings.tls_cert))

    def stamp(self) -> tuple[int, ...]:
        """Another one once a file was written anew. Raises: OSError."""
        return tuple(path.stat().st_mtime_ns for path in (self.cert, self.key))

    def read(self) -> tuple[bytes, bytes]:
        """(key, certificates). Raises: WrongSetting."""
        return _read(KEY if self.key != self.cert else CERT, self.key), _read(CERT, self.cert)

    def context(self) -> ssl.SSLContext:
        """What a server speaks TLS 1.2 and 1.3 with. Raises: WrongSetting."""
        self._check_forms()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key, partial(_refuse_password, self.key))
        except ssl.SSLError as failure:
            raise WrongSetting(self._why(failure)) from failure
        return context

    def _check_forms(self) -> None:
        """The library says of either file alone that it is none. Raises: WrongSetting."""
        key, cert = self.read()
        if b"-----BEGIN CERTIFICATE-----" not in cert:
            raise WrongSetting(f"{CERT}: {self.cert} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")
        if b"PRIVATE KEY-----" not in key:
            raise WrongSetting(f"{KEY}: {self.key} holds no private key in PEM"
                               + ("; name the file that does" if self.key == self.cert else ""))

    def _why(self, failure: ssl.SSLError) -> str:
        if failure.reason == "KEY_VALUES_MISMATCH":
            return f"{KEY}: the key in {self.key} is not that of the certificate in {self.cert}"
        return f"{CERT}: {self.cert} with the key in {self.key} cannot be used: {failure.reason or failure}"


def _read(variable: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise WrongSetting(f"{variable}: {path} cannot be read: {failure.strerror}") from failure


def _refuse_password(path: Path) -> NoReturn:
    """Otherwise the library asks a terminal."""
    raise WrongSetting(f"{KEY}: the key in {path} is locked by a password; keep it without one, in a file that only "
                       "the service can read")


def doubt_of(files: CertificateFiles) -> str:
    """Why no client would trust the certificate, whoever vouches for it and whatever the service is called; empty if
    there is nothing. Raises: WrongSetting."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may vouch for itself
    client.load_verify_locations(files.cert)
    try:
        _shake_hands(client, files.context())
    except ssl.SSLCertVerificationError as failure:
        return f"the certificate in {files.cert} {_DOUBTS.get(failure.verify_code, failure.verify_message)}"
    return ""


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """In memory. Raises: SSLError."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    while ends:
        end = ends.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            ends.append(end)
