"""One suite over every storage adapter: whole or not at all, clear errors, no way out of the store."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from app.core.errors import InvalidInput, NotFound, StorageError
from app.ports.storage import Storage
from app.storage.local import LocalStorage
from app.storage.objects import build_storage
from tests.fixtures.s3 import S3Server


@pytest.fixture(params=["local", "moto", "rclone"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "media")
    server: S3Server = request.getfixturevalue(f"{request.param}_server")
    return build_storage(server.with_new_bucket().settings(tmp_path))


@pytest.mark.ac("AC-2.6")
async def test_what_is_put_can_be_read_sized_listed_and_deleted(storage: Storage, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    content = os.urandom(12_000_000)
    source.write_bytes(content)
    await storage.put_file("generations/g/clips/scene-1.mp4", source, "video/mp4")
    await storage.put_bytes("generations/g/references/a.png", b"png", "image/png")
    assert await storage.size("generations/g/clips/scene-1.mp4") == 12_000_000
    assert await storage.read_bytes("generations/g/references/a.png") == b"png"
    assert [key async for key in storage.keys("generations/g/")] == [
        "generations/g/clips/scene-1.mp4",
        "generations/g/references/a.png",
    ]
    assert [key async for key in storage.keys("generations/g/clips/scene")] == ["generations/g/clips/scene-1.mp4"]
    async with storage.local_copy("generations/g/clips/scene-1.mp4") as path:
        assert path.suffix == ".mp4"
        assert path.read_bytes() == content
    await storage.delete("generations/g/references/a.png")
    await storage.delete("generations/g/references/a.png")
    assert not await storage.exists("generations/g/references/a.png")


async def test_putting_again_replaces(storage: Storage) -> None:
    await storage.put_bytes("a/b.txt", b"one", "text/plain")
    await storage.put_bytes("a/b.txt", b"two", "text/plain")
    assert await storage.read_bytes("a/b.txt") == b"two"


async def test_a_missing_object_is_said_by_its_key(storage: Storage) -> None:
    with pytest.raises(NotFound, match=r"a/none\.txt"):
        await storage.read_bytes("a/none.txt")
    with pytest.raises(NotFound, match=r"a/none\.txt"):
        async with storage.local_copy("a/none.txt"):
            raise AssertionError("nothing to copy")


@pytest.mark.parametrize(
    "key", ["../x", "/etc/passwd", "a/../../x", "a//b", "", "a/.hidden", "a\x00b", "a/b/", "ä", "a b.png"]
)
async def test_a_key_can_never_leave_the_store(storage: Storage, key: str) -> None:
    with pytest.raises(InvalidInput):
        await storage.put_bytes(key, b"x", "text/plain")


async def test_a_full_disk_leaves_nothing_behind_and_says_what_to_do(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "media")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    await storage.put_bytes("a/before.bin", b"kept", "application/octet-stream")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(StorageError, match="full") as caught:
            await storage.put_bytes("a/big.bin", b"x" * 2_000_000, "application/octet-stream")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "ADMINT_HOME" in caught.value.hint
    assert not await storage.exists("a/big.bin")
    assert [path.name for path in (tmp_path / "media").rglob("*") if path.is_file()] == ["before.bin"]
