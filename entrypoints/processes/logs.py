"""Lines about what happens: JSON for machines, plain on a terminal, each with the request that it is about."""
from __future__ import annotations

import atexit
import logging
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import TextIO

import msgspec

from application.serving.current_request import current_request

# What the record of each line has, so that what was put there with `extra` can be told apart.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName", "color_message"}
_USUAL_COUNT = len(vars(logging.makeLogRecord({}))) + 1
_LINES_AT_ONCE = 100
_encode = msgspec.json.Encoder(enc_hook=str).encode


def configure(level: str) -> None:
    """Of this process: every logger writes to standard error, through a thread, so that a slow reader holds up no
    request. Calling again changes the level alone."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    if not any(isinstance(handler, RequestQueueHandler) for handler in root.handlers):
        queue: SimpleQueue[logging.LogRecord | None] = SimpleQueue()
        output = logging.StreamHandler(sys.stderr)
        output.setFormatter(PlainLines() if sys.stderr.isatty() else JsonLines())
        root.addHandler(RequestQueueHandler(queue))
        listener = Listener(queue, output)
        listener.start()
        atexit.register(listener.stop)
        # What no line shows need not be looked up for each.
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
        logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # Python 3.11 has none to look at
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    # A line for each statement or each request of a client library is for those who look for it.
    for name in ("alembic", "httpx", "distributed"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class RequestQueueHandler(QueueHandler):
    """Notes the request while it is known. The text is made in the listener's thread; what may change until then, the
    arguments, is no more than numbers and texts in our own lines, so it is not copied."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        request = current_request.get()
        record.request_id = "" if request is None else request.id
        if record.exc_info:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_info = None
        if record.args and not record.name.startswith("progon"):
            record.msg, record.args = record.getMessage(), None
        return record


class Listener(QueueListener):
    """Writes what has come meanwhile in one go. None ends the queue."""

    queue: SimpleQueue[logging.LogRecord | None]
    handlers: tuple[logging.StreamHandler[TextIO]]

    def handle(self, record: logging.LogRecord) -> None:
        output, = self.handlers
        lines = [_text(output, record)]
        while len(lines) < _LINES_AT_ONCE and not self.queue.empty():
            further = self.queue.get()
            if further is None:
                self.queue.put(None)
                break
            lines.append(_text(output, further))
        with suppress(OSError, ValueError):  # nobody reads any more
            output.stream.write("\n".join(lines) + "\n")
            output.flush()


def _text(output: logging.Handler, record: logging.LogRecord) -> str:
    try:
        return output.format(record)
    except Exception:  # its arguments do not fit its message; the thread has to live on
        return f"a line of {record.name} that cannot be written: {record.msg!r}"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC), "level": record.levelname.lower(),
            "logger": record.name, "message": record.getMessage()}
        values = vars(record)
        if values["request_id"]:
            line["request_id"] = values["request_id"]
        if len(values) > _USUAL_COUNT:
            line |= {name: value for name, value in values.items() if name not in _USUAL}
        if record.exc_text:
            line["exception"] = record.exc_text
        return _encode(line).decode()


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        request_id = vars(record)["request_id"]
        request = f" [{request_id}]" if request_id else ""
        text = f"{moment} {record.levelname:7} {record.name}: {record.getMessage()}{request}"
        return f"{text}\n{record.exc_text}" if record.exc_text else text
