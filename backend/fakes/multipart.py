"""Reads a multipart form from a request's bytes.

Called by fakes/replicate.py for uploads. Tests: tests/test_fakes/test_replicate.py.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fakes.script import Call


@dataclass(frozen=True)
class Part:
    """One field of a form."""

    content: bytes
    file_name: str = "file"
    content_type: str = "application/octet-stream"


async def read_form(call: Call) -> dict[str, Part] | None:
    """Return the fields by name; null when the body is no multipart form."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield call.body
        yield b""

    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    try:
        form = await MultiPartParser(Headers(dict(call.headers)), pieces()).parse()
    except MultiPartException:
        return None
    parts: dict[str, Part] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            kind = value.content_type or Part.content_type
            parts[name] = Part(await value.read(), value.filename or Part.file_name, kind)
        else:
            parts[name] = Part(value.encode())
    await form.close()
    return parts
