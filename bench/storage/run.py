"""Bench: a film of 200 MB to a bucket and back, AdMint's store against boto3 and plain httpx, in the same run.

Each side is a process of its own that uploads from a file and downloads to a file, against one rclone server on this
machine; the memory it grows by is counted from a first, tiny object on. boto3 transfers with its defaults; httpx sends
the file as one request and streams the answer, which neither repeats anything nor is cut into parts. A second table
writes the same film to a folder: AdMint's local store, which syncs it to the disk, and obstore's, which does not.
Run: `.venv/bin/python bench/storage/run.py [--megabytes N] [--runs N]`, after `make .venv/.test`.
Aims: growth below 60 MB; wall time at most that of boto3. Writes bench/results/storage.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

S3_SIDES, LOCAL_SIDES = ("admint", "boto3", "httpx"), ("admint local", "obstore local")
KEY = "bench/film.mp4"
Move = Callable[[], Awaitable[None]]


def _rss_mb(field: str) -> float:
    """Memory of this process now (VmRSS) or at its peak (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


async def _timed(move: Move) -> dict[str, float]:
    """Run one move; return its wall and CPU seconds and the MB it grew by."""
    _forget_peak()
    before, cpu, began = _rss_mb("VmRSS"), _cpu(), time.perf_counter()
    await move()
    return {
        "wall_s": time.perf_counter() - began,
        "cpu_s": _cpu() - cpu,
        "growth_mb": _rss_mb("VmHWM") - before,
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _side(name: str, film: Path, folder: Path) -> dict[str, Any]:
    """Warm up with a tiny object, then measure the film there and back."""
    tiny = folder / "tiny"
    tiny.write_bytes(b"x")
    there, back = {
        "admint": _admint,
        "boto3": _boto3,
        "httpx": _httpx,
        "admint local": _admint_local,
        "obstore local": _obstore_local,
    }[name](folder)
    await there(tiny)
    await back(folder / "tiny.back", 1)
    target = folder / "film.back"
    return {"there": await _timed(lambda: there(film)), "back": await _timed(lambda: back(target, _size(film)))}


def _size(path: Path) -> int:
    return path.stat().st_size


Side = tuple[Callable[[Path], Awaitable[None]], Callable[[Path, int], Awaitable[None]]]


def _admint(folder: Path) -> Side:
    from app.core.settings import load_settings
    from app.storage.objects import build_storage

    return _over(build_storage(load_settings().model_copy(update={"home": folder})))


def _admint_local(folder: Path) -> Side:
    from app.storage.local import LocalStorage

    return _over(LocalStorage(folder / "store"))


def _over(storage: Any) -> Side:
    async def there(source: Path) -> None:
        await storage.put_file(KEY, source, "video/mp4")

    async def back(_target: Path, size: int) -> None:
        async with storage.local_copy(KEY) as path:
            assert _size(path) == size

    return there, back


def _boto3(_folder: Path) -> Side:
    import boto3
    from botocore.config import Config

    from app.core.settings import load_settings

    settings = load_settings()
    assert settings.s3_access_key_id is not None
    assert settings.s3_secret_access_key is not None
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_access_key.get_secret_value(),
        config=Config(signature_version="s3v4"),
    )

    async def there(source: Path) -> None:
        await asyncio.to_thread(client.upload_file, str(source), settings.s3_bucket, KEY)

    async def back(target: Path, size: int) -> None:
        await asyncio.to_thread(client.download_file, settings.s3_bucket, KEY, str(target))
        assert _size(target) == size

    return there, back


def _httpx(_folder: Path) -> Side:
    import httpx

    from app.core.settings import load_settings
    from app.storage.objects import s3_bucket
    from app.storage.s3_signing import presigned

    bucket = s3_bucket(load_settings())
    client = httpx.Client(trust_env=False, timeout=600)

    def send(source: Path) -> None:
        address = presigned(bucket, KEY, at=int(time.time()), lasts_s=600, method="PUT")
        with source.open("rb") as stream:
            client.put(address, content=stream, headers={"Content-Length": str(_size(source))}).raise_for_status()

    def load(target: Path, size: int) -> None:
        address = presigned(bucket, KEY, at=int(time.time()), lasts_s=600)
        with client.stream("GET", address) as answer, target.open("wb") as stream:
            for chunk in answer.iter_bytes(1 << 20):
                stream.write(chunk)
        assert _size(target) == size

    async def there(source: Path) -> None:
        await asyncio.to_thread(send, source)

    async def back(target: Path, size: int) -> None:
        await asyncio.to_thread(load, target, size)

    return there, back


def _obstore_local(folder: Path) -> Side:
    import obstore
    from obstore.store import LocalStore

    store = LocalStore(folder / "theirs", mkdir=True)

    async def there(source: Path) -> None:
        await obstore.put_async(store, KEY, source, max_concurrency=4)

    async def back(_target: Path, size: int) -> None:
        assert (await obstore.head_async(store, KEY))["size"] == size

    return there, back


def _run_side(name: str, film: Path, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    home = folder / name.replace(" ", "-")
    home.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--side", name, "--film", str(film), "--folder", str(home)]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measured(folder: Path, megabytes: int, runs: int) -> dict[str, Any]:
    """Return medians by side and direction; sides take turns."""
    from tests.fixtures.s3 import start_rclone

    film = folder / "film.mp4"
    with film.open("wb") as stream:
        for _ in range(megabytes):
            stream.write(os.urandom(10**6))
    process, server = start_rclone()
    try:
        environment = server.with_new_bucket().environment()
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in S3_SIDES + LOCAL_SIDES}
        for _ in range(runs):
            for name in taken:
                taken[name].append(_run_side(name, film, folder, environment))
    finally:
        process.close()
    return {
        name: {way: _medians([one[way] for one in each]) for way in ("there", "back")} for name, each in taken.items()
    }


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def _ratios(result: dict[str, Any], ours: str, theirs: str) -> dict[str, float]:
    """How many times longer theirs takes than ours; above 1 is good."""
    return {
        f"{way} {key}": result[theirs][way][key] / result[ours][way][key]
        for way in ("there", "back")
        for key in ("wall_s", "cpu_s")
    }


def main() -> None:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--side", choices=S3_SIDES + LOCAL_SIDES)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(asyncio.run(_side(asked.side, asked.film, asked.folder))))
        return
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), asked.megabytes, asked.runs)
    print(f"  {'':15}{'there: wall s':>14}{'cpu s':>7}{'grew MB':>9}{'back: wall s':>14}{'cpu s':>7}{'grew MB':>9}")
    for name, row in result.items():
        cells = (f"{row[way]['wall_s']:14.2f}{row[way]['cpu_s']:7.2f}{row[way]['growth_mb']:9.1f}" for way in row)
        print(f"  {name:15}{''.join(cells)}")
    growth = max(result["admint"][way]["growth_mb"] for way in ("there", "back"))
    result["ratio"] = {theirs: _ratios(result, "admint", theirs) for theirs in ("boto3", "httpx")}
    result["ratio"]["obstore local"] = {
        "there wall_s": _ratios(result, "admint local", "obstore local")["there wall_s"]
    }
    for theirs, values in result["ratio"].items():
        print(f"  {theirs} takes, of our time: " + ", ".join(f"{key} {value:.2f}x" for key, value in values.items()))
    print(f"  AdMint grew by {growth:.1f} MB at most (aim < 60)")
    target = ROOT / "bench" / "results" / "storage.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
