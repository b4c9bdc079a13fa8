"""The log of what runs for long: the supervisor's lines take the form of its workers'."""

import logging
import sys
from typing import Literal

import structlog


def configure(*, level: str, format_: Literal["auto", "json", "text"]) -> None:
    """Send this process's log to stderr: text in a terminal or where asked for, else JSON."""
    text = format_ == "text" or (format_ == "auto" and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if text else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
