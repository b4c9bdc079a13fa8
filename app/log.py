"""One event in plain words, then keys with their units; JSON where nobody looks.

No line holds a customer's id, an address or a query string, at any level; so a traceback shows
no local variables. Lines of libraries, uvicorn's among them, take the same form.
"""

import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, Any, Literal

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import EventDict, Processor, WrappedLogger

_LEVELS = {name.lower(): level for name, level in logging.getLevelNamesMapping().items()}
_WRITTEN = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_STAMP: list[Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class _Unfailing:
    """A stream that loses what cannot be written: a full disk must not fail requests."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def write(self, line: str | bytes) -> None:
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure(*, level: str, format_: Literal["auto", "json", "text"]) -> None:
    """Send the process's log to stderr."""
    text = format_ == "text" or (format_ == "auto" and sys.stderr.isatty())
    least = logging.getLevelNamesMapping()[level.upper()]
    colours: list[Processor] = [
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    ]
    traceback = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    structlog.configure(
        processors=[*_STAMP, *(colours if text else [traceback, _json])],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(_unfailing(sys.stderr))
        if text
        else structlog.BytesLoggerFactory(_unfailing(sys.stderr.buffer)),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(least, colours if text else [traceback, _json_text])


def write(lines: Iterable[EventDict]) -> None:
    """Write lines that have their event, level and timestamp; in one piece where nobody looks."""
    logger = structlog.get_logger()
    least = logger.get_effective_level()
    shown = [line for line in lines if _LEVELS[line["level"]] >= least]
    if _json in structlog.get_config()["processors"]:
        written = [orjson.dumps(line, option=_WRITTEN) for line in shown]
        with suppress(OSError):
            sys.stderr.buffer.write(b"".join(written))
            sys.stderr.buffer.flush()
    else:
        for line in shown:
            logger.log(_LEVELS[line.pop("level")], **line)


def _unfailing(stream: IO[Any]) -> Any:  # noqa: ANN401  # what loggers use of a stream
    return _Unfailing(stream)


def _configure_libraries(least: int, ends: list[Processor]) -> None:
    handler = logging.StreamHandler(_unfailing(sys.stderr))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_STAMP,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ends],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(least)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS)


def _json_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
    return _json(logger, method, event).decode()
