"""Bench: memory of a bought clip of 200 MB on its way from the vendor to the bucket, through the Replicate adapter.

The clip is a real one of the fake vendors', made large by an empty box at its end (players skip it). A process orders a
small clip and fetches it, then fetches the large one: download, check, upload to an rclone server, finish. What it grew
by is its peak less what it had before; the finishing process is one of its own.
Run: `.venv/bin/python bench/download/run.py [--megabytes N]`, after `make .venv/.test`. Aim: growth below 60 MB.
Writes bench/results/download.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

from tests.fixtures.fakes import Fakes, running_fakes  # noqa: E402 - after the path

AIM_MB = 60.0


def _memory_mb(field: str) -> float:
    """Memory of this process now (VmRSS) or at its peak (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


async def _buyer(url: str, folder: Path, large: str) -> dict[str, float]:
    """Fetch a clip, then the large one, which lies at the address `large`; return megabytes and seconds."""
    from app.core.settings import load_settings
    from app.storage.objects import build_storage
    from tests.fixtures.replicate import call, clip_request, deps_for, ended, video_for

    deps = deps_for(url, folder)
    storage = build_storage(load_settings().model_copy(update={"home": folder}))
    model = video_for(replace(deps, storage=storage))
    plan = model.plan(clip_request())
    for number in (1, 2):
        job = await model.submit(plan, f"clips/{number}.mp4", call(f"clip.{number}"))
        await ended(model, job)
        if number == 1:
            await model.fetch(job)

    async def address(_: Any) -> str:
        return large

    model._line.orders.output_address = address  # type: ignore[method-assign]
    _forget_peak()
    before, began = _memory_mb("VmRSS"), time.perf_counter()
    await model.fetch(job)
    return {"growth_mb": _memory_mb("VmHWM") - before, "before_mb": before, "wall_s": time.perf_counter() - began}


def _large(fakes: Fakes, target: Path, megabytes: int) -> None:
    """Make a large clip of one that the fakes sell."""
    with fakes.client() as client:
        made = client.post("/v1/models/google/veo-3.1-fast/predictions", json={"input": {"prompt": "x", "duration": 4}})
        address = made.json()["urls"]["get"]
        while (seen := client.get(address).json())["status"] != "succeeded":
            time.sleep(0.1)
    film = fakes.fetch(seen["output"]).content
    with target.open("wb") as stream:
        stream.write(film + struct.pack(">I4s", megabytes * 10**6, b"free"))
        for _ in range(megabytes):
            stream.write(os.urandom(10**6))
        stream.truncate(len(film) + megabytes * 10**6)


@contextmanager
def _served(folder: Path) -> Any:
    from tests.fixtures.s3 import Process

    server = Process("admint-files-")
    server.start([sys.executable, "-m", "http.server", str(server.port), "-b", "127.0.0.1", "-d", str(folder)])
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()


def main() -> None:
    """Print the line and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--buyer", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.buyer:
        url, folder, large = options.buyer
        print(json.dumps(asyncio.run(_buyer(url, Path(folder), large))))
        return
    from tests.fixtures.s3 import start_rclone

    process, bucket = start_rclone()
    try:
        with tempfile.TemporaryDirectory() as name, running_fakes() as fakes, _served(Path(name)) as files:
            _large(fakes, Path(name) / "large.mp4", options.megabytes)
            command = [sys.executable, __file__, "--buyer", fakes.url, f"{name}/home", f"{files}/large.mp4"]
            environment = {**os.environ, **bucket.with_new_bucket().environment()}
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    finally:
        process.close()
    result = {"megabytes": options.megabytes, **json.loads(done.stdout)}
    print(
        f"  {options.megabytes} MB from the vendor to the bucket in {result['wall_s']:.1f} s: "
        f"grew by {result['growth_mb']:.1f} MB from {result['before_mb']:.0f} (aim < {AIM_MB:.0f})"
    )
    target = ROOT / "bench" / "results" / "download.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.exit(result["growth_mb"] >= AIM_MB)


if __name__ == "__main__":
    main()
