"""AdMint's processes for black-box tests: real ones, started as a user starts them, killed as a crash kills them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

BACKEND = Path(__file__).parents[2]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """One AdMint process in a group of its own."""

    words: list[str]
    environment: dict[str, str]
    log: Path
    origin: str = ""
    module: str = "cli_tools.admint"
    cwd: Path = BACKEND
    _running: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, *, crash_at: str = "") -> None:
        """Start it; a server is waited for until it answers."""
        environment = {**os.environ, **self.environment, "ADMINT_CRASH_AT": crash_at}
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", self.module, *self.words],
                cwd=self.cwd,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if self.origin:
            self._wait_until_ready()

    def kill(self) -> None:
        """SIGKILL the whole group."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        assert self._running is not None
        self._running.terminate()
        try:
            return self._running.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self._running is not None and self._running.poll() is None

    def wait_dead(self, patience: float = 60) -> None:
        """Wait until it died by itself (a crash point)."""
        assert self._running is not None
        self._running.wait(patience)

    def _wait_until_ready(self, patience: float = 40) -> None:
        until = time.monotonic() + patience
        with httpx.Client(base_url=self.origin, timeout=2) as http:
            while time.monotonic() < until:
                assert self.alive, self.log.read_text()[-2000:]
                with contextlib.suppress(httpx.HTTPError):
                    if http.get("/health/ready").status_code == 200:
                        return
                time.sleep(0.1)
        raise AssertionError(f"{self.origin} is not ready: {self.log.read_text()[-2000:]}")


def server(home: Path, *, port: int = 0, role: str = "", **environment: str) -> Process:
    """Return a server of a data folder, not started yet."""
    port = port or free_port()
    words = ["serve", "--port", str(port), "--no-open", *(["--role", role] if role else [])]
    origin = f"http://127.0.0.1:{port}"
    values = {"ADMINT_HOME": str(home), "ADMINT_QUEUE_POLL_S": "0.05", "ADMINT_MEDIA_WORKERS": "2", **environment}
    return Process(words, values, home.parent / f"server-{port}.log", origin)


def worker(home: Path, **environment: str) -> Process:
    """Return a worker, not started yet."""
    values = {"ADMINT_HOME": str(home), "ADMINT_QUEUE_POLL_S": "0.05", "ADMINT_MEDIA_WORKERS": "2", **environment}
    return Process(["worker"], values, home.parent / "worker.log")


@contextlib.contextmanager
def running(*processes: Process) -> Iterator[None]:
    """Start processes in order; whatever still runs at the end is stopped."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in reversed(processes):
            if process.alive:
                process.kill()
