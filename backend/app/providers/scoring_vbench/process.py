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
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.core.errors import BadOutput, ConfigError, Transient
from app.core.settings import bare_environment
from app.providers.scoring_vbench.answers import Answer
from app.providers.scoring_vbench.book import NAME

WORKER = Path(__file__).with_name("worker.py")
_STDERR = 2
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
        talk = await _talk(python, json.dumps(whole).encode())
    if talk.code != 0:
        raise Transient(f"VBench stopped {_how(talk.code)}.", hint=_last_line(talk.tail), provider=NAME)
    try:
        answer = Answer.model_validate_json(bytes(talk.out))
    except ValidationError as error:
        raise BadOutput("VBench's worker gave no answer that can be read.", provider=NAME) from error
    if len(answer.model_dump(exclude_none=True)) != 1:
        raise BadOutput("VBench's worker gave no clear answer.", provider=NAME)
    return answer


async def _talk(python: Path, request: bytes) -> _Talk:
    """Start the worker as the leader of a process group, hear it out, and leave nothing of the group behind."""
    loop = asyncio.get_running_loop()
    try:
        transport, talk = await loop.subprocess_exec(
            lambda: _Talk(loop.create_future()),
            *(str(python), "-I", str(WORKER)),
            env=bare_environment(),  # other people's code runs there
            start_new_session=True,
        )
    except OSError as error:
        hint = "Set ADMINT_VBENCH_PYTHON to the Python that `make vbench` made."
        raise ConfigError(f"{python} can't be run: {error.strerror}.", hint=hint) from error
    try:
        talk.say(request)
        await talk.heard
        return talk
    finally:
        talk.kill()
        transport.close()
        await talk.over.wait()


class _Talk(asyncio.SubprocessProtocol):
    """One conversation: `out` is all of stdout, `tail` the end of stderr, `code` how it ended.

    `heard` is done when both are read to their end; `over` when nothing of the worker is left either way. As soon as
    the worker ends, its children are killed: one that holds a pipe open would be waited for without end.
    """

    def __init__(self, heard: asyncio.Future[None]) -> None:
        self.out, self.tail, self.code = bytearray(), b"", 0
        self.heard, self.over = heard, asyncio.Event()
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the worker runs."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def say(self, request: bytes) -> None:
        """Send the request and nothing more."""
        assert self._transport
        stdin = self._transport.get_pipe_transport(0)
        assert isinstance(stdin, asyncio.WriteTransport)
        stdin.write(request)
        stdin.close()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Called with what the worker says."""
        if fd == _STDERR:
            self.tail = (self.tail + data)[-_KEPT_BYTES:]
        elif not self.heard.done():
            self.out += data
            if len(self.out) > _MOST_BYTES:
                self.heard.set_exception(BadOutput("VBench's worker does not stop talking.", provider=NAME))

    def process_exited(self) -> None:
        """Called when the worker ended, and perhaps not its children."""
        self.kill()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the worker ended and all it said is here."""
        assert self._transport
        self.code = self._transport.get_returncode() or 0
        self.over.set()
        if not self.heard.done():
            self.heard.set_result(None)

    def kill(self) -> None:
        """Kill the worker and all its children."""
        if self._transport is not None and not self.over.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)


def _how(code: int) -> str:
    if code == -signal.SIGKILL:
        return "because it was killed, most likely for want of memory"
    return f"with signal {-code}" if code < 0 else f"with exit code {code}"


def _last_line(tail: bytes) -> str:
    lines = tail.decode(errors="replace").strip().splitlines()
    return f"It said: {lines[-1].strip()[:300]}" if lines else "It said nothing."
