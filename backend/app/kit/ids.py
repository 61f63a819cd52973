"""Identifiers: time-ordered UUIDs and content digests. Knows nothing of ads.

Tests: tests/test_kit/test_ids.py
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid


def new_id() -> str:
    """Return a UUIDv7 string (36 characters): sorts by creation time."""
    millis = time.time_ns() // 1_000_000
    raw = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def digest(value: object) -> str:
    """Return the SHA-256 (hex, 64 characters) of any JSON-able value; key order does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seed_from(*parts: object) -> int:
    """Return a stable 32-bit seed made of any JSON-able parts."""
    return int(digest(list(parts))[:8], 16)
