"""Into a bucket: a file with its type and an address for a day, a whole folder once, a byte there and back.

Against servers over HTTP; what is tried again is in tests/test_storage/test_s3.py.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from app.core.errors import StorageError
from app.kit.media_types import BYTES, media_type
from app.services.media.s3_uploader import S3Uploader
from app.storage.local import LocalStorage
from app.storage.objects import build_links, build_storage
from tests.fixtures.s3 import Fault, FaultyProxy, S3Server

SECRET = b"0123456789abcdef0123456789abcdef"


def uploader(server: S3Server, folder: Path) -> S3Uploader:
    settings = server.settings(folder)
    return S3Uploader(build_storage(settings), build_links(settings, SECRET))


@pytest.mark.ac("AC-2.6")
@pytest.mark.parametrize("name", ["moto", "rclone"])
async def test_a_file_arrives_and_opens_for_a_stranger(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    server: S3Server = request.getfixturevalue(f"{name}_server").with_new_bucket()
    clip = tmp_path / "scene 1 ü.mp4"
    clip.write_bytes(b"film")
    address = await uploader(server, tmp_path).upload(clip, "a/scene-1.mp4")
    async with httpx.AsyncClient(trust_env=False) as stranger:
        answer = await stranger.get(address)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"film", "video/mp4")


async def test_a_folder_is_sent_once_and_goes_on_where_it_stopped(
    faulty_moto: tuple[FaultyProxy, S3Server], tmp_path: Path
) -> None:
    proxy, server = faulty_moto
    local = LocalStorage(tmp_path / "media")
    for key in ("a/1.png", "a/2.mp4", "b/3.json"):
        await local.put_bytes(key, key.encode(), media_type(key))
    proxy.faults += [Fault(), Fault(), Fault(), Fault(status=403)]  # the second file is refused
    with pytest.raises(StorageError):
        _ = [each async for each in uploader(server, tmp_path).upload_all(local)]
    again = [(each.key, each.sent) async for each in uploader(server, tmp_path).upload_all(local)]
    assert again == [("a/1.png", False), ("a/2.mp4", True), ("b/3.json", True)]
    bucket = build_storage(server.settings(tmp_path))
    assert [await bucket.read_bytes(key) async for key in bucket.keys("")] == [b"a/1.png", b"a/2.mp4", b"b/3.json"]


async def test_a_check_leaves_nothing_and_tells_a_link_that_does_not_open(
    faulty_moto: tuple[FaultyProxy, S3Server], tmp_path: Path
) -> None:
    proxy, server = faulty_moto
    bucket = build_storage(server.settings(tmp_path))
    await uploader(server, tmp_path).check()
    proxy.faults += [Fault(), Fault(status=403)]
    with pytest.raises(StorageError, match=r"does not open \(403\)") as caught:
        await uploader(server, tmp_path).check()
    assert "S3_REGION" in caught.value.hint
    assert [key async for key in bucket.keys("")] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("final.MP4", "video/mp4"),
        ("a/b.jpeg", "image/jpeg"),
        ("x.html", BYTES),
        ("y", BYTES),
    ],
)
def test_a_type_follows_from_the_name(name: str, kind: str) -> None:
    assert media_type(name) == kind
