"""What the processes of a cluster show each other, made anew with each: whoever lacks it is heard by none of them."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Security

_NAME = "progon engine"
# For as long as the process lives, whatever becomes of the clock meanwhile.
_FROM, _TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_KEY = "-----BEGIN PRIVATE KEY-----"


def make() -> str:
    """A certificate and its key, PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), _FROM, _TO).sign(key, hashes.SHA256())
    return (certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())).decode()


def security(credentials: str) -> Security | None:
    """As Dask is told; None for no credentials: then it goes by its own settings."""
    from distributed import Security
    if not credentials:
        return None
    certificate, mark, key = credentials.partition(_KEY)
    roles = {f"tls_{role}_{part}": text for role in ("client", "scheduler", "worker")
             for part, text in (("cert", certificate), ("key", mark + key))}
    return Security(require_encryption=True, tls_ca_file=certificate, **roles)
