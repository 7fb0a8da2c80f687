import pytest
from click.testing import CliRunner

from entrypoints.cli import main

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
