"""Certificates as an operator has them: of an authority of one's own, in files."""
from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Certificates:
    """Of one folder: cert.pem with key.pem, and ca.pem, which vouches for them."""

    folder: Path
    authority: trustme.CA

    @classmethod
    def made(cls, folder: Path) -> Certificates:
        made = cls(folder, trustme.CA())
        made.authority.cert_pem.write_to_path(made.ca)
        made.renew()
        return made

    @property
    def cert(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def renew(self, *names: str, **how) -> None:
        """As a tool for it does: the files change their places with new ones."""
        leaf = self.authority.issue_cert(*(names or NAMES), **how)
        for path, content in ((self.key, leaf.private_key_pem), (self.cert, leaf.cert_chain_pems[0])):
            new = path.with_suffix(".new")
            content.write_to_path(new)
            os.utime(new, ns=(path.stat().st_mtime_ns + 1_000_000 if path.exists() else 0,) * 2)
            os.replace(new, path)

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)

    def settings(self) -> dict[str, str]:
        return {"tls_cert": str(self.cert), "tls_key": str(self.key)}
