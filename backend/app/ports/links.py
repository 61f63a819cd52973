"""Addresses a client can read stored media at, for a day. Keys stay inside; addresses are made when they are read.

Adapters: app/storage/links.py (this server's own signed addresses), app/storage/s3_links.py (a bucket's).
Suite: tests/test_contracts/test_links.py.
"""

from __future__ import annotations

from typing import Protocol


class Links(Protocol):
    """Storage keys in, signed addresses out."""

    async def url(self, key: str, *, download: str | None = None) -> str:
        """Return an address for `key` that ends within 24 hours; with `download` it saves under that file name."""
