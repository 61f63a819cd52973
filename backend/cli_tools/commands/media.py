"""`admint media upload`. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from app.core.settings import Settings


def run(style: Format) -> int:
    """Copy this machine's media to the bucket. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _upload(screen))


def _upload(screen: Screen) -> int:
    from app.core.settings import load_settings

    settings = load_settings()
    sent, there = asyncio.run(_counted(settings))
    screen.document({"bucket": settings.s3_bucket, "sent": sent, "there_already": there})
    screen.say(f"{sent} files were sent to the bucket {settings.s3_bucket}; {there} were there already.")
    screen.say(f"The files in {settings.media_path} are still there; delete them when you like.")
    return 0


async def _counted(settings: Settings) -> tuple[int, int]:
    from app.core.security import signing_secret
    from app.services.media.s3_uploader import S3Uploader
    from app.storage.local import LocalStorage
    from app.storage.objects import build_links, build_storage, s3_bucket

    s3_bucket(settings)  # refuses to go on without one
    uploader = S3Uploader(build_storage(settings), build_links(settings, signing_secret(settings)))
    done = [each.sent async for each in uploader.upload_all(LocalStorage(settings.media_path))]
    return sum(done), len(done) - sum(done)
