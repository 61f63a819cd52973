"""Bench: a tiny ad through the durable pipeline over the same work done bare, in turn. Aim: ratio <= 1.3.

Bare means: every call the pipeline made to a provider, the stitcher and the checker is made again, with the same
arguments, in the same order and overlap, on an empty store, without engine and database.
Run: `.venv/bin/python bench/engine/run.py [--rounds N] [--postgres URL]`. Writes bench/results/engine.json.
"""

from __future__ import annotations

import argparse
import asyncio
import contextvars
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.container import Container, open_container
from app.core.settings import Settings
from app.db.repositories.users import LOCAL_USER_ID, ensure_local_user
from app.providers.registry import ProviderDeps, build
from app.schemas.api import GenerateBody
from app.schemas.unified_pipeline import ProviderChoice
from app.services.media.delivery_check import DeliveryChecker
from app.services.media.video_stitcher import VideoStitcher
from app.storage.local import LocalStorage

ROOT = Path(__file__).parents[2]
AIM = 1.3
POLL_S = 0.1
TINY = {"duration_s": 2.0, "scene_count": 2, "fps": 10, "frame_scale": 0.25}
PROMPT = "Create an ad for eco-friendly water bottle"
CALLS = {
    "text": ("read_brief", "direct_story", "criticise_story", "write_scene", "criticise_scene", "cohere"),
    "vision": ("analyse",),
    "image": ("generate",),
    "audio": ("compose",),
    "stitcher": ("stitch",),
    "checker": ("check",),
}
_inside: contextvars.ContextVar[bool] = contextvars.ContextVar("inside", default=False)


@dataclass
class Call:
    """One call of the pipeline: of what, with what, by which task, and when (seconds)."""

    owner: str
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    task: int
    began: float
    ended: float = 0.0


class Recorder:
    """Notes the calls a pipeline makes, and how many steps its engine records."""

    def __init__(self, container: Container) -> None:
        self.calls: list[Call] = []
        self.steps = 0
        services = container.services
        providers = services.providers(ProviderChoice())
        owners = {name: getattr(providers, name) for name in ("text", "vision", "image", "audio")}
        for owner, target in {**owners, "stitcher": services.stitcher, "checker": services.checker}.items():
            for name in CALLS[owner]:
                setattr(target, name, self._noted(owner, name, getattr(target, name)))
        setattr(providers.video, "submit", self._noted("video", "submit", providers.video.submit))  # noqa: B010
        setattr(providers.video, "fetch", self._fetched(providers.video.fetch))  # noqa: B010
        for name in ("step", "transact"):
            setattr(services.durable, name, self._counted(getattr(services.durable, name)))

    def _noted(self, owner: str, name: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            if _inside.get():
                return await method(*args, **kwargs)
            noted = Call(owner, name, args, kwargs, id(asyncio.current_task()), time.perf_counter())
            self.calls.append(noted)
            token = _inside.set(True)
            try:
                return await method(*args, **kwargs)
            finally:
                _inside.reset(token)
                noted.ended = time.perf_counter()

        return call

    def _fetched(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(job: Any) -> Any:
            result = await method(job)
            clip = next(each for each in self.calls if each.owner == "video" and each.args[1] == job.output_key)
            clip.ended = time.perf_counter()
            return result

        return call

    def _counted(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any) -> Any:
            self.steps += 1
            return await method(*args)

        return call

    def groups(self) -> list[list[list[Call]]]:
        """The calls in order; tasks whose calls overlapped stand together, the calls of each in order."""
        found: list[dict[int, list[Call]]] = []
        end = 0.0
        for call in sorted(self.calls, key=lambda each: each.began):
            if not found or call.began >= end:
                found.append({})
            found[-1].setdefault(call.task, []).append(call)
            end = max(end, call.ended)
        return [list(group.values()) for group in found]


async def bare(groups: list[list[list[Call]]], home: Path, workers: int) -> float:
    """Make the calls again on an empty store; return the wall time."""
    storage, work = LocalStorage(home / "media"), home / "work"
    work.mkdir(parents=True)
    deps = ProviderDeps(storage, work, workers, Settings(home=home))
    owners = {name: build(name, "local", deps) for name in ("text", "vision", "image", "audio", "video")}
    owners |= {"stitcher": VideoStitcher(storage, work), "checker": DeliveryChecker(storage)}
    video = owners.pop("video")

    async def again(call: Call) -> None:
        if call.owner != "video":
            await getattr(owners[call.owner], call.name)(*call.args, **call.kwargs)
            return
        job = await video.submit(*call.args, **call.kwargs)
        while (state := await video.poll(job)).status != "complete":
            assert state.status != "failed", state
            await asyncio.sleep(POLL_S)
        await video.fetch(job)

    async def one_after_another(calls: list[Call]) -> None:
        for call in calls:
            await again(call)

    started = time.perf_counter()
    for group in groups:
        await asyncio.gather(*(one_after_another(calls) for calls in group))
    return time.perf_counter() - started


async def measure(settings: Settings, rounds: int) -> dict[str, Any]:
    """Make one ad a round, then its bare work; the first round only warms up."""
    engine_s, bare_s, steps = [], [], 0
    async with open_container(settings, "run") as container:
        async with container.sessions.begin() as session:
            await ensure_local_user(session)
        recorder = Recorder(container)
        for number in range(rounds + 1):
            recorder.calls, recorder.steps = [], 0
            config = {"overrides": TINY}
            body = GenerateBody.model_validate(
                {"prompt": PROMPT, "seed": 100 + number, "interactive": False, "config": config}
            )
            started = time.perf_counter()
            made = await container.commands.start(LOCAL_USER_ID, body)
            await container.engine.wait(made.generation_id)
            taken, steps = time.perf_counter() - started, recorder.steps
            home = settings.home_path / f"bare-{number}"
            again = await bare(recorder.groups(), home, settings.media_workers)
            if number:
                engine_s.append(taken)
                bare_s.append(again)
    through, alone = statistics.median(engine_s), statistics.median(bare_s)
    return {
        "pipeline_s": round(through, 3),
        "bare_s": round(alone, 3),
        "ratio": round(statistics.median(e / b for e, b in zip(engine_s, bare_s, strict=True)), 3),
        "steps": steps,
        "ms_a_step": round((through - alone) / steps * 1000, 1),
    }


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="Also measure on this database, which is empty.")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    urls = {"sqlite": None} | ({"postgres": arguments.postgres} if arguments.postgres else {})
    results: dict[str, Any] = {}
    for name, url in urls.items():
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=Path(folder), database_url_override=url)
            results[name] = found = asyncio.run(measure(settings, arguments.rounds))
        print(
            f"  {name:9} pipeline {found['pipeline_s']:6.2f} s   bare {found['bare_s']:6.2f} s   "
            f"ratio {found['ratio']:.2f}   {found['ms_a_step']:.1f} ms a step ({found['steps']} steps)"
        )
    busy = load > len(os.sched_getaffinity(0)) / 2
    print(f"  aim: ratio <= {AIM}; load before: {load:.1f}" + (" (the machine was busy)" if busy else ""))
    target = ROOT / "bench" / "results" / "engine.json"
    report = {"rounds": arguments.rounds, "results": results, "aim": AIM, "load_before": round(load, 1), "busy": busy}
    target.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
