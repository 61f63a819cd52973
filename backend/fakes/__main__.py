"""The program: `admint-fakes`, or `python -m fakes`. Prints its address as its first line, on loopback only.

Started by people, by tests/fixtures/fakes.py and by benches. Tests: tests/test_fakes/.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from fakes.app import create_app
from fakes.faults import ReachableProtocol
from fakes.script import Settings
from fakes.world import World

HOST = "127.0.0.1"


def main() -> None:
    """Serve until stopped."""
    wanted = _arguments()
    with _listen(wanted.port) as api, _listen(0) as outputs:
        world = World(_address(api), _address(outputs), Settings(video_s=wanted.video_seconds, scale=wanted.scale))
        world.reset()
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(world, outputs.getsockname()[1]),
                http=ReachableProtocol,
                loop="asyncio",
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
            )
        )
        sys.stdout.write(world.api + "\n")
        sys.stdout.flush()
        if wanted.ready_file:
            _announce(wanted.ready_file, world)
        if wanted.until_eof:
            threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        server.run(sockets=[api, outputs])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "admint-fakes", description="Replicate and OpenAI on this machine, without a bill."
    )
    parser.add_argument("--port", type=int, default=8900, help="port of the APIs; 0 takes a free one (8900)")
    parser.add_argument("--ready-file", type=Path, help="write the addresses and the process id here once listening")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends, as its owner does")
    parser.add_argument("--video-seconds", type=float, default=0.3, help="how long a clip takes to make (0.3)")
    parser.add_argument("--scale", type=float, default=1.0, help="shrink pictures and clips, 0.25 for a quarter (1)")
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        sys.exit(f"Port {port} is taken ({error.strerror}). Choose another with --port, or 0 for a free one.")
    listener.listen(128)
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = server.force_exit = True


def _announce(path: Path, world: World) -> None:
    """Write the ready file in one piece: whoever sees it sees all of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"url": world.api, "media_url": world.media, "pid": os.getpid()}), encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
