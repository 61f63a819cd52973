"""Bench: from a commit to 1,000 sockets of one process, and memory a socket, beside a bare broadcast loop in one run.

Run: `.venv/bin/python bench/events/run.py [--sockets N] [--events N] [--rounds N]`. Aim: p95 <= 50 ms. The peer
(uvicorn and websockets, a loop over connections; no log, order, replay or sign-in) is the floor this machine allows.
Writes bench/results/events.json.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

ROOT = Path(__file__).parents[2]
AIM_MS = 50.0
_NUMBER = re.compile(rb"bench (\d+);")


class Socket(asyncio.Protocol):
    """A client that shakes hands, then notes when each event arrives. Reads short and 16-bit frames, enough here."""

    def __init__(self, request: bytes, arrivals: dict[int, list[float]]) -> None:
        self._request = request
        self._arrivals = arrivals
        self._buffer = b""
        self._open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._buffer, self._open = rest, True
        while (frame := self._frame()) is not None:
            self._note(frame, now)

    def _frame(self) -> bytes | None:
        if len(self._buffer) < 4:
            return None
        size, start = self._buffer[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(self._buffer[2:4]), 4
        if len(self._buffer) < start + size:
            return None
        frame, self._buffer = self._buffer[start : start + size], self._buffer[start + size :]
        return frame

    def _note(self, frame: bytes, now: float) -> None:
        found = _NUMBER.search(frame)
        if found:
            self._arrivals.setdefault(int(found[1]), []).append(now)
        elif b'"hello"' in frame and not self.ready.done():
            self.ready.set_result(None)


class Server:
    """One of servers.py's, in a process of its own."""

    def __init__(self, kind: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("servers.py")), kind]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        about = self.read()
        self.port = int(about["port"])
        self.request = (
            f"GET /ws/bench HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {about['token']}\r\n\r\n"
        ).encode()

    def read(self) -> dict[str, Any]:
        """Return its next line."""
        assert self.process.stdout is not None
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line

    def tell(self, number: int) -> None:
        """Have it commit and broadcast."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()

    def memory_kib(self) -> int:
        """Return its proportional set size."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))

    def stop(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


async def measure(kind: str, sockets: int, events: int) -> dict[str, float]:
    """Return milliseconds from commit to arrival over all sockets and events, and KiB a socket."""
    server = Server(kind)
    arrivals: dict[int, list[float]] = {}
    loop = asyncio.get_running_loop()

    async def connect() -> Socket:
        _, socket = await loop.create_connection(lambda: Socket(server.request, arrivals), "127.0.0.1", server.port)
        await socket.ready
        return socket

    try:
        first = await connect()
        before = server.memory_kib()
        opened = [first]
        started = time.monotonic()
        for _ in range(0, sockets, 50):
            opened += await asyncio.gather(*(connect() for _ in range(50)))
        connecting = time.monotonic() - started
        await asyncio.sleep(1)
        memory = (server.memory_kib() - before) / (len(opened) - 1)
        taken: list[float] = []
        for number in range(events + 2):
            server.tell(number)
            at = (await asyncio.to_thread(server.read))["at"]
            async with asyncio.timeout(30):
                while len(arrivals.get(number, ())) < len(opened):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            # The first two warm both sides up.
            taken += [(arrival - at) * 1000 for arrival in arrivals[number]] if number >= 2 else []
            await asyncio.sleep(0.2)
        for socket in opened:
            socket.transport.abort()
    finally:
        server.stop()
    cuts = statistics.quantiles(taken, n=100)
    return {
        "p50_ms": cuts[49],
        "p95_ms": cuts[94],
        "max_ms": max(taken),
        "kib_per_socket": memory,
        "connects_per_s": sockets / connecting,
    }


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for _ in range(options.rounds):
        for kind, found in runs.items():
            found.append(uvloop.run(measure(kind, options.sockets, options.events)))
    medians = {
        kind: {name: statistics.median(run[name] for run in found) for name in found[0]} for kind, found in runs.items()
    }
    ratio = {name: medians["ours"][name] / medians["peer"][name] for name in medians["ours"]}
    for name, row in medians.items():
        print(
            f"  {name}  p50 {row['p50_ms']:5.1f} ms   p95 {row['p95_ms']:5.1f} ms   max {row['max_ms']:6.1f} ms   "
            f"{row['kib_per_socket']:5.1f} KiB a socket   {row['connects_per_s']:5.0f} connects/s"
        )
    print(f"  ours / peer: p50 {ratio['p50_ms']:.2f}, p95 {ratio['p95_ms']:.2f}, memory {ratio['kib_per_socket']:.2f}")
    print(f"  aim: p95 <= {AIM_MS:.0f} ms over {options.sockets} sockets ({len(os.sched_getaffinity(0))} cores)")
    result = {
        "cores": len(os.sched_getaffinity(0)),
        "load_before": load,
        "sockets": options.sockets,
        "events": options.events,
        "runs": runs,
        "median": medians,
        "ratio": ratio,
        "aim_p95_ms": AIM_MS,
    }
    target = ROOT / "bench" / "results" / "events.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
