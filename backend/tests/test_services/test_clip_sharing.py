"""Claims on clips: one films, the others wait and copy; a paid clip is never begun twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.errors import Interrupted
from app.db import session as db
from app.db.repositories import clips, generations
from app.db.repositories.clips import NewTake
from app.db.types import utcnow
from app.ports.video import poster_key
from app.schemas.unified_pipeline import PipelineConfig, StageTimeouts
from app.services.unified_pipeline import clip_sharing
from app.services.unified_pipeline.clip_sharing import Claim, claim, wait_for_twin
from app.services.unified_pipeline.stage_context import StageContext
from app.storage.local import LocalStorage
from tests.fixtures.db import add_generation


class Ads:
    """Ads of one user over a real database, without an engine: steps run at once."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.sessions = db.session_factory(engine)
        self.reads = db.read_factory(engine)
        self.storage = LocalStorage(folder)
        self.seconds = 0.0

    async def add(self, **values: Any) -> str:
        async with self.sessions.begin() as session:
            return await add_generation(session, **{"status": "videos", **values})

    async def change(self, generation_id: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            row = await generations.require(session, generation_id)
            for name, value in values.items():
                setattr(row, name, value)

    async def finish(self, row_id: str, key: str) -> None:
        async with self.sessions.begin() as session:
            await clips.finish(session, row_id, key, 1.0)

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds

    def context(self, generation_id: str, queue: str = "media", word: str | None = None) -> StageContext:
        async def settle(_: str, write: Callable[[Any], Awaitable[tuple[Any, Any]]]) -> Any:
            async with self.sessions.begin() as session:
                return (await write(session))[1]

        async def step(_: str, __: Any, fn: Callable[[], Awaitable[Any]]) -> Any:
            return await fn()

        async def control() -> str | None:
            return word

        async def obey(*words: str) -> None:
            if word in words:
                raise Interrupted("You stopped it.")

        return cast(
            "StageContext",
            SimpleNamespace(
                generation_id=generation_id,
                config=PipelineConfig(timeouts=StageTimeouts(videos=5)),
                video=lambda scene_id: SimpleNamespace(queue=queue, name="test"),
                services=SimpleNamespace(reads=self.reads, storage=self.storage, clock=self),
                settle=settle,
                step=step,
                control=control,
                obey=obey,
            ),
        )

    async def claim(self, generation_id: str, queue: str = "media", *, waited: bool = False) -> Claim:
        new = NewTake(generation_id=generation_id, clip_id=2, clip_index=1, digest="d", provider="test")
        return await claim(self.context(generation_id, queue), new, f"{generation_id}/2.mp4", waited=waited)


@pytest.fixture
def ads(db_engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ads:
    monkeypatch.setattr(clip_sharing, "_LOOK_S", {"media": 0.0, "remote": 0.0})
    return Ads(db_engine, tmp_path / "media")


@pytest.mark.parametrize("queue", ["media", "remote"])
async def test_of_many_claims_at_once_exactly_one_films(ads: Ads, queue: str) -> None:
    made = [await ads.add() for _ in range(5)]
    claims = await asyncio.gather(*(ads.claim(each, queue) for each in made))
    assert sorted(each.todo for each in claims) == ["film", "wait", "wait", "wait", "wait"]


async def test_a_finished_clip_is_copied_with_its_poster_and_outlives_the_other_ad(ads: Ads) -> None:
    first, second = await ads.add(), await ads.add()
    await ads.storage.put_bytes("first.mp4", b"film", "video/mp4")
    await ads.storage.put_bytes("first.jpg", b"still", "image/jpeg")
    await ads.finish((await ads.claim(first)).row_id, "first.mp4")
    found = await ads.claim(second)
    assert (found.todo, found.source, found.provider, found.row_id) == ("copy", "first.mp4", "test", "")
    await ads.storage.delete("first.mp4")
    assert await ads.storage.read_bytes(f"{second}/2.mp4") == b"film"
    assert await ads.storage.read_bytes(poster_key(f"{second}/2.mp4")) == b"still"


async def test_a_clip_that_is_no_longer_stored_is_filmed_again_by_one(ads: Ads) -> None:
    first, second, third = [await ads.add() for _ in range(3)]
    await ads.finish((await ads.claim(first)).row_id, "gone.mp4")
    claims = await asyncio.gather(ads.claim(second, "remote"), ads.claim(third, "remote"))
    assert sorted(each.todo for each in claims) == ["film", "wait"]


async def test_a_wait_ends_when_the_other_is_done_or_stopped(ads: Ads) -> None:
    first, second = await ads.add(), await ads.add()
    row_id = (await ads.claim(first)).row_id
    assert await wait_for_twin(ads.context(second), "d") == "over"
    assert await wait_for_twin(ads.context(second, word="pause"), "d") == "paused"
    with pytest.raises(Interrupted):
        await wait_for_twin(ads.context(second, word="cancel"), "d")
    await ads.change(first, substage="interrupted")
    assert await wait_for_twin(ads.context(second), "d") == "free"
    assert await wait_for_twin(ads.context(second), "d", paid=True) == "over"
    await ads.finish(row_id, "first.mp4")
    assert await wait_for_twin(ads.context(second), "d", paid=True) == "free"


async def test_after_the_wait_a_free_clip_is_filmed_and_a_paid_one_is_not(ads: Ads) -> None:
    first, second = await ads.add(), await ads.add()
    assert (await ads.claim(first)).todo == "film"
    assert (await ads.claim(second, "remote", waited=True)).todo == "give_up"
    assert (await ads.claim(second, waited=True)).todo == "film"


@pytest.mark.parametrize("ended", [{"substage": "cancelled"}, {"deleted_at": utcnow}])
async def test_a_cancelled_or_deleted_ad_gives_its_paid_clip_up(ads: Ads, ended: dict[str, Any]) -> None:
    first, second = await ads.add(), await ads.add()
    assert (await ads.claim(first, "remote")).todo == "film"
    assert (await ads.claim(second, "remote")).todo == "wait"
    await ads.change(first, **{name: value() if callable(value) else value for name, value in ended.items()})
    assert (await ads.claim(second, "remote")).todo == "film"
