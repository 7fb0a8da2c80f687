"""The real service in the places it is run in: a small disk that fills up, a user without a name, a HOME that is taken,
an address of IPv6, a proxy in the environment."""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.builders import make_table
from tests.e2e.server import PROGON, Server, free_port, wait_until, web
from tests.e2e.small_task import TASK, csv_of, put_small_task

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("e2e-places")]
DISK_BYTES = 48 << 20
CSV = {"Content-Type": "text/csv"}


def unshared(*arguments: str) -> list[str]:
    """A command in namespaces of its own. Skips where the kernel gives none to this user."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    command = ["unshare", "--user", *arguments]
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this user may not make a namespace")
    return command


class Within(Server):
    """The service, started by another command."""

    def __init__(self, home: Path, before: list[str], **settings: object) -> None:
        super().__init__(home, **settings)
        self.before = before


@pytest.fixture
def home(tmp_path) -> Path:
    put_small_task(tmp_path / "home").storage().close()
    return tmp_path / "home"


def row() -> dict[str, object]:
    table = make_table(TASK, 8)
    found = {column.name: table.columns[column.name][0] for column in TASK.schema.features}
    return {name: value if isinstance(value, str) else float(value) for name, value in found.items()}


@pytest.fixture
def on_a_small_disk(home) -> Iterator[Within]:
    seed = home.rename(home.with_name("seed"))
    home.mkdir()
    script = f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "{home}" && cp -r "{seed}/." "{home}" && exec "$@"'
    server = Within(home, [*unshared("--map-root-user", "--mount"), "sh", "-c", script, "sh"], PROGON_COMMIT_HASH="abc")
    server.log = home.with_name("serve.log")
    with server:
        yield server.start("/readyz")


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")


def test_a_full_disk_is_named_and_heals_by_itself(on_a_small_disk):
    server = on_a_small_disk
    disk = Path(f"/proc/{server.process.pid}/root{server.home}")
    with httpx.Client(base_url=server.url, timeout=120) as client:
        ballast = fill(disk)
        ready = client.get("/readyz")
        assert ready.status_code == 503 and "the disk of PROGON_HOME" in ready.json()["reasons"][-1]
        for method, path in (("PUT", "/add_data"), ("POST", "/forward_batch"), ("POST", "/evaluate")):
            answer = client.request(method, path, content=csv_of(30_000, seed=5), headers=CSV)
            assert (answer.status_code, answer.json()["title"]) == (507, "no room"), answer.text
            assert "disk of PROGON_HOME" in answer.json()["detail"]
        answer = client.put("/retrain", params={"wait": 0})
        assert (answer.status_code, answer.json()["title"]) == (507, "no room")
        assert client.post("/forward", json=row()).status_code == 200
        assert client.get("/metrics").status_code == client.get("/ui/").status_code == 200
        ballast.unlink()
        assert client.get("/readyz").status_code == 200
        assert client.put("/add_data", content=csv_of(100, seed=5), headers=CSV).status_code == 200


def test_a_training_names_the_disk(on_a_small_disk):
    server = on_a_small_disk
    disk = Path(f"/proc/{server.process.pid}/root{server.home}")
    with httpx.Client(base_url=server.url, timeout=120) as client:
        number = client.put("/retrain", params={"wait": 0}).json()["experiment_id"]
        wait_until(lambda: client.get(f"/metrics/{number}").json()["stage"] == "train_model", "the training", 120)
        ballast = fill(disk)
        wait_until(lambda: not running(server), "the end of its stages", 120)
        ballast.unlink()
        ended = wait_until(lambda: ended_as(client, number), "its record", 120)
        assert ended["status"] == "failed" and "the disk of PROGON_HOME has no room" in ended["error"]


def running(server: Server) -> list[psutil.Process]:
    """What is alive of a pipeline of this service."""
    return [process for process in psutil.Process(server.process.pid).children(recursive=True) if _is_dvc(process)]


def _is_dvc(process: psutil.Process) -> bool:
    try:
        return "dvc" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def ended_as(client: httpx.Client, number: int) -> dict | None:
    now = client.get(f"/metrics/{number}").json()
    return now if now["finished_at"] else None


def test_a_user_without_a_name_trains(home):
    with Within(home, unshared("--map-user=54321", "--map-group=54321"), HOME="/proc/nowhere",
                USER="", LOGNAME="", PROGON_COMMIT_HASH="abc") as server:
        server.start("/readyz")
        answer = web.put(f"{server.url}/retrain", params={"wait": 300}, timeout=320)
        assert answer.status_code == 200, answer.text


def test_a_home_that_is_taken_is_refused_until_its_owner_is_dead(home):
    with Server(home, PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as first:
        first.start()
        second = Server(home, PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1")
        second.log = home / "second.log"
        second.launch()
        assert second.process.wait(60) == 1
        assert f"is in use by another service (process {first.process.pid}, progon serve)" in second.log.read_text()
        assert first.answers("/readyz")
        first.kill()
        with second:
            second.start()


def test_an_address_of_ipv6(home):
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no address of IPv6")
    with Server(home, PROGON_HOST="::1", PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
        server.launch()
        wait_until(lambda: _answers(f"http://[::1]:{server.port}/readyz"), "the service on ::1")
        assert f"http://[::1]:{server.port}" in server.log.read_text()


def _answers(url: str) -> bool:
    try:
        return web.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_a_proxy_of_the_environment_does_not_catch_this_machine(home):
    port = free_port()
    with Server(home, PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
        server.start()
        pages = subprocess.Popen(
            [PROGON, "admin", "--backend", server.url, "--port", str(port)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(server.environment) | {
                name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY")})
        try:
            wait_until(lambda: _answers(f"http://127.0.0.1:{port}/ui/"), "the pages")
        finally:
            pages.terminate()
            pages.wait(30)


def test_a_variable_of_kubernetes_is_no_fault():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROGON_")}
    said = subprocess.run([PROGON, "settings"], env=environment | {"PROGON_PORT": "tcp://10.96.12.7:8000"},
                          capture_output=True, text=True, timeout=120)
    assert said.returncode == 0 and "PROGON_PORT=8000\n" in said.stdout
    assert "PROGON_PORT=tcp://10.96.12.7:8000 is passed over" in said.stderr
