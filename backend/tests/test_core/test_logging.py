"""app/core/logging.py: shape of a line, context, and canary secrets that must never be written."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.logging import REDACTED, configure_logging, log_context

CANARY = "canary-4f9c2e71/with+signs"
logger = logging.getLogger("tests.logging")


class Log:
    """A configured log in memory."""

    def __init__(self, level: str = "INFO") -> None:
        self.stream = io.StringIO()
        self.stop: Callable[[], None] = configure_logging(level, self.stream, [CANARY])

    def text(self) -> str:
        self.stop()
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    before = logging.getLogger().level
    made = Log()
    yield made
    made.stop()
    logging.getLogger().setLevel(before)


def test_a_line_has_the_spec_fields(log: Log) -> None:
    logger.info("story generated", extra={"duration_ms": 1250, "framework": "AIDA"})
    (line,) = log.lines()
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["message"], line["logger"]) == ("INFO", "story generated", "tests.logging")
    assert (line["duration_ms"], line["framework"]) == (1250, "AIDA")


def test_context_nests_and_ends(log: Log) -> None:
    with log_context(generation_id="gen-1", stage="story"):
        with log_context(stage="scenes", request_id="req-9"):
            logger.info("inner")
        logger.info("outer")
    logger.info("outside")
    inner, outer, outside = log.lines()
    assert (inner["generation_id"], inner["stage"], inner["request_id"]) == ("gen-1", "scenes", "req-9")
    assert (outer["stage"], "request_id" in outer) == ("story", False)
    assert "generation_id" not in outside


async def test_concurrent_tasks_keep_their_own_context(log: Log) -> None:
    async def work(name: str) -> None:
        with log_context(session_id=name):
            await asyncio.sleep(0)
            logger.info("worked", extra={"own": name})

    await asyncio.gather(*(work(f"session-{number}") for number in range(20)))
    lines = log.lines()
    assert len(lines) == 20
    assert all(line["session_id"] == line["own"] for line in lines)


def _raise_with_secret() -> None:
    raise ValueError(f"the provider refused key {CANARY}")


@pytest.mark.parametrize(
    "write",
    [
        lambda: logger.info("value in the message: %s", CANARY),
        lambda: logger.info("field", extra={"note": f"key is {CANARY}"}),
        lambda: logger.info("nested", extra={"request": {"headers": [{"x": CANARY}]}}),
        lambda: logger.info("object", extra={"error": ValueError(CANARY)}),
        lambda: logger.info("quoted in a url", extra={"url": "http://h/p?x=canary-4f9c2e71%2Fwith%2Bsigns"}),
    ],
    ids=["message", "field", "nested", "object", "quoted"],
)
def test_a_known_secret_is_never_written(log: Log, write: Callable[[], None]) -> None:
    write()
    text = log.text()
    assert "canary-4f9c2e71" not in text
    assert REDACTED in text


def test_a_traceback_loses_its_secret_and_keeps_its_shape(log: Log) -> None:
    try:
        _raise_with_secret()
    except ValueError:
        logger.exception("call failed")
    (line,) = log.lines()
    assert CANARY not in json.dumps(line)
    assert "ValueError: the provider refused key [redacted]" in line["exception"]
    assert "_raise_with_secret" in line["exception"]


@pytest.mark.parametrize(
    "key", ["password", "api_key", "Authorization", "refresh_token", "Set-Cookie", "client_secret"]
)
def test_a_field_with_a_secret_name_is_redacted(log: Log, key: str) -> None:
    logger.info("request", extra={"headers": {key: "unknown-value-77"}})
    assert log.lines()[0]["headers"] == {key: REDACTED}


@pytest.mark.parametrize(
    "text",
    [
        "GET http://127.0.0.1/media/a.mp4?exp=1&sig=unknown-value-77",
        "https://b.example/o?X-Amz-Signature=unknown-value-77&X-Amz-Date=1",
        "https://b.example/o?X-Amz-Security-Token=unknown-value-77",
        "postgresql+psycopg://admint:unknown-value-77@db/admint",
        "Authorization: Bearer unknown-value-77",
        "{'api_key': 'unknown-value-77'}",
        "password=unknown-value-77",
    ],
)
def test_secret_shapes_in_text_are_redacted(log: Log, text: str) -> None:
    logger.info(text)
    written = log.text()
    assert "unknown-value-77" not in written
    assert REDACTED in written


def test_harmless_words_stay(log: Log) -> None:
    logger.info("counted", extra={"max_tokens": 800, "signed": True, "url": "http://h/media/a.mp4?exp=17"})
    (line,) = log.lines()
    assert (line["max_tokens"], line["signed"], line["url"]) == (800, True, "http://h/media/a.mp4?exp=17")


def test_levels_below_are_dropped(log: Log) -> None:
    logger.debug("detail")
    logger.warning("noted")
    assert [line["message"] for line in log.lines()] == ["noted"]


class StuckStream(io.StringIO):
    """A stream whose writes wait until released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        self.released.wait(30)
        return super().write(text)


def test_a_stuck_stream_does_not_block_the_caller() -> None:
    stream = StuckStream()
    stop = configure_logging("WARNING", stream)
    caller = threading.Thread(target=lambda: [logger.warning("line") for _ in range(1000)], daemon=True)
    caller.start()
    caller.join(20)
    blocked = caller.is_alive()
    stream.released.set()
    stop()
    assert not blocked
    assert len(stream.getvalue().splitlines()) == 1000


def test_a_file_target_is_made_and_a_second_call_replaces_the_first(tmp_path: Path) -> None:
    first, second = tmp_path / "logs" / "a.jsonl", tmp_path / "logs" / "b.jsonl"
    configure_logging("WARNING", first)
    logger.warning("one")
    stop = configure_logging("WARNING", second)
    logger.warning("two")
    stop()
    stop()
    assert [json.loads(first.read_text())["message"], json.loads(second.read_text())["message"]] == ["one", "two"]
