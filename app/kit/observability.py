"""Structured logs and what is counted about each request and job.

Every line is one JSON object on stderr (colours and columns on a terminal). What is bound with
``structlog.contextvars`` at the start of a request or a job is on all its lines, and cleared at its end.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import io
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias, cast
from uuid import UUID

import orjson
import structlog
from sqlalchemy import event

from app.kit.redaction import redact_event

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.interfaces import DBAPICursor

LogFormat: TypeAlias = Literal["auto", "json", "console"]

_NOISY = ("uvicorn.access", "httpx", "httpcore", "sqlalchemy.engine", "numba", "asyncio", "alembic")


@dataclass(slots=True)
class Work:
    """What one request or job did so far; read once at its end for the log line and the metrics."""

    organisation_id: UUID | None = None
    queries: int = 0
    rows: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    """Headers that any layer wants on the answer, whatever its outcome (rate limit, for one)."""


_current: contextvars.ContextVar[Work | None] = contextvars.ContextVar("safqa_work", default=None)


@contextlib.contextmanager
def working(**context: str | int) -> Iterator[Work]:
    """Count what happens inside, and put ``context`` on every log line of it."""
    work = Work()
    reset = _current.set(work)
    bound = structlog.contextvars.bind_contextvars(**context)
    try:
        yield work
    finally:
        structlog.contextvars.reset_contextvars(**bound)
        _current.reset(reset)


def current_work() -> Work | None:
    """The request or job this code runs for, if any."""
    return _current.get()


def count_query(rows: int = 0) -> None:
    """Count one statement sent to the database (for code that goes to the driver directly)."""
    if (work := _current.get()) is not None:
        work.queries += 1
        work.rows += max(rows, 0)


def count_queries_of(engine: Engine) -> None:
    """Count every statement of an engine (the ``sync_engine`` of an async one) for the work that sends it."""

    def after(_connection: object, cursor: DBAPICursor, *_rest: object) -> None:
        count_query(cursor.rowcount)

    event.listen(engine, "after_cursor_execute", after)


def configure_logging(*, level: str = "INFO", stream: TextIO | None = None, form: LogFormat = "auto") -> None:
    """Send our logs and those of the libraries through one pipeline to ``stream`` (stderr).

    ``form``: JSON lines, columns for people, or ``auto``: columns where ``stream`` is a terminal.
    """
    out = stream or cast("TextIO", _StandardError())
    columns = form == "console" or (form == "auto" and out.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: list[structlog.typing.Processor] = [
        redact_event,
        structlog.dev.ConsoleRenderer(colors=out.isatty())
        if columns
        else structlog.processors.JSONRenderer(serializer=_to_json),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    # Our own lines don't go through the standard library: that took as long as the statement of a hot read.
    structlog.configure(
        processors=[_from_level(level), *shared, *last],
        logger_factory=functools.cache(functools.partial(_Printer, out)),
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # "Started server process" and the like: the commands say it themselves.
    for name in (*_NOISY, "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _from_level(level: str) -> structlog.typing.Processor:
    """Drops what is below a level. A processor, so that tests which capture the log see every line."""
    names = logging.getLevelNamesMapping()
    dropped = {name.lower() for name, number in names.items() if number < names[level.upper()]}

    def drop(
        _logger: structlog.typing.WrappedLogger, method: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        if method in dropped:
            raise structlog.DropEvent
        return line

    return drop


class _StandardError(io.TextIOBase):
    """Whatever is standard error at the time: tests and terminals swap it under a running process."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return sys.stderr.isatty()


class _Printer(structlog.PrintLogger):
    """Writes lines to a stream, one at a time, and knows the name of the module that says them."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name


def _to_json(event: object, **_options: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module: ``log.info("what.happened", fact=1)``."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
