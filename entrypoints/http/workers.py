"""The processes that answer, as uvicorn's parent starts them and looks after them."""
from __future__ import annotations

from uvicorn.supervisors import multiprocess


class Worker(multiprocess.Process):
    """The parent asks each worker for a sign of life through a pipe, and keeps the worker's end of it open too, so that
    a worker's death does not end the wait, which is as long as a busy one may take: for so long nothing takes its place
    and a stop is not heard. Without that end it does."""

    def start(self) -> None:
        super().start()
        self.child_conn.close()


def install() -> None:
    """There is no setting for it: the supervisor makes the processes by the name in its module."""
    multiprocess.Process = Worker  # type: ignore[misc]  # a class in the place of its base
