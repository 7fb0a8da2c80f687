"""Whose word is taken for who a service is."""
from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from entrypoints.settings import PREFIX, WrongSetting, is_loopback


def trusting(url: str, ca_cert: Path | None) -> ssl.SSLContext:
    """ca_cert: file with the certificates that may vouch for the service, they alone; None for what the environment
    says (SSL_CERT_FILE, SSL_CERT_DIR), else those that everybody trusts. Raises: WrongSetting."""
    address = httpx.URL(url)
    if address.scheme != "https" and is_loopback(address.host):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading what is not asked would take 50 ms
    try:
        return httpx.create_ssl_context() if ca_cert is None else ssl.create_default_context(cafile=ca_cert)
    except OSError as failure:  # what is read and not understood is one, too
        variable = f"{PREFIX}CA_CERT: {ca_cert}" if ca_cert else "SSL_CERT_FILE"
        words = "it holds no certificate in PEM" if isinstance(failure, ssl.SSLError) else failure.strerror
        raise WrongSetting(f"{variable} cannot be read: {words}") from failure
