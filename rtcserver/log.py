"""Write log lines, for people or for machines, that carry the call's id and never what was said.

Take a logger by `structlog.get_logger(__name__)`; lines of libraries pass through here too.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.types import Processor

from rtcserver.config import Log

# Structlog's own renderers show local variables, and those hold what was said, and keys.
_AS_JSON = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)

_SPOKEN = {
    *("arguments", "audio", "content", "delta", "instructions", "messages", "output", "prompt"),
    *("sdp", "text", "transcript", "word", "words"),
}
"""Keys under which speech could slip into a line; their values are replaced by their size."""


def setup(settings: Log, stream: TextIO | None = None) -> None:
    """Send every line of this process to `stream` (default stderr). May be called again."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _keep_secret,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers are made at import, before setup
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings, out),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())


def during_call(call_id: str) -> AbstractContextManager[None]:
    """Every line of this task, and of tasks it starts, carries `call_id`."""
    return structlog.contextvars.bound_contextvars(call_id=call_id)


def _renderers(settings: Log, out: TextIO) -> list[Processor]:
    if settings.format == "json":
        return [_AS_JSON, structlog.processors.JSONRenderer()]
    colors = out.isatty() and "NO_COLOR" not in os.environ  # no-color.org
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]


def _keep_secret(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in _SPOKEN & line.keys():
        value = line[key]
        line[key] = f"<{len(value)}>" if hasattr(value, "__len__") else "<…>"
    return line
