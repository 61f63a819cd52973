"""What AdMint stores, by the suffix of its name.

Called by api/routes/media.py and services/media/s3_uploader.py. Tests: tests/test_services/test_s3_uploader.py
"""

from __future__ import annotations

from pathlib import PurePosixPath

BYTES = "application/octet-stream"
MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".vtt": "text/vtt; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
}
"""Anything else goes out as bytes to save."""


def media_type(name: str) -> str:
    """Return the content type of a file name or storage key."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), BYTES)
