"""This process: its event loop, its log, and stopping it within two seconds without losing anything.

Called by commands that make ads. Tests: tests/test_cli/test_stop.py
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from app.core.logging import RedactionFilter, configure_logging
from app.core.settings import Settings
from cli_tools.stop import STOPPED

T = TypeVar("T")
_PATIENCE_S = 1.4


class Stopped(BaseException):
    """The user stopped the process; `on_stop` has already said so."""


def run_until_done(work: Coroutine[Any, Any, T], on_stop: Callable[[], None]) -> T:
    """Run `work` to its end, or until Ctrl-C or SIGTERM.

    `on_stop` is called at once and must say all there is to say: if winding down takes longer than
    1.4 s the process leaves as it is. That is safe, since every finished step is stored.

    Raises:
        Stopped: After a stop.
    """
    return asyncio.run(_guarded(work, on_stop))


async def _guarded(work: Coroutine[Any, Any, T], on_stop: Callable[[], None]) -> T:
    task = asyncio.ensure_future(work)
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:
            os._exit(STOPPED)
        stopping = True
        _leave_later()
        on_stop()
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if stopping:
            raise Stopped from None
        raise


def _leave_later() -> None:
    timer = threading.Timer(_PATIENCE_S, os._exit, (STOPPED,))
    timer.daemon = True
    timer.start()


def log_file(settings: Settings) -> Path:
    """Where the command line logs."""
    return settings.home_path / "logs" / "admint.log"


@contextmanager
def logging_to(settings: Settings, *, verbose: bool, console: Console) -> Iterator[None]:
    """Log to ADMINT_HOME/logs/admint.log; with `verbose` to the console as well."""
    level = "INFO" if verbose and settings.log_level != "DEBUG" else settings.log_level
    stop = configure_logging(level, log_file(settings), settings.secrets)
    handler = _ConsoleHandler(console) if verbose else logging.NullHandler()
    handler.addFilter(RedactionFilter())
    logging.getLogger("app").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("app").removeHandler(handler)
        stop()


class _ConsoleHandler(logging.Handler):
    """Short dim lines for people; the file holds all fields."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(Text(f"  {record.levelname.lower()}: {record.getMessage()}", "dim"), highlight=False)
