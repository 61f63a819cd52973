"""Addresses of stored media that this server answers itself, signed and good for a day.

Built by app/storage/objects.py; checked by app/api/routes/media.py. Tests: tests/test_contracts/test_links.py
"""

from __future__ import annotations

import time
from urllib.parse import quote, urlencode

from app.core.security import sign_media

LASTS_S = 24 * 3600
_STEP_S = 3600


def hour_of(now: float) -> int:
    """Return the Unix second in which the hour of `now` began."""
    return int(now) - int(now) % _STEP_S


class SignedLinks:
    """Links port over `/media/{key}?exp=&sig=&d=`.

    An hour's addresses of one object are the same, so that browsers can keep what they loaded.

    Args:
        base_url: Address users reach the server at, without a trailing slash.
        secret: The installation's secret.
    """

    def __init__(self, base_url: str, secret: bytes) -> None:
        self._base_url = base_url
        self._secret = secret

    async def url(self, key: str, *, download: str | None = None) -> str:
        """See ports.links.Links."""
        expires_at = hour_of(time.time()) + LASTS_S
        disposition = download or ""
        query = {"exp": str(expires_at), "sig": sign_media(self._secret, key, expires_at, disposition)}
        if disposition:
            query["d"] = disposition
        return f"{self._base_url}/media/{quote(key)}?{urlencode(query)}"
