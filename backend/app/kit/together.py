"""Work side by side that is over when all of it is over.

Used by the stages of the pipeline. Tests: tests/test_kit/test_together.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def together(*works: Awaitable[T]) -> list[T]:
    """Return the results in order, as `asyncio.gather` does, but let all of them end before the first error is raised.

    What gather leaves behind at an error goes on with nobody to wait for it, past the end of whoever began it.

    Raises:
        Exception: The first error, in the order of `works`.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]
