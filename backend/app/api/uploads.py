"""Reading an upload: counted while it comes in, files on disk, never a whole body in memory.

Called by routes/assets.py. Tests: tests/test_api/test_upload_limits.py, tests/test_api/test_assets.py
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, NamedTuple

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from app.core.errors import InvalidInput, StorageError, TooLarge
from app.services.media.asset_library import MAX_FILE_BYTES, MAX_IMAGES, MAX_TOTAL_BYTES, Upload

_FORM_BYTES = 2**16
_MAX_FIELDS = 32
_CHARSETS = frozenset({b"utf-8", b"utf8", b"us-ascii"})
_HINT = (
    f"Send multipart/form-data: 1 to {MAX_IMAGES} images as `files`, the `kind` (product, logo or character) "
    "and `tags` if you like."
)


class Form(NamedTuple):
    """A form as it came in: every file and every text with its field's name, in order."""

    files: list[tuple[str, Upload]]
    texts: list[tuple[str, str]]


@asynccontextmanager
async def read_form(request: Request) -> AsyncGenerator[Form, None]:
    """Read a multipart body; its files are on disk until the block ends.

    Raises:
        TooLarge: A file passes 10 MB, or all of them 50 MB; the rest was not read.
        InvalidInput: It is not a form, broken, cut short, or has too many parts.
        StorageError: The disk is full.
    """
    _check_header(request)
    async with aclosing(_counted(request)) as stream:
        parser = _LimitedParser(
            request.headers, stream, max_files=MAX_IMAGES, max_fields=_MAX_FIELDS, max_part_size=_FORM_BYTES
        )
        form = await _parsed(parser)
    try:
        parts = form.multi_items()
        files = [
            (name, Upload(part.filename or "", _reader(part))) for name, part in parts if not isinstance(part, str)
        ]
        yield Form(files, [(name, part) for name, part in parts if isinstance(part, str)])
    finally:
        await form.close()


class _LimitedParser(MultiPartParser):
    """Starlette's parser, with a limit on each file and on all of them."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **limits)
        self._file_bytes = self._all_bytes = 0
        self._ended = False

    async def parse(self) -> FormData:
        """See the parser; a form without its last boundary is refused, and its unfinished file closed."""
        form = await super().parse()
        if not self._ended:
            for file in self._files_to_close_on_error:
                file.close()
            raise MultiPartException("It is cut short.")
        return form

    def on_end(self) -> None:
        super().on_end()
        self._ended = True

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._file_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._current_part.file
        if part is not None:
            self._file_bytes += end - start
            self._all_bytes += end - start
            if self._file_bytes > MAX_FILE_BYTES:
                raise _file_too_large()
            if self._all_bytes > MAX_TOTAL_BYTES:
                raise _form_too_large()
        super().on_part_data(data, start, end)


def _check_header(request: Request) -> None:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise InvalidInput("The upload is not a form.", hint=_HINT)
    # Other character sets make Python's decoders fail in ways the parser does not expect.
    if options.get(b"charset", b"utf-8").lower() not in _CHARSETS:
        raise InvalidInput("The form's character set is not UTF-8.", hint=_HINT)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_TOTAL_BYTES + _FORM_BYTES * _MAX_FIELDS:
        raise _form_too_large()


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, up to what files and texts together may have: also what is outside of any part counts."""
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > MAX_TOTAL_BYTES + _FORM_BYTES * _MAX_FIELDS:
            raise _form_too_large()
        yield chunk


async def _parsed(parser: MultiPartParser) -> FormData:
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise InvalidInput(f"The upload can't be read: {error.message}", hint=_HINT) from error
    except ClientDisconnect as error:
        raise InvalidInput("The upload stopped before its end.", hint="Send it again.") from error
    except OSError as error:
        raise StorageError(
            f"The upload can't be put on disk: {error.strerror}.", hint="Free some space in the temporary folder."
        ) from error


def _reader(part: UploadFile) -> Callable[[], Awaitable[bytes]]:
    async def read() -> bytes:
        await part.seek(0)
        return await part.read()

    return read


def _file_too_large() -> TooLarge:
    return TooLarge(
        f"An image is over {MAX_FILE_BYTES // 2**20} MB.",
        hint="Save a smaller copy, for example a JPEG with a long side of 2048 pixels.",
    )


def _form_too_large() -> TooLarge:
    return TooLarge(
        f"The images are over {MAX_TOTAL_BYTES // 2**20} MB together.", hint="Upload them in several goes, or smaller."
    )
