"""How the server is, for people, load balancers and supervisors. Tests: tests/test_api/test_health.py"""

from __future__ import annotations

import asyncio
import shutil
import time
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.api.limits import GenerationLimit
from app.container import Container
from app.db.repositories import generations
from app.schemas.server import Alive, BackgroundTasks, Health, HealthChecks, HealthReport

router = APIRouter(prefix="/health", tags=["health"])

MOST_PENDING = 100
_PROBE_S = 0.9
_FRESH_S = 2.0
_LOW_BYTES, _FULL_BYTES = 512 * 2**20, 48 * 2**20
_UNHEALTHY: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthReport, "description": "Something is out of order."}
}


class Doctor:
    """Looks at everything at most every two seconds, however often it is asked. One a process."""

    def __init__(self, container: Container, limit: GenerationLimit) -> None:
        self._container = container
        self._limit = limit
        self._lock = asyncio.Lock()
        self._last: tuple[float, HealthReport] | None = None

    async def report(self) -> HealthReport:
        """Return how things are now, or were up to two seconds ago."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > _FRESH_S:
                self._last = (time.monotonic(), await self._look())
            return self._last[1]

    async def _look(self) -> HealthReport:
        (database, tasks), redis, disk = await asyncio.gather(self._database(), self._redis(), self._disk())
        checks = HealthChecks(database=database, redis=redis, background_tasks=tasks, disk_space=disk)
        return HealthReport(status=_worst(checks), checks=checks, timestamp=datetime.now(UTC))

    async def _database(self) -> tuple[Health, BackgroundTasks]:
        try:
            async with asyncio.timeout(_PROBE_S), self._container.reads() as session:
                await session.execute(text("SELECT 1"))
                ads, scores = await generations.backlog(session), await self._container.scoring.depth()
        except (SQLAlchemyError, TimeoutError, OSError):
            return "unhealthy", BackgroundTasks(status="unhealthy", pending_count=0, processing_count=0)
        return "healthy", _work(ads, scores)

    async def _redis(self) -> Any:
        if self._container.settings.redis_url is None:
            return "disabled"
        return "healthy" if await self._limit.reachable() else "unhealthy"

    async def _disk(self) -> Health:
        try:
            async with asyncio.timeout(_PROBE_S):
                usage = await asyncio.to_thread(shutil.disk_usage, self._container.settings.home_path)
        except (OSError, TimeoutError):
            return "unhealthy"
        if usage.free < _FULL_BYTES:
            return "unhealthy"
        return "degraded" if usage.free < _LOW_BYTES else "healthy"


@router.get("", responses=_UNHEALTHY)
async def health(request: Request, response: Response) -> HealthReport:
    """Report database, Redis, background work and disk; 503 when the server can't do its work."""
    doctor: Doctor = request.app.state.doctor
    report = await doctor.report()
    if report.status == "unhealthy":
        response.status_code = 503
    return report


@router.get("/ready", responses=_UNHEALTHY)
async def ready(request: Request, response: Response) -> HealthReport:
    """Say whether requests may be sent here; 503 while they may not."""
    return await health(request, response)


@router.get("/live")
async def live() -> Alive:
    """Say that the process answers; looks at nothing."""
    return Alive()


def _work(ads: tuple[int, int], scores: tuple[int, int]) -> BackgroundTasks:
    """Count ads and scores, (waiting, in work) each, together and the scores by themselves."""
    waiting, busy = (ads[place] + scores[place] for place in (0, 1))
    return BackgroundTasks(
        status="degraded" if waiting > MOST_PENDING else "healthy",
        pending_count=waiting,
        processing_count=busy,
        scores_pending_count=scores[0],
        scores_processing_count=scores[1],
    )


def _worst(checks: HealthChecks) -> Health:
    """Without the database or the disk nothing works; without Redis only new requests on shared servers don't."""
    if "unhealthy" in (checks.database, checks.disk_space):
        return "unhealthy"
    parts = (checks.redis, checks.background_tasks.status, checks.disk_space)
    return "degraded" if {"degraded", "unhealthy"} & set(parts) else "healthy"
