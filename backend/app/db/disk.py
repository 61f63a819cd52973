"""Room on the disk: refused when there is none, and a database's own words for it turned into ours.

Called by app/container.py. Tests: tests/test_integration/test_full_disk.py
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.core.errors import StorageError
from app.core.settings import Settings
from app.db.session import unwritable

_LEAST_FREE_BYTES = 48 * 2**20


@asynccontextmanager
async def full_disk_said(settings: Settings) -> AsyncIterator[None]:
    """Turn the database's own words for a full disk into ours. Raises StorageError."""
    try:
        yield
    except (OperationalError, BaseExceptionGroup) as error:
        cause = _disk_error(error)
        if cause is None:
            raise
        raise StorageError(
            f"The disk under {settings.home_path} is full or failing ({cause.orig}).",
            hint="Free some space or set ADMINT_HOME to another disk, then resume: nothing is lost.",
        ) from error


def _disk_error(error: BaseException) -> OperationalError | None:
    """Return the database's complaint of a full disk in an error or a group of them."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := _disk_error(each))), None)
    return error if isinstance(error, OperationalError) and unwritable(error) else None


def require_space(home: Path) -> None:
    """Refuse to start on a disk that is all but full. Raises StorageError."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
    except OSError as error:
        raise StorageError(f"Can't use {home}: {error.strerror}.", hint="Set ADMINT_HOME to another folder.") from error
    if free < _LEAST_FREE_BYTES:
        raise StorageError(
            f"Only {free / 2**20:.0f} MB are free under {home}; an ad needs at least {_LEAST_FREE_BYTES // 2**20} MB.",
            hint="Free some space or set ADMINT_HOME to another disk.",
        )
