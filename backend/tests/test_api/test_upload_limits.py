"""Uploads over their limits: stopped while they come in, without filling memory or leaving files."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fixtures.server import Person, Served
from tests.test_api.test_assets import FORM, MB, PHOTO, head, me, refused, served, stored, upload

__all__ = ["me", "served"]
CHUNK = bytes(64 * 1024)


async def large(*sizes: int) -> AsyncIterator[bytes]:
    """A form of files of these sizes, piece by piece, its length not announced."""
    for number, size in enumerate(sizes):
        yield head(f"{number}.png")
        for begin in range(0, size, len(CHUNK)):
            yield CHUNK[: size - begin]
        yield b"\r\n"
    yield b"--limit--\r\n"


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of temporary files, of which none is open any more after the test."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert spooled(folder) == 0


def spooled(folder: Path) -> int:
    """How many temporary files this process holds open; they have no name in the folder."""
    count = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(descriptor.readlink()).startswith(f"{folder}/")
    return count


async def test_an_upload_over_a_limit_is_stopped_without_filling_memory(
    served: Served, me: Person, spool: Path
) -> None:
    too_large = {"over 10 MB": [[10 * MB + 1], [1, 0, 100 * MB]], "50 MB together": [[9 * MB] * 6]}
    for words, sizes in ((words, sizes) for words, cases in too_large.items() for sizes in cases):
        tracemalloc.start()
        try:
            async with contextlib.aclosing(large(*sizes)) as body:
                response = await me.client.post("/api/assets/upload", content=body, headers=FORM)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert words in refused(response, 413)["message"]
        assert peak < 20 * MB
        assert spooled(spool) == 0
    assert await stored(served) == []
    assert len(await upload(me, PHOTO)) == 1


async def _until_answered(served: Served, me: Person, announced: str, pieces: AsyncIterator[bytes]) -> tuple[int, str]:
    """Send pieces until an answer comes; return how many bytes went out and its first line and body."""
    address = urlsplit(served.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"POST /api/assets/upload HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {me.token}\r\n"
        f"Content-Type: {FORM['Content-Type']}\r\n{announced}\r\n\r\n".encode()
    )
    answer = asyncio.ensure_future(reader.read(MB))
    sent = 0
    async for piece in pieces:
        if answer.done():
            break
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in announced else piece)
        await writer.drain()
        await asyncio.sleep(0)
        sent += len(piece)
    async with asyncio.timeout(20):
        text = (await answer).decode()
    writer.close()
    return sent, text


async def test_the_answer_comes_while_the_rest_is_still_on_its_way(served: Served, me: Person, spool: Path) -> None:
    async with contextlib.aclosing(large(200 * MB)) as body:
        sent, answer = await _until_answered(served, me, "Transfer-Encoding: chunked", body)
    assert answer.startswith("HTTP/1.1 413")
    assert json.loads(answer.partition("\r\n\r\n")[2])["error"]["code"] == "too_large"
    assert 10 * MB < sent < 30 * MB


async def test_a_length_over_the_limit_is_refused_before_anything_is_read(served: Served, me: Person) -> None:
    async with contextlib.aclosing(large()) as body:
        sent, answer = await _until_answered(served, me, f"Content-Length: {10**10}", body)
    assert answer.startswith("HTTP/1.1 413")
    assert sent < 100


async def test_a_client_that_goes_away_leaves_nothing(served: Served, me: Person, spool: Path) -> None:
    address = urlsplit(served.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"POST /api/assets/upload HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {me.token}\r\n"
        f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: {3 * MB}\r\n\r\n".encode()
    )
    writer.write(head("a.png") + bytes(2 * MB))
    async with asyncio.timeout(20):
        while spooled(spool) == 0:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0.01)
        writer.close()
        while spooled(spool) > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(await upload(me, PHOTO)) == 1
    assert len(await stored(served)) == 2
