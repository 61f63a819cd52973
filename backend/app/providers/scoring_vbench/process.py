"""Asks the worker in the other environment one thing and reads its answer; no process of it outlives the question.

Called by adapter.py and readiness.py. Tests: tests/test_providers/test_scoring_vbench/test_process.py
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.core.errors import BadOutput, ConfigError, Transient
from app.providers.scoring_vbench.answers import Answer
from app.providers.scoring_vbench.book import NAME

WORKER = Path(__file__).with_name("worker.py")
_MOST_BYTES = 1_000_000
_KEPT_BYTES = 64_000
"""Of what the worker says on stderr, the end is kept: its last line says why it died."""


async def ask(python: Path, work: Path, request: dict[str, Any]) -> Answer:
    """Run the worker once.

    It gets a folder of its own below `work`, deleted afterwards. Cancelling kills it with all its children.

    Args:
        python: Interpreter of the environment that holds VBench.
        work: Folder for temporary files.
        request: What worker.py takes, without `parent` and `scratch`.

    Raises:
        ConfigError: `python` can't be run.
        Transient: The worker died.
        BadOutput: Its answer is none.
    """
    await asyncio.to_thread(work.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vbench-", dir=work) as scratch:
        whole = {**request, "parent": os.getpid(), "scratch": scratch}
        async with _worker(python) as process:
            code, out, tail = await _talk(process, json.dumps(whole).encode())
    if code != 0:
        raise Transient(f"VBench stopped {_how(code)}.", hint=_last_line(tail), provider=NAME)
    try:
        answer = Answer.model_validate_json(out)
    except ValidationError as error:
        raise BadOutput("VBench's worker gave no answer that can be read.", provider=NAME) from error
    if len(answer.model_dump(exclude_none=True)) != 1:
        raise BadOutput("VBench's worker gave no clear answer.", provider=NAME)
    return answer


@contextlib.asynccontextmanager
async def _worker(python: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the worker as the leader of a process group, and leave nothing of the group behind."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            str(python), "-I", str(WORKER), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        hint = "Set ADMINT_VBENCH_PYTHON to the Python that `make vbench` made."
        raise ConfigError(f"{python} can't be run: {error.strerror}.", hint=hint) from error
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _talk(process: asyncio.subprocess.Process, request: bytes) -> tuple[int, bytes, bytes]:
    """Return the exit code, stdout in full and the end of stderr. Raises BadOutput when stdout does not end."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    errors = asyncio.create_task(_tail(process.stderr))
    try:
        with contextlib.suppress(ConnectionError):  # it died unread; its exit code says more
            process.stdin.write(request)
            await process.stdin.drain()
        process.stdin.close()
        out = b""
        while block := await process.stdout.read(_KEPT_BYTES):
            out += block
            if len(out) > _MOST_BYTES:
                raise BadOutput("VBench's worker does not stop talking.", provider=NAME)
        code = await process.wait()
        # What it left running may hold stderr open for ever.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return code, out, await errors
    finally:
        errors.cancel()


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while block := await stream.read(_KEPT_BYTES):
        kept = (kept + block)[-_KEPT_BYTES:]
    return kept


def _how(code: int) -> str:
    if code == -signal.SIGKILL:
        return "because it was killed, most likely for want of memory"
    return f"with signal {-code}" if code < 0 else f"with exit code {code}"


def _last_line(tail: bytes) -> str:
    lines = tail.decode(errors="replace").strip().splitlines()
    return f"It said: {lines[-1].strip()[:300]}" if lines else "It said nothing."
