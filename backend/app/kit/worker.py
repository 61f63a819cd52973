"""Run CPU work in a child process of its own: JSON in, JSON lines out, dies with its parent. Knows nothing of ads.

The parent calls `run_job("package.module:function", payload)`; the child imports the function and calls it with
`(payload, report)`. One process a job: a crash, a kill or a leak stays in that job. The child is started by
exec (never fork of this interpreter), asks the kernel for SIGKILL when its parent dies, and runs at nice 5.
Tests: tests/test_kit/test_worker.py
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from app.core.errors import AdMintError, MediaError

Report = Callable[[dict[str, Any]], None]
Job = Callable[[dict[str, Any], Report], dict[str, Any]]
_PR_SET_PDEATHSIG = 1
_LINE_LIMIT = 16 * 1024 * 1024


async def run_job(
    target: str, payload: dict[str, Any], on_report: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Run `target` in a child process and return its result.

    Args:
        target: ``package.module:function``; the function is a `Job`.
        payload: JSON-able argument.
        on_report: Called in this process with each dict the job reports.

    Raises:
        AdMintError: What the job raised, rebuilt with its class, message and hint.
        MediaError: The child died without an answer.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.kit.worker",
        target,
        str(os.getpid()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    stderr = asyncio.create_task(process.stderr.read())
    try:
        process.stdin.write(json.dumps(payload).encode())
        process.stdin.close()
        result: dict[str, Any] | None = None
        async for line in process.stdout:
            message = json.loads(line)
            if "result" in message:
                result = message["result"]
            elif "error" in message:
                await process.wait()
                raise _rebuilt_error(message["error"])
            elif on_report is not None:
                on_report(message["report"])
        code = await process.wait()
        if code != 0 or result is None:
            raise MediaError(
                f"The worker for {target.rpartition(':')[2]} stopped with exit code {code}.",
                hint=_last_line(await stderr),
            )
        return result
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        stderr.cancel()


def _last_line(raw: bytes) -> str:
    lines = raw.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""


def _rebuilt_error(data: dict[str, str]) -> AdMintError:
    for cls in _all_errors(AdMintError):
        if cls.__name__ == data["class"]:
            return cls(data["message"], hint=data["hint"])
    return MediaError(data["message"], hint=data["hint"])


def _all_errors(cls: type[AdMintError]) -> list[type[AdMintError]]:
    return [cls, *(sub for child in cls.__subclasses__() for sub in _all_errors(child))]


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to SIGKILL this process when its parent ends; leave at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _main(target: str, parent_pid: int) -> int:
    die_with_parent(parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def send(message: dict[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    module, _, name = target.partition(":")
    payload = json.loads(sys.stdin.buffer.read())
    try:
        job: Job = getattr(importlib.import_module(module), name)
        send({"result": job(payload, lambda report: send({"report": report}))})
    except AdMintError as error:
        send({"error": {"class": type(error).__name__, "message": error.message, "hint": error.hint}})
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], int(sys.argv[2])))
