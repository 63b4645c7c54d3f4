"""Structured logs on standard error: for people while developing, as JSON in production."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

# The link of a creator or of an invitation is a key (docs/adr/0013-links-for-creators.md): in an
# address, in another address's parameter, or by itself. That for a forgotten password is one in an
# address. The link that stops mails can do nothing else, but it is somebody's.
_SLASH = r"(?:/|%2[fF])"
_KEY = re.compile(
    rf"({_SLASH}(?:c|join|mail{_SLASH}stop|account{_SLASH}forgotten{_SLASH}\w+){_SLASH})[^/\s\"'?#%&\\]+"
    r"|[0-9a-f]{32}\.[\w-]{43}"
)


def masked(text: str) -> str:
    """The text without the key of any link that a creator or an invited person got."""
    return _KEY.sub(r"\1…", text)


def without_keys(event: Any, _hint: Any = None) -> Any:
    """A value, and all that it is made of, without the keys of such links."""
    if isinstance(event, str):
        return masked(event)
    if isinstance(event, Mapping):
        return {key: without_keys(value) for key, value in event.items()}
    if isinstance(event, list | tuple):
        return [without_keys(value) for value in event]
    shown = repr(event)
    return masked(shown) if _KEY.search(shown) else event


def without_links(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Leave the key out of every address that carries one."""
    return without_keys(event)


def logging_config(*, debug: bool, level: str) -> dict[str, Any]:
    """Set structlog up and give the matching value of Django's LOGGING.

    Everything is written by one handler, whoever logs it, and loses the keys of links there.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if debug
        else structlog.processors.JSONRenderer()
    )
    processors = [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_links,
        renderer,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": {"()": ProcessorFormatter, "processors": processors}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        # Django gives these handlers of their own, which would write what they get as it is.
        "loggers": {
            "django": {"handlers": []},
            "django.server": {"handlers": ["console"], "propagate": False},
        },
    }
