"""How the server says it is, in the spec's shape."""

from __future__ import annotations

import asyncio
from collections import namedtuple
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError

from app.api.routes import health as module
from app.services.quality.scoring import Scoring
from tests.fixtures.server import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")
_COUNTS = ("pending_count", "processing_count", "scores_pending_count", "scores_processing_count")
NOTHING = dict.fromkeys(_COUNTS, 0)


async def look(served: Served) -> tuple[int, dict]:
    """Look anew, whatever was seen before."""
    served.app.state.doctor._last = None
    response = await served.http().get("/health")
    return response.status_code, response.json()


async def test_the_report_has_the_specs_shape(shared: Served) -> None:
    status, report = await look(shared)
    assert status == 200
    assert datetime.fromisoformat(report.pop("timestamp")).tzinfo is not None
    assert report == {
        "status": "healthy",
        "checks": {
            "database": "healthy",
            "redis": "disabled",
            "background_tasks": {"status": "healthy", **NOTHING},
            "disk_space": "healthy",
        },
    }
    ready = await shared.http().get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "healthy")


async def test_a_long_queue_is_a_warning(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"now": (100, 2)}

    async def backlog(_session: object) -> tuple[int, int]:
        return counts["now"]

    monkeypatch.setattr(module.generations, "backlog", backlog)
    assert (await look(shared))[1]["status"] == "healthy"
    counts["now"] = (101, 2)
    status, report = await look(shared)
    assert (status, report["status"]) == (200, "degraded")
    busy = {**NOTHING, "pending_count": 101, "processing_count": 2}
    assert report["checks"]["background_tasks"] == {"status": "degraded", **busy}


async def test_scores_that_wait_count_too(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def depth(_scoring: object) -> tuple[int, int]:
        return 101, 1

    monkeypatch.setattr(Scoring, "depth", depth)
    status, report = await look(shared)
    assert (status, report["status"]) == (200, "degraded")
    assert report["checks"]["background_tasks"] == {
        "status": "degraded",
        "pending_count": 101,
        "processing_count": 1,
        "scores_pending_count": 101,
        "scores_processing_count": 1,
    }


async def test_a_full_disk_is_unhealthy(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    for free, expected in ((10 * 2**30, "healthy"), (100 * 2**20, "degraded"), (2**20, "unhealthy")):
        monkeypatch.setattr(module.shutil, "disk_usage", lambda _path, free=free: usage(2**40, 0, free))
        status, report = await look(shared)
        assert (report["checks"]["disk_space"], report["status"]) == (expected, expected)
        assert status == (503 if expected == "unhealthy" else 200)


async def test_a_database_out_of_reach_is_unhealthy_but_the_process_lives(
    shared: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_session: object) -> tuple[int, int]:
        raise OperationalError("", {}, Exception("gone"))

    async def hanging(_session: object) -> tuple[int, int]:
        await asyncio.sleep(30)
        return 0, 0

    monkeypatch.setattr(module, "_PROBE_S", 0.05)
    for backlog in (failing, hanging):
        monkeypatch.setattr(module.generations, "backlog", backlog)
        status, report = await look(shared)
        assert (status, report["status"], report["checks"]["database"]) == (503, "unhealthy", "unhealthy")
    assert (await shared.http().get("/health/ready")).status_code == 503
    assert (await shared.http().get("/health/live")).json() == {"status": "healthy"}


async def test_asking_often_looks_once(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def backlog(_session: object) -> tuple[int, int]:
        nonlocal looks
        looks += 1
        return 0, 0

    monkeypatch.setattr(module.generations, "backlog", backlog)
    client = shared.http()
    shared.app.state.doctor._last = None
    await asyncio.gather(*(client.get("/health") for _ in range(10)))
    assert looks == 1
