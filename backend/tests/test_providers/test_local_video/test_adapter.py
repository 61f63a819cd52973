"""The job's life: submitted once, rendered in a child, verified, stored, adopted; killed, cancelled, restarted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.kit.media.facts import probe
from app.providers.local_video import adapter
from app.providers.local_video.adapter import LocalVideoModel
from app.schemas.providers import CallContext, JobState, RemoteJob
from app.storage.local import LocalStorage
from tests.fixtures.clips import bottle, request_of, scene_of, write_picture

CTX = CallContext(generation_id="g1", step="clip.2")
KEY = "generations/g1/clips/scene-2-take-1.mp4"


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    (tmp_path / "store" / "refs").mkdir(parents=True)
    write_picture(tmp_path / "store" / "refs" / "product.png", bottle())
    return LocalStorage(tmp_path / "store")


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the workers started."""
    started: list[str] = []
    real = adapter.run_job

    async def counted(target: str, *rest: Any) -> dict[str, Any]:
        started.append(target)
        return await real(target, *rest)

    monkeypatch.setattr(adapter, "run_job", counted)
    return started


def _model(storage: LocalStorage, tmp_path: Path, workers: int = 2) -> LocalVideoModel:
    return LocalVideoModel(storage, tmp_path / "work", workers)


async def _submit(model: LocalVideoModel, key: str = KEY, duration: float = 1.0, **more: Any) -> RemoteJob:
    request = request_of(scene_of("hero-split", ("product",), duration=duration), **more)
    return await model.submit(model.plan(request), key, CTX)


async def _until(model: LocalVideoModel, job: RemoteJob, *wanted: str) -> list[JobState]:
    states = [await model.poll(job)]
    while states[-1].status not in {*wanted, "complete", "failed"}:
        await asyncio.sleep(0.02)
        states.append(await model.poll(job))
    return states


def _children() -> list[int]:
    """Return the pids of this process's render workers."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread or a child may end while we look
            pids = [int(pid) for pid in (task / "children").read_text().split()]
            found += [pid for pid in pids if b"app.kit.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


async def test_a_clip_is_rendered_verified_and_stored(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    job = await _submit(model)
    assert (job.provider, job.clip_id, job.output_key) == ("local", 2, KEY)
    assert not await storage.exists(KEY)
    states = await _until(model, job, "complete", "failed")
    assert states[-1] == JobState(status="complete", progress=1.0)
    assert await model.fetch(job) == KEY
    facts = probe(storage.path(KEY))
    assert facts.video
    assert (facts.video.width, facts.video.height, facts.video.frames) == (320, 180, 10)
    assert sorted(p.suffix for p in (tmp_path / "work").iterdir()) == [".json"]


async def test_it_is_free_and_belongs_to_the_media_queue(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    assert (model.name, model.queue) == ("local", "media")
    assert model.estimate(model.plan(request_of(scene_of("titlecard")))) == Decimal(0)


async def test_submitting_twice_gives_one_job(storage: LocalStorage, tmp_path: Path, starts: list[str]) -> None:
    model = _model(storage, tmp_path)
    one, two = await _submit(model), await _submit(model)
    assert one == two
    await asyncio.gather(model.fetch(one), model.fetch(two))
    assert len(starts) == 1
    assert (await _submit(model, key="other.mp4")).id != one.id
    assert (await _submit(model, seed=7)).id != one.id


async def test_a_finished_clip_is_adopted(storage: LocalStorage, tmp_path: Path, starts: list[str]) -> None:
    first = _model(storage, tmp_path)
    job = await _submit(first)
    await first.fetch(job)
    before = storage.path(KEY).stat()
    again = _model(storage, tmp_path)
    assert (await _until(again, job, "complete", "failed"))[-1].status == "complete"
    assert storage.path(KEY).stat().st_mtime_ns == before.st_mtime_ns
    assert len(starts) == 1


@pytest.mark.parametrize("damage", ["truncate", "other"])
async def test_a_damaged_or_foreign_file_is_not_adopted(
    damage: str, storage: LocalStorage, tmp_path: Path, starts: list[str]
) -> None:
    first = _model(storage, tmp_path)
    job = await _submit(first)
    await first.fetch(job)
    data = storage.path(KEY).read_bytes()
    await storage.put_bytes(KEY, data[: len(data) // 2] if damage == "truncate" else b"not a film", "video/mp4")
    again = _model(storage, tmp_path)
    await again.fetch(job)
    assert len(starts) == 2
    assert storage.path(KEY).read_bytes() == data


async def test_progress_only_grows_and_counts_frames(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    job = await _submit(model, duration=6.0, fps=30)
    seen = [state.progress for state in await _until(model, job, "complete", "failed")]
    values = [value for value in seen if value is not None]
    assert values == sorted(values)
    assert values[-1] == 1.0
    assert all(abs(value * 180 - round(value * 180)) < 1e-6 for value in values)


async def test_a_killed_worker_fails_the_job_and_a_new_submit_restarts_it(
    storage: LocalStorage, tmp_path: Path
) -> None:
    model = _model(storage, tmp_path)
    job = await _submit(model, duration=8.0, fps=30)
    await _until(model, job, "rendering")
    [child] = _children()
    os.kill(child, signal.SIGKILL)
    state = (await _until(model, job, "failed", "complete"))[-1]
    assert (state.status, state.error_code) == ("failed", "media_error")
    assert not await storage.exists(KEY)
    assert [p.suffix for p in (tmp_path / "work").iterdir()] == [".json"]
    assert (await model.poll(job)).status == "failed"
    assert (await _submit(model, duration=8.0, fps=30)).id == job.id
    assert await model.fetch(job) == KEY


async def test_another_process_goes_on_with_a_job_it_does_not_know(storage: LocalStorage, tmp_path: Path) -> None:
    job = await _submit(_model(storage, tmp_path))
    assert (await _until(_model(storage, tmp_path), job, "complete", "failed"))[-1].status == "complete"


async def test_cancelling_kills_the_child(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    job = await _submit(model, duration=8.0, fps=30)
    await _until(model, job, "rendering")
    [child] = _children()
    await model.cancel(job)
    assert child not in _children()
    state = await model.poll(job)
    assert (state.status, state.error_code) == ("failed", "interrupted")
    assert not await storage.exists(KEY)
    await model.cancel(job)


async def test_at_most_max_workers_run_at_once(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path, workers=1)
    jobs = [await _submit(model, key=f"{n}.mp4", seed=n, duration=2.0) for n in range(3)]
    most = 0
    while True:
        states = [await model.poll(job) for job in jobs]
        most = max(most, len(_children()))
        if all(state.status == "complete" for state in states):
            break
        assert not any(state.status == "failed" for state in states)
        assert sum(state.status in {"processing", "rendering"} for state in states) <= 1
        await asyncio.sleep(0.02)
    assert most == 1


async def test_a_missing_reference_fails_with_its_cause(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    await storage.delete("refs/product.png")
    job = await _submit(model)
    state = (await _until(model, job, "failed", "complete"))[-1]
    assert state.error_code == "not_found"
    assert "refs/product.png" in (state.error_message or "")


async def test_an_unreadable_reference_fails_with_its_cause(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    await storage.put_bytes("refs/product.png", b"broken", "image/png")
    state = (await _until(model, await _submit(model), "failed", "complete"))[-1]
    assert state.error_code == "invalid_input"


async def test_stills_are_stored(storage: LocalStorage, tmp_path: Path) -> None:
    model = _model(storage, tmp_path)
    plan = model.plan(request_of(scene_of("hero-split", ("product",))))
    assert await model.still(plan, 0.6, "stills/2.jpg") == "stills/2.jpg"
    assert storage.path("stills/2.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert list((tmp_path / "work").iterdir()) == []
