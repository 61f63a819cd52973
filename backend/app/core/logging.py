"""Structured logs: one JSON object a line, on the standard library alone (spec "Observability").

A door (CLI, server, worker) calls `configure_logging` once. Everyone else logs a constant event with fields,
`logger.info("clip rendered", extra={"clip_id": 3})`, and the ids set by `log_context` come along by themselves.
Writing happens in a thread of its own, so that a slow disk never blocks the event loop. Secrets are removed on the
last handler: what any logger, library or traceback says passes through it. Tests: tests/test_core/test_logging.py
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import json
import logging
import queue
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

REDACTED = "[redacted]"
_MIN_SECRET = 6
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "context", "taskName"}
_SECRET_KEY = re.compile(
    r"password|passwd|passphrase|secret|(^|[_-])(token|cookie|credential|credentials|signature|sig)$"
    r"|api[_-]?key|authorization|private[_-]?key",
    re.IGNORECASE,
)
_SECRETS_IN_TEXT = (
    re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.IGNORECASE),
    re.compile(r"(?P<keep>://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(
        r"(?P<keep>[?&](?:[\w-]*(?:sig|signature|token|credential|secret|password)|key|code)=)[^&\s\"'<>]+",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<keep>\b[\w-]*(?:password|passwd|secret|api[_-]?key|token|authorization|cookie)[\"']?\s*[:=]\s*[\"']?)"
        r"(?!\[redacted\]|bearer\s|basic\s)[^\s\"',;&}]+",
        re.IGNORECASE,
    ),
)
_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default={})  # noqa: B039 (never mutated)
_lock = threading.Lock()
_stop_current: Callable[[], None] | None = None


@contextmanager
def log_context(
    *,
    request_id: str | None = None,
    user_id: str | None = None,
    generation_id: str | None = None,
    session_id: str | None = None,
    stage: str | None = None,
) -> Iterator[None]:
    """Add these ids to every line logged inside, in this task and the tasks it starts."""
    ids = {
        "request_id": request_id,
        "user_id": user_id,
        "generation_id": generation_id,
        "session_id": session_id,
        "stage": stage,
    }
    before = _context.set({**_context.get(), **{name: value for name, value in ids.items() if value is not None}})
    try:
        yield
    finally:
        _context.reset(before)


def add_context(*, user_id: str | None = None, generation_id: str | None = None, session_id: str | None = None) -> None:
    """Add ids learnt inside a `log_context` to the lines that follow; they end with it."""
    ids = {"user_id": user_id, "generation_id": generation_id, "session_id": session_id}
    _context.set({**_context.get(), **{name: value for name, value in ids.items() if value is not None}})


def configure_logging(level: str, target: TextIO | Path, secrets: Iterable[str] = ()) -> Callable[[], None]:
    """Send all logs to `target` as JSON lines; a second call replaces the first.

    Args:
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        target: An open text stream, or a file that is appended to (its folder is made).
        secrets: Values that must never be written, such as provider keys. Shorter than 6 characters are ignored.

    Returns:
        A function that writes what is still waiting and detaches; also run at exit.
    """
    global _stop_current
    output = _output_handler(target)
    output.addFilter(RedactionFilter(secrets))
    output.setFormatter(JsonFormatter())
    lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
    handler = ContextQueueHandler(lines)
    listener = QueueListener(lines, output)
    stop = _stopper(handler, listener, output)
    with _lock:
        if _stop_current is not None:
            _stop_current()
        _stop_current = stop
        root = logging.getLogger()
        root.setLevel(level)
        root.addHandler(handler)
        listener.start()
    atexit.register(stop)
    return stop


def _output_handler(target: TextIO | Path) -> logging.Handler:
    if not isinstance(target, Path):
        return logging.StreamHandler(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    return _QuietFileHandler(target, encoding="utf-8", delay=True)


class _QuietFileHandler(WatchedFileHandler):
    """A log file that is allowed to be unwritable: a full disk must not print tracebacks over the user's screen."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """See logging.Handler."""


def _stopper(handler: QueueHandler, listener: QueueListener, output: logging.Handler) -> Callable[[], None]:
    done = threading.Event()

    def stop() -> None:
        if done.is_set():
            return
        done.set()
        logging.getLogger().removeHandler(handler)
        listener.stop()
        with contextlib.suppress(OSError):  # a full disk: what was not written is lost, the caller's own error is not
            output.close()
        atexit.unregister(stop)

    return stop


class ContextQueueHandler(QueueHandler):
    """Completes a record in the caller's own context, then hands a copy to the writing thread."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy with message, traceback text and context fixed."""
        ready = copy.copy(record)
        ready.msg, ready.args = record.getMessage(), None
        if record.exc_info:
            ready.exc_text = logging.Formatter().formatException(record.exc_info)
            ready.exc_info = None
        ready.context = dict(_context.get())
        return ready


class RedactionFilter(logging.Filter):
    """Removes secrets from a record: by key name, by known value, and by their usual shapes in text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        values = {form for value in secrets if len(value) >= _MIN_SECRET for form in (value, quote(value, safe=""))}
        longest_first = sorted(values, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first))) if values else None

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record in place. Always lets it pass."""
        record.msg = self.text(record.getMessage())
        record.args = None
        for name in ("exc_text", "stack_info"):
            if getattr(record, name, None):
                setattr(record, name, self.text(getattr(record, name)))
        for name in [name for name in vars(record) if name not in _STANDARD]:
            setattr(record, name, self.value(name, getattr(record, name)))
        return True

    def value(self, key: str, value: Any) -> Any:
        """A field's value without secrets; containers are walked, unknown objects become text."""
        if value is not None and not isinstance(value, bool) and _SECRET_KEY.search(key):
            return REDACTED
        if isinstance(value, Mapping):
            return {str(name): self.value(str(name), inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value("", inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))

    def text(self, text: str) -> str:
        """The text without known secret values, keys, passwords and URL signatures."""
        if self._values is not None:
            text = self._values.sub(REDACTED, text)
        for pattern in _SECRETS_IN_TEXT:
            text = pattern.sub(rf"\g<keep>{REDACTED}", text)
        return text


class JsonFormatter(logging.Formatter):
    """One JSON object a record: timestamp (UTC), level, logger, message, context ids, fields, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line = {
            **fields,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "context", {}),
        }
        line["timestamp"] = line["timestamp"].replace("+00:00", "Z")
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, default=str, ensure_ascii=False)
