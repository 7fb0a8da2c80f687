"""The contract of the port Executor."""
from __future__ import annotations

import os
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest
from distributed import Client

from adapters.dask import credentials
from adapters.dask.executor import DaskExecutor
from application.ports.executor import Executor, ExecutorUnavailable
from application.training.inline_executor import InlineExecutor
from entrypoints.processes import engine_address
from entrypoints.processes.engine_address import NONE, Engine
from tests.contracts.processes import ROOT
from tests.fakes.executor import ThreadExecutor
from tests.waiting import until

PATIENCE_S = 30


# A process as a task would start it: it does what the test wants by asking the test to do it.
ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    line.sendall(sys.argv[2].encode())
    sys.exit(0 if line.recv(1) == b"1" else 1)
"""


class Bench:
    """A DaskExecutor whose processes call back, so that the work may be any function of a test."""

    def __init__(self, work: Callable[[int], object], engine: Engine) -> None:
        class Answer(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                number = int(self.request.recv(64))
                with suppress(Exception):
                    work(number)
                    self.request.sendall(b"1")

        # The path of a socket may have 107 characters; a test's own folder may not fit.
        self._folder = tempfile.TemporaryDirectory()
        path = str(Path(self._folder.name) / "line")
        self._server = socketserver.ThreadingUnixStreamServer(path, Answer)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self._found = self._engine = engine
        self._executor = DaskExecutor(lambda: self._found, ["-S", "-c", ASK, path])
        self.submit = self._executor.submit

    def close(self) -> None:
        """Returns once all that was submitted is done."""
        if self._found.address:
            self._executor.close()
            until(lambda: not tasks_of(self._engine), pause_s=0.1)
            self._found = NONE
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._folder.cleanup()


def tasks_of(engine: Engine) -> list[str]:
    with Client(engine.address, set_as_default=False, security=credentials.security(engine.credentials)) as client:
        return client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))


@pytest.fixture(scope="session")
def engine(tmp_path_factory) -> Iterator[Engine]:
    """A real scheduler with one worker, in processes of their own."""
    home = tmp_path_factory.mktemp("engine")
    process = subprocess.Popen([sys.executable, "-m", "entrypoints.processes.engine", str(os.getpid())], cwd=ROOT,
                               env=os.environ | {"PROGON_HOME": str(home), "PYTHONPATH": str(ROOT)})
    yield until(lambda: (found := engine_address.find(home)) != NONE and found)
    assert (home / "engine.json").stat().st_mode & 0o777 == 0o600
    process.terminate()
    assert process.wait(20) == 0
    assert engine_address.find(home) == NONE


class Run:
    """In the place of RunExperiment, which raises nothing whatever becomes of the run."""

    def __init__(self, work: Callable[[int], object]) -> None:
        self._work = work

    def execute(self, experiment_id: int) -> None:
        with suppress(Exception):
            self._work(experiment_id)


QUEUES = (ThreadExecutor, DaskExecutor)
MakeExecutor = Callable[[Callable[[int], object]], Executor]


@pytest.fixture(params=[*QUEUES, InlineExecutor])
def make_executor(request) -> Iterator[MakeExecutor]:
    yield from making(request)


@pytest.fixture(params=QUEUES)
def make_queue(request) -> Iterator[MakeExecutor]:
    """An executor whose `submit` returns at once."""
    yield from making(request)


def making(request) -> Iterator[MakeExecutor]:
    made: list[Executor] = []

    def make(work: Callable[[int], object]) -> Executor:
        if request.param is DaskExecutor:
            made.append(Bench(work, request.getfixturevalue("engine")))
        else:
            made.append(InlineExecutor(Run(work)) if request.param is InlineExecutor else ThreadExecutor(work))
        return made[-1]

    yield make
    for executor in made:
        executor.close()


def test_what_was_submitted_is_run_though_who_did_closes(make_executor):
    ran: list[int] = []
    executor = make_executor(ran.append)
    for number in range(3):
        executor.submit(number)
    for _ in range(2):
        executor.close()
    until(lambda: len(ran) == 3)
    assert ran == [0, 1, 2]


def test_submit_returns_while_the_work_goes_on(make_queue):
    begun, may_end, done = Event(), Event(), Event()
    executor = make_queue(lambda _: (begun.set(), may_end.wait(PATIENCE_S), done.set()))
    executor.submit(1)
    assert begun.wait(PATIENCE_S)
    assert not done.is_set()
    may_end.set()
    assert done.wait(PATIENCE_S)


def test_each_once_and_in_order(make_executor):
    ran: list[int] = []
    executor = make_executor(ran.append)
    for number in range(50):
        executor.submit(number)
    executor.close()
    assert ran == list(range(50))


def test_submitting_again_what_is_queued_or_running_does_nothing(make_queue):
    ran, begun, may_end = [], Event(), Event()
    executor = make_queue(lambda number: (ran.append(number), begun.set(), may_end.wait(PATIENCE_S)))
    executor.submit(1)
    executor.submit(2)
    assert begun.wait(PATIENCE_S)
    for number in (1, 2, 2, 1):
        executor.submit(number)
    may_end.set()
    executor.close()
    assert ran == [1, 2]


def test_many_threads_submit_the_same(make_queue):
    ran, may_begin = [], Event()
    executor = make_queue(lambda number: (may_begin.wait(PATIENCE_S), ran.append(number)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(executor.submit, [1, 2, 3] * 20))
    may_begin.set()
    executor.close()
    assert sorted(ran) == [1, 2, 3]


def test_work_that_fails_does_not_keep_the_next_from_running(make_executor):
    ran: list[float] = []
    executor = make_executor(lambda number: ran.append(1 / number))
    for number in (0, 1):
        executor.submit(number)
    executor.close()
    assert ran == [1.0]


def test_nothing_takes_work(make_queue):
    executor = make_queue(print)
    executor.close()
    with pytest.raises(ExecutorUnavailable):
        executor.submit(1)


# Dask alone -----------------------------------------------------------------------------------------------------------

# Writes its pid and, as a run does, dies with its worker.
LINGER = """
import os, sys, time
from pathlib import Path
from entrypoints.processes.parent import die_with_parent
die_with_parent(int(sys.argv[3]))
Path(sys.argv[1], sys.argv[2]).write_text(str(os.getpid()))
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.02)
"""


@pytest.fixture
def lingering(engine, tmp_path) -> Iterator[DaskExecutor]:
    executor = DaskExecutor(lambda: engine, ["-c", LINGER, str(tmp_path)])
    yield executor
    (tmp_path / "go").touch()
    executor.close()
    until(lambda: not tasks_of(engine))


def test_what_was_submitted_outlives_the_one_who_did(lingering, engine, tmp_path):
    lingering.submit(1)
    lingering.submit(2)
    lingering.close()
    (tmp_path / "go").touch()
    until(lambda: (tmp_path / "2").exists())


def test_a_killed_worker_takes_its_run_along_and_the_next_one_runs(lingering, engine, tmp_path):
    lingering.submit(1)
    lingering.submit(2)
    run = psutil.Process(int(until(lambda: (tmp_path / "1").exists() and (tmp_path / "1").read_text())))
    assert os.getpgid(run.pid) == os.getsid(run.pid) == run.pid
    (tmp_path / "1").unlink()
    run.parent().send_signal(signal.SIGKILL)
    until(lambda: not run.is_running() or run.status() == psutil.STATUS_ZOMBIE, 2)
    # Dask gives up what waited for that worker too; RecoverExperiments submits it again.
    until(lambda: not tasks_of(engine))
    lingering.submit(2)
    until(lambda: (tmp_path / "2").exists())
    assert not (tmp_path / "1").exists(), "it was run a second time"


def test_nobody_listens_there():
    executor = DaskExecutor(lambda: ("tcp://127.0.0.1:9", ""), [])
    begun = time.monotonic()
    with pytest.raises(ExecutorUnavailable):
        executor.submit(1)
    assert time.monotonic() - begun < 10
    executor.close()


def test_another_scheduler_is_found(engine, tmp_path):
    """As after a restart of the engine."""
    (tmp_path / "go").touch()
    engines = iter([NONE, ("tcp://127.0.0.1:9", ""), engine])
    executor = DaskExecutor(lambda: next(engines), ["-c", LINGER, str(tmp_path)])
    for _ in range(2):
        with pytest.raises(ExecutorUnavailable):
            executor.submit(1)
    executor.submit(1)
    executor.close()
    until(lambda: (tmp_path / "1").exists())


@pytest.mark.parametrize(("shown", "is_heard"), [("", False), (credentials.make(), False), (None, True)],
                         ids=["nothing", "of another engine", "its own"])
def test_whoever_does_not_show_its_credentials_is_not_heard(engine, tmp_path, shown, is_heard):
    assert engine.address.startswith("tls://")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if shown != "":
        (tmp_path / "shown.pem").write_text(engine.credentials if shown is None else shown)
        context.load_cert_chain(tmp_path / "shown.pem")
    assert bool(first_word(engine, context.wrap_socket)) is is_heard


def test_whoever_speaks_without_tls_is_not_heard(engine):
    def without(plain: socket.socket) -> socket.socket:
        plain.sendall(b"\0" * 64)
        return plain

    assert first_word(engine, without) == b""


def first_word(engine: Engine, wrapped: Callable[[socket.socket], socket.socket]) -> bytes:
    """What it says to whoever connects; nothing, if it hangs up."""
    host, _, port = engine.address.removeprefix("tls://").rpartition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), PATIENCE_S) as plain, wrapped(plain) as line:
        return line.recv(1)
    return b""
