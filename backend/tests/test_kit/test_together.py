"""Work side by side: results in order, and an error only when nothing goes on any more."""

from __future__ import annotations

import asyncio

import pytest

from app.kit.together import together


async def late(value: int, done: list[int]) -> int:
    await asyncio.sleep(0.01)
    done.append(value)
    return value


async def broken() -> int:
    raise LookupError("one of them")


async def test_the_results_come_in_order() -> None:
    assert await together(late(1, []), late(2, [])) == [1, 2]


async def test_an_error_waits_for_the_others() -> None:
    done: list[int] = []
    with pytest.raises(LookupError, match="one of them"):
        await together(late(1, done), broken(), late(2, done))
    assert done == [1, 2]


async def test_who_is_cancelled_cancels_them_and_waits() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("cancelled")

    task = asyncio.ensure_future(together(slow(), slow()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cancelled", "cancelled"]
