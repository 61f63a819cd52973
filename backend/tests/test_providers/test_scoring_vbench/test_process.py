"""Whatever the worker does, there is an answer or a reason, and no process of it is left."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from app.core.errors import BadOutput, ConfigError, Transient
from app.providers.scoring_vbench.process import ask
from tests.fixtures.vbench import StandIn, gone, until

LOOK = {"do": "look"}


async def until_gone(pids: list[int]) -> None:
    assert len(pids) == 2
    await until(lambda: all(gone(pid) for pid in pids))


def left_in(stand_in: StandIn) -> list[Path]:
    return list((stand_in.folder / "work").iterdir())


async def test_an_answer_is_read_and_the_folder_of_the_run_is_gone(stand_in: StandIn) -> None:
    answer = await ask(stand_in.python, stand_in.folder / "work", LOOK)
    assert answer.installed is not None
    assert answer.installed.package == "0.1.5"
    assert left_in(stand_in) == []


async def test_the_worker_is_told_no_key_and_no_setting(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REPLICATE_API_TOKEN", "OPENAI_API_KEY", "DATABASE_URL", "ADMINT_SECRET"):
        monkeypatch.setenv(name, "a secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    await ask(stand_in.python, stand_in.folder / "work", LOOK)
    told = json.loads((stand_in.folder / "heard.json.environment").read_text())
    assert told["CUDA_VISIBLE_DEVICES"] == "1"
    assert "PATH" in told
    assert "a secret" not in told.values()


async def test_a_hanging_worker_is_killed_with_its_children(stand_in: StandIn) -> None:
    asked = asyncio.create_task(ask(stand_in.plays("hang").python, stand_in.folder / "work", LOOK))
    await until(lambda: len(stand_in.pids) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await until_gone(stand_in.pids)
    assert left_in(stand_in) == []


async def test_what_a_worker_leaves_running_neither_blocks_nor_stays(stand_in: StandIn) -> None:
    async with asyncio.timeout(60):
        answer = await ask(stand_in.plays("linger").python, stand_in.folder / "work", LOOK)
    assert answer.installed is not None
    await until_gone(stand_in.pids)


@pytest.mark.parametrize(
    ("play", "kind", "said"),
    [
        ("die", Transient, "VBench stopped with exit code 1. It said: RuntimeError: CUDA out of memory."),
        ("killed", Transient, "VBench stopped because it was killed, most likely for want of memory."),
        ("garbage", BadOutput, "VBench's worker gave no answer that can be read."),
        ("flood", BadOutput, "VBench's worker does not stop talking."),
    ],
)
async def test_a_broken_worker_is_a_reason(stand_in: StandIn, play: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind) as caught:
        await ask(stand_in.plays(play).python, stand_in.folder / "work", LOOK)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "says", ["{}", '{"refusal": {"kind": "bored"}}', '{"results": {}, "refusal": {"kind": "no_gpu"}}']
)
async def test_an_unclear_answer_is_none(stand_in: StandIn, says: str) -> None:
    with pytest.raises(BadOutput):
        await ask(stand_in.plays("garbage", says=says).python, stand_in.folder / "work", LOOK)


async def test_a_python_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be run: No such file") as caught:
        await ask(tmp_path / "absent", tmp_path / "work", LOOK)
    assert "ADMINT_VBENCH_PYTHON" in caught.value.hint
