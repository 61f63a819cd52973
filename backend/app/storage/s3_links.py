"""Addresses of stored media that a bucket answers itself, signed and good for a day.

Built by app/storage/objects.py. Tests: tests/test_contracts/test_links.py
"""

from __future__ import annotations

import time
from urllib.parse import quote

from app.storage.links import LASTS_S, hour_of
from app.storage.rules import checked
from app.storage.s3_signing import Bucket, presigned


class S3Links:
    """Links port over a bucket; its servers need not be public, only reachable by those who look.

    An hour's addresses of one object are the same, so that browsers can keep what they loaded.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def url(self, key: str, *, download: str | None = None) -> str:
        """See ports.links.Links."""
        extra = {"response-content-disposition": _attachment(download)} if download else None
        return presigned(self._bucket, checked(key), at=hour_of(time.time()), lasts_s=LASTS_S, extra=extra)


def _attachment(name: str) -> str:
    quoted = quote(name, safe="")
    return f'attachment; filename="{name}"' if quoted == name else f"attachment; filename*=UTF-8''{quoted}"
