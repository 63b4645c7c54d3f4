"""Structured logs on standard error: for people while developing, as JSON in production."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# A creator's link is a key (docs/adr/0013-links-for-creators.md).
_LINK = re.compile(r"(/c/)[^/\s\"']+")


def without_links(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Leave the key out of every address of a creator's link."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _LINK.sub(r"\1…", value)
    return event


def logging_config(*, debug: bool, level: str) -> dict[str, Any]:
    """Set structlog up and give the matching value of Django's LOGGING."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            without_links,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if debug
        else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {"()": structlog.stdlib.ProcessorFormatter, "processor": renderer}
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
    }
