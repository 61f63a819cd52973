"""Downloads of the command line: from whoever a signed address names, who learns nothing of us."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.core.errors import StorageError
from cli_tools.door import Door
from cli_tools.remote_api import RemoteApi


async def test_our_token_stays_with_our_server(tmp_path: Path) -> None:
    heads: list[bytes] = []

    async def bucket(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfilm")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(bucket, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with RemoteApi(Door("http://127.0.0.1:9", "canary-token")) as api:
            await api.fetch(f"http://127.0.0.1:{port}/films/final.mp4?X-Amz-Signature=1", tmp_path / "final.mp4")
    assert (tmp_path / "final.mp4").read_bytes() == b"film"
    assert b"canary-token" not in heads[0]
    assert b"authorization" not in heads[0].lower()


async def test_a_bucket_out_of_reach_is_named_without_the_address(tmp_path: Path) -> None:
    async with RemoteApi(Door("http://127.0.0.1:8000", "canary-token")) as api:
        with pytest.raises(StorageError, match=r"127\.0\.0\.1:9 can't be fetched") as caught:
            await api.fetch("http://127.0.0.1:9/films/final.mp4?X-Amz-Signature=canary", tmp_path / "final.mp4")
    assert "canary" not in str(caught.value)
    assert not (tmp_path / "final.mp4").exists()
