"""TLS: who is let in, who is let go, and a certificate that is renewed meanwhile."""
from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from entrypoints.http import tls
from entrypoints.http.bounds import Bounds
from entrypoints.http.certificate import CertificateFiles
from entrypoints.http.tls import Loop, RenewedContext
from entrypoints.settings import Settings
from tests.certificates import Certificates
from tests.http.connections import Short
from tests.http.sockets import at_socket
from tests.waiting import until

PATIENCE_S = 20


class Hasty(Loop):
    bounds = Bounds(head_s=0.3)


@pytest.fixture
def certificates(tmp_path) -> Certificates:
    return Certificates.made(tmp_path)


@contextmanager
def served(certificates: Certificates, bounds: Bounds = Bounds()) -> Iterator[str]:
    context = RenewedContext(CertificateFiles(certificates.cert, certificates.key), bounds)
    with at_socket(told, Short, loop=f"{__name__}:Hasty", ssl_context_factory=lambda *_: context) as port:
        yield f"https://localhost:{port}"


async def told(scope, receive, send) -> None:
    """Answers with the scheme it was asked by."""
    body = scope["scheme"].encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def shown(certificates: Certificates, url: str) -> str:
    """The serial number of the certificate."""
    with connect(url) as plain, certificates.client().wrap_socket(plain, server_hostname="localhost") as connection:
        return connection.getpeercert()["serialNumber"]


def connect(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", httpx.URL(url).port), timeout=PATIENCE_S)


def is_let_go(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_who_trusts_the_authority_is_answered_and_knows_it_is_tls(certificates, tmp_path_factory):
    others = Certificates.made(tmp_path_factory.mktemp("others"))
    with served(certificates) as url:
        assert httpx.get(url, verify=certificates.client()).text == "https"
        for verify in (True, others.client()):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(url, verify=verify)


def test_what_is_older_than_tls_1_2_is_not_spoken(certificates):
    context = certificates.client()
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with served(certificates) as url, connect(url) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_client_that_says_nothing_is_let_go(certificates):
    with served(certificates) as url, connect(url) as silent:
        assert is_let_go(silent)


def test_many_that_say_nothing_leave_room(certificates, caplog):
    bounds = Bounds(connections=8, head_s=Hasty.bounds.head_s)
    with served(certificates, bounds) as url, ExitStack() as stack, caplog.at_level(logging.WARNING):
        assert httpx.get(url, verify=certificates.client()).text == "https"
        silent = [stack.enter_context(connect(url)) for _ in range(20)]
        with pytest.raises((httpx.ConnectError, httpx.ReadError)):
            httpx.get(url, verify=certificates.client())
        assert all(map(is_let_go, silent))
        assert httpx.get(url, verify=certificates.client()).text == "https"
    assert caplog.text == ""


def test_those_who_are_known_are_not_counted_among_the_silent(certificates):
    with served(certificates, Bounds(connections=2)) as url, ExitStack() as stack:
        for _ in range(5):
            client = stack.enter_context(httpx.Client(verify=certificates.client()))
            assert client.get(url).text == "https"


def test_a_renewed_certificate_is_shown_from_the_next_connection_on(certificates, caplog):
    with served(certificates) as url, httpx.Client(verify=certificates.client()) as kept:
        assert kept.get(url).text == "https"
        before = shown(certificates, url)
        with caplog.at_level(logging.INFO, "progon.serving"):
            certificates.renew()
            assert shown(certificates, url) != before
        assert "was renewed" in caplog.text
        assert kept.get(url).text == "https"


def test_files_that_cannot_be_used_leave_the_certificate_before(certificates, caplog):
    with served(certificates) as url:
        before = shown(certificates, url)
        certificates.cert.write_bytes(b"half of a fi")
        with caplog.at_level(logging.ERROR, "progon.serving"):
            assert [shown(certificates, url) for _ in range(3)] == [before] * 3
        assert [record.getMessage() for record in caplog.records] == [
            "the certificate before goes on being shown: "
            f"PROGON_TLS_CERT: {certificates.cert} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"]
        certificates.key.unlink()
        assert shown(certificates, url) == before
        certificates.renew()
        assert shown(certificates, url) != before


@pytest.mark.parametrize(("days", "words"), [(-1, "has expired"), (2, "does not hold yet")])
def test_one_that_no_client_would_trust_is_warned_of(certificates, caplog, days, words):
    moment = datetime.now(UTC) + timedelta(days=days)
    certificates.renew(not_before=moment - timedelta(days=1), not_after=moment)
    with caplog.at_level(logging.WARNING, "progon.serving"):
        tls.check(Settings(**certificates.settings()))
    assert [record.getMessage() for record in caplog.records] == [
        f"PROGON_TLS_CERT: the certificate in {certificates.cert} {words}"]


def test_one_file_may_hold_both(certificates, caplog):
    certificates.cert.write_bytes(certificates.key.read_bytes() + certificates.cert.read_bytes())
    settings = Settings(tls_cert=str(certificates.cert))
    tls.check(settings)
    assert caplog.text == "" and CertificateFiles.of(settings).read() == (certificates.cert.read_bytes(),) * 2


def test_without_the_setting_there_is_none():
    tls.check(Settings())
    assert tls.of_server(Settings()) == {"loop": "uvloop"} and CertificateFiles.of(Settings()) is None


def test_what_was_refused_leaves_nothing_behind(certificates):
    context = RenewedContext(CertificateFiles(certificates.cert, certificates.key), Bounds(connections=2))
    ends = [context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True) for _ in range(3)]
    assert [end.is_refused for end in ends] == [False, True, True]
    del ends
    until(lambda: not len(context._silent))
