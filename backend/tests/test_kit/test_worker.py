"""One process a job: results, reports, errors, deaths and cancellation."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from app.core.errors import InvalidInput, MediaError
from app.kit.worker import run_job

JOBS = "tests.fixtures.jobs"


async def test_the_result_and_every_report_come_back_from_another_process() -> None:
    reports: list[dict[str, Any]] = []
    result = await run_job(f"{JOBS}:echo", {"text": "é“”"}, reports.append)
    assert result["text"] == "é“”"
    assert result["pid"] != os.getpid()
    assert reports == [{"done": 1}, {"done": 2}]


async def test_our_own_errors_keep_class_message_and_hint() -> None:
    with pytest.raises(InvalidInput) as caught:
        await run_job(f"{JOBS}:refuse", {})
    assert (caught.value.message, caught.value.hint) == ("The picture is blank.", "Choose another one.")


async def test_an_unexpected_error_is_a_media_error_that_names_it() -> None:
    with pytest.raises(MediaError, match="exit code 1") as caught:
        await run_job(f"{JOBS}:break_down", {})
    assert caught.value.hint == "ZeroDivisionError: oops"


async def test_a_killed_worker_is_a_media_error() -> None:
    with pytest.raises(MediaError, match="exit code -9"):
        await run_job(f"{JOBS}:die", {})


async def test_cancelling_kills_the_child() -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run_job(f"{JOBS}:hang", {}, lambda report: started.set_result(report["pid"])))
    pid = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
