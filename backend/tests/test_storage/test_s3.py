"""A bucket when things go wrong: what is tried again, what is said, what is never said."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from pathlib import Path

import httpx
import pytest

from app.core.errors import NotFound, StorageError
from app.storage.objects import build_storage, s3_bucket
from app.storage.s3 import RETRIES, S3Storage
from app.storage.s3_signing import presigned
from tests.fixtures.s3 import ACCESS_KEY, SECRET_KEY, Fault, FaultyProxy, S3Server, start_moto

FILM = os.urandom((10 << 20) + 1000)
Faulty = tuple[FaultyProxy, S3Server]


def quick(server: S3Server, folder: Path, **changes: str) -> S3Storage:
    """The store with pauses short enough for tests."""
    return S3Storage(s3_bucket(server.settings(folder, **changes)), folder / "work", first_pause_s=0.01)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A file of three parts."""
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path


def puts(proxy: FaultyProxy) -> int:
    return sum(each.startswith("PUT ") for each in proxy.seen)


@pytest.mark.ac("AC-2.6")
@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_upload_that_fails_twice_arrives(faulty_moto: Faulty, tmp_path: Path, status: int) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    proxy.faults += [Fault(status=status), Fault(status=status)]
    await storage.put_bytes("a/b.png", b"png", "image/png")
    assert puts(proxy) == 3
    assert await storage.read_bytes("a/b.png") == b"png"


async def test_a_server_that_never_recovers_is_given_up_after_three_repetitions(
    faulty_moto: Faulty, tmp_path: Path
) -> None:
    proxy, server = faulty_moto
    proxy.faults += [Fault(status=500) for _ in range(20)]
    with pytest.raises(StorageError, match=r"failed \(500\)") as caught:
        await quick(server, tmp_path).put_bytes("a/b.png", b"png", "image/png")
    assert puts(proxy) == 1 + RETRIES
    assert "admint resume" in caught.value.hint


async def test_every_part_of_a_film_may_fail(faulty_moto: Faulty, tmp_path: Path, film: Path) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    proxy.faults += [
        Fault(status=500, method="POST", query="uploads"),
        Fault(cut_request=100_000, query="partNumber=2"),
        Fault(status=503, query="partNumber=3"),
        Fault(cut_answer=0, query="partNumber=1"),
        Fault(status=500, method="POST", query="?uploadId"),
        Fault(cut_answer=0, method="POST", query="?uploadId"),
    ]
    await storage.put_file("a/film.mp4", film, "video/mp4")
    assert proxy.faults == []
    async with storage.local_copy("a/film.mp4") as copy:
        assert copy.read_bytes() == FILM


async def test_a_film_cut_off_for_good_leaves_nothing(faulty_moto: Faulty, tmp_path: Path, film: Path) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    await storage.put_bytes("a/film.mp4", b"the one before", "video/mp4")
    proxy.faults += [Fault(cut_request=1000, query="partNumber=2") for _ in range(1 + RETRIES)]
    with pytest.raises(StorageError, match="can't be reached"):
        await storage.put_file("a/film.mp4", film, "video/mp4")
    assert await storage.read_bytes("a/film.mp4") == b"the one before"
    assert any(each.startswith("DELETE") and "uploadId" in each for each in proxy.seen)
    unfinished = presigned(
        s3_bucket(server.settings(tmp_path)), "", at=int(time.time()), lasts_s=60, extra={"uploads": ""}
    )
    listed = await asyncio.to_thread(httpx.get, unfinished, trust_env=False)
    assert listed.status_code == 200
    assert "<UploadId>" not in listed.text


async def test_an_upload_the_server_forgot_is_sent_again(faulty_moto: Faulty, tmp_path: Path, film: Path) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    forgot = "<Error><Code>NoSuchUpload</Code></Error>"
    proxy.faults += [Fault(status=404, method="POST", query="?uploadId", body=forgot)]
    await storage.put_file("a/film.mp4", film, "video/mp4")
    assert sum("uploads" in each for each in proxy.seen) == 2
    assert await storage.size("a/film.mp4") == len(FILM)


async def test_a_download_goes_on_where_it_was_cut(faulty_moto: Faulty, tmp_path: Path, film: Path) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    await storage.put_file("a/film.mp4", film, "video/mp4")
    proxy.faults += [Fault(status=500), Fault(cut_answer=3_000_000), Fault(cut_answer=3_000_000)]
    async with storage.local_copy("a/film.mp4") as copy:
        assert copy.read_bytes() == FILM
    assert proxy.faults == []


async def test_a_copy_is_gone_after_use_and_after_a_failure(faulty_moto: Faulty, tmp_path: Path, film: Path) -> None:
    proxy, server = faulty_moto
    storage = quick(server, tmp_path)
    await storage.put_file("a/film.mp4", film, "video/mp4")
    async with storage.local_copy("a/film.mp4") as copy:
        assert copy.parent == tmp_path / "work" / "copies"
    proxy.faults += [Fault(cut_answer=3_000_000)] + [Fault(status=500) for _ in range(20)]
    with pytest.raises(StorageError):
        async with storage.local_copy("a/film.mp4"):
            raise AssertionError("there is no whole copy")
    proxy.faults.clear()
    with pytest.raises(NotFound):
        async with storage.local_copy("a/none.mp4"):
            raise AssertionError("nothing to copy")
    assert list((tmp_path / "work" / "copies").iterdir()) == []


async def test_a_copy_that_a_killed_process_left_goes_after_a_day(moto_server: S3Server, tmp_path: Path) -> None:
    storage = quick(moto_server.with_new_bucket(), tmp_path)
    await storage.put_bytes("a.png", b"png", "image/png")
    copies = tmp_path / "work" / "copies"
    copies.mkdir(parents=True)
    for name, hours in (("left", 25), ("in-use", 23)):
        (copies / name).touch()
        os.utime(copies / name, (0, time.time() - hours * 3600))
    async with storage.local_copy("a.png") as copy:
        assert set(copies.iterdir()) == {copy, copies / "in-use"}


async def test_a_wrong_key_names_the_variables(rclone_server: S3Server, tmp_path: Path) -> None:
    server = rclone_server.with_new_bucket()
    storage = quick(server, tmp_path, S3_SECRET_ACCESS_KEY="canary-but-another-one")
    for attempt in (
        storage.put_bytes("a.png", b"x", "image/png"),
        storage.read_bytes("a.png"),
        storage.exists("a.png"),
    ):
        with pytest.raises(StorageError, match="refused our key") as caught:
            await attempt
        assert "S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY" in caught.value.hint
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["moto", "rclone"])
async def test_a_missing_bucket_is_said_by_name(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    server: S3Server = request.getfixturevalue(f"{name}_server")
    storage = quick(server, tmp_path, S3_BUCKET="not-made-yet")
    for attempt in (storage.put_bytes("a.png", b"x", "image/png"), storage.read_bytes("a.png")):
        with pytest.raises(StorageError, match="There is no bucket not-made-yet") as caught:
            await attempt
        assert "S3_BUCKET" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "code", "says", "hint"),
    [
        (301, "PermanentRedirect", "is not at", "S3_REGION"),
        (400, "AuthorizationHeaderMalformed", "refused our key", "S3_REGION"),
        (403, "RequestTimeTooSkewed", "clock", "Set the clock"),
        (403, "InvalidAccessKeyId", "refused our key", "S3_ACCESS_KEY_ID"),
        (507, "XMinioStorageFull", "XMinioStorageFull", "admint resume"),
    ],
)
async def test_what_servers_say_becomes_a_next_step(
    faulty_moto: Faulty, tmp_path: Path, status: int, code: str, says: str, hint: str
) -> None:
    proxy, server = faulty_moto
    body = f"<Error><Code>{code}</Code><AWSAccessKeyId>{ACCESS_KEY}</AWSAccessKeyId></Error>"
    proxy.faults += [Fault(status=status, body=body) for _ in range(1 + RETRIES)]
    with pytest.raises(StorageError, match=says) as caught:
        await quick(server, tmp_path).put_bytes("a.png", b"x", "image/png")
    assert hint in caught.value.hint
    assert ACCESS_KEY not in str(caught.value)
    # Tracebacks are logged whole, and the client's error quotes the answer.
    assert ACCESS_KEY not in "".join(traceback.format_exception(caught.value))


async def test_a_server_that_is_down_is_said(tmp_path: Path) -> None:
    process, server = start_moto()
    try:
        storage = quick(server.with_new_bucket(), tmp_path)
        await storage.put_bytes("a.png", b"x", "image/png")
        process.kill()
        for attempt in (storage.put_bytes("b.png", b"x", "image/png"), storage.read_bytes("a.png")):
            with pytest.raises(StorageError, match="can't be reached") as caught:
                await attempt
            assert "S3_ENDPOINT_URL" in caught.value.hint
    finally:
        process.close()


async def test_variables_meant_for_aws_tools_change_nothing(
    rclone_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "AWS_ACCESS_KEY_ID": "another",
        "AWS_SECRET_ACCESS_KEY": "another",
        "AWS_SESSION_TOKEN": "another",
        "AWS_REGION": "eu-west-9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_BUCKET": "another",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    storage = build_storage(rclone_server.with_new_bucket().settings(tmp_path))
    await storage.put_bytes("a.png", b"png", "image/png")
    assert await storage.read_bytes("a.png") == b"png"


async def test_a_prefix_keeps_to_its_folder(moto_server: S3Server, tmp_path: Path) -> None:
    server = moto_server.with_new_bucket()
    whole, ours = quick(server, tmp_path), quick(server, tmp_path, S3_PREFIX="teams/ads/")
    await whole.put_bytes("other.txt", b"theirs", "text/plain")
    await ours.put_bytes("a.png", b"png", "image/png")
    assert [key async for key in ours.keys("")] == ["a.png"]
    assert [key async for key in whole.keys("")] == ["other.txt", "teams/ads/a.png"]


def test_a_secret_is_in_no_representation(moto_server: S3Server, tmp_path: Path) -> None:
    settings = moto_server.settings(tmp_path, S3_BUCKET="films")
    for thing in (settings, s3_bucket(settings), build_storage(settings)):
        assert SECRET_KEY not in repr(thing)
