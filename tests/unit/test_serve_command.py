import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization

from entrypoints.cli import main
from tests.certificates import Certificates

SETTINGS = ("PROGON_HOST", "PROGON_PORT", "PROGON_INSECURE")


@pytest.fixture
def said(monkeypatch, tmp_path):
    """What the command says that ends before it serves."""
    monkeypatch.setenv("PROGON_HOME", str(tmp_path))
    for name in SETTINGS:
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    return lambda *arguments: CliRunner().invoke(main, ["serve", *arguments])


@pytest.mark.parametrize(("arguments", "words"), [
    (["--port", "99999"], "PROGON_PORT is 99999"),
    (["--port", "abc"], "PROGON_PORT is 'abc'"),
    (["--host", "0.0.0.0"], "PROGON_HOST is 0.0.0.0 and no key is asked for"),
])
def test_an_option_is_the_setting_of_its_name(said, arguments, words):
    result = said(*arguments)
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_a_port_for_gRPC_without_the_extra(said, monkeypatch):
    monkeypatch.setenv("PROGON_GRPC_PORT", "8001")
    monkeypatch.setattr("entrypoints.grpc.port.find_spec", lambda name: None)
    result = said()
    assert (result.exit_code, "pip install 'progon[grpc]'" in result.output) == (1, True), result.output


def test_a_port_for_gRPC_that_is_the_one_for_HTTP(said, monkeypatch):
    monkeypatch.setenv("PROGON_GRPC_PORT", "8001")
    result = said("--port", "8001")
    assert (result.exit_code, "a port of its own" in result.output) == (1, True), result.output


def test_an_option_goes_before_the_environment(said, monkeypatch):
    monkeypatch.setenv("PROGON_PORT", "8000")
    assert "PROGON_PORT is 99999" in said("--port", "99999").output


@pytest.fixture
def certificates(tmp_path, monkeypatch) -> Certificates:
    made = Certificates.made(tmp_path)
    monkeypatch.setenv("PROGON_TLS_CERT", str(made.cert))
    monkeypatch.setenv("PROGON_TLS_KEY", str(made.key))
    return made


def _another_key(made: Certificates) -> str:
    made.authority.issue_cert("elsewhere").private_key_pem.write_to_path(made.key)
    return f"PROGON_TLS_KEY: the key in {made.key} is not that of the certificate in {made.cert}"


def _locked_key(made: Certificates) -> str:
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    made.key.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")))
    return f"PROGON_TLS_KEY: the key in {made.key} is locked by a password"


def _no_file(made: Certificates) -> str:
    made.cert.unlink()
    return f"PROGON_TLS_CERT: {made.cert} cannot be read: No such file or directory"


def _no_certificate(made: Certificates) -> str:
    made.cert.write_text("hello")
    return f"PROGON_TLS_CERT: {made.cert} holds no certificate in PEM"


def _no_key(made: Certificates) -> str:
    made.key.write_bytes(made.cert.read_bytes())
    return f"PROGON_TLS_KEY: {made.key} holds no private key in PEM"


def _broken(made: Certificates) -> str:
    made.cert.write_bytes(made.cert.read_bytes()[:200])
    return f"PROGON_TLS_CERT: {made.cert} with the key in {made.key} cannot be used: "


@pytest.mark.parametrize("spoil", [_another_key, _locked_key, _no_file, _no_certificate, _no_key, _broken],
                         ids=lambda spoil: spoil.__name__)
def test_files_that_cannot_be_shown_are_refused_at_the_start(said, certificates, spoil):
    words = spoil(certificates)
    result = said()
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_a_key_without_its_certificate(said, certificates, monkeypatch):
    monkeypatch.setenv("PROGON_TLS_CERT", "")
    result = said()
    assert (result.exit_code, "PROGON_TLS_CERT, whose key it is, is not" in result.output) == (1, True), result.output
