"""`python -m tests.openapi [SECONDS] [arguments of st run]`: requests that /openapi.json allows, and those that it does
not, to all routes of a live service with keys, by schemathesis with all its checks."""
from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.e2e.server import Server
from tests.e2e.small_task import put_small_task
from tests.hostile.picture_task import put_picture_task

SETTINGS = Path(__file__).resolve().with_name("schemathesis.toml")
ROOT = SETTINGS.parents[2]


def main(seconds: str = "300", *arguments: str) -> int:
    """Returns: the exit code of schemathesis, 1 where it found something."""
    key = secrets.token_hex(20)
    with tempfile.TemporaryDirectory(prefix="progon-openapi-") as folder:
        home = Path(folder)
        container = put_small_task(home, experiments=2)
        put_picture_task(container, home)
        container.storage().close()
        with Server(home, PROGON_API_KEYS=f"{key}:write", PROGON_LOG_LEVEL="warning") as server:
            server.start("/readyz")
            found = subprocess.run(
                [Path(sys.executable).with_name("st"), "--config-file", SETTINGS, "run",
                 f"{server.url}/openapi.json", "--max-time", seconds, *arguments],
                env=dict(server.environment) | {"PROGON_KEY": key, "PYTHONPATH": str(ROOT)},
                cwd=folder, check=False)
            if b"Traceback" in (log := server.log.read_bytes()):
                print(log.decode(errors="replace"))
                return 1
            return found.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
