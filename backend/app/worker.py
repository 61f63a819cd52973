"""The executor without an API: works on what the API processes queue, until SIGTERM or Ctrl-C. Postgres only.

`admint worker` calls `main`. Several may run, on several machines, each under a slot of its own.
Tests: tests/test_integration/test_slots.py
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading

from app.container import open_container
from app.core.errors import AdMintError
from app.core.logging import configure_logging
from app.core.settings import Settings, load_settings

log = logging.getLogger(__name__)
_PATIENCE_S = 25.0


async def run_worker(settings: Settings) -> None:
    """Work until a signal. What was running is stopped, and found again by the next launch under the same slot.

    Raises:
        AdMintError: It can't start, or lost its slot or its database for good.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_container(settings, "worker") as container:
        slot = container.engines.slot
        log.warning("worker ready", extra={"slot": slot.name if slot else ""})
        broken = asyncio.ensure_future(container.engines.executor.broken())
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait([broken, stopped], return_when=asyncio.FIRST_COMPLETED)
        error = broken.result() if broken.done() else None
        for task in (broken, stopped):
            task.cancel()
        _leave_later(0 if error is None else error.exit_code)
    if error is not None:
        raise error


def main() -> int:
    """Run a worker with the settings of the environment; logs go to standard error. Returns the exit code."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level, sys.stderr, settings.secrets)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run_worker(settings))
    except AdMintError as error:
        log.error("worker stopped", extra={"code": error.code, "reason": error.message, "hint": error.hint})  # noqa: TRY400 - the message says it all
        return error.exit_code
    return 0


def _leave_later(code: int) -> None:
    """If winding down hangs, leave as it is: every finished step is stored."""
    timer = threading.Timer(_PATIENCE_S, os._exit, (code,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main())
