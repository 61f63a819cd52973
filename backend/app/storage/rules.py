"""What holds for every store: which keys there are, and what a full disk is called.

Called by local.py and s3.py. Tests: tests/test_contracts/test_storage.py
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

from app.core.errors import InvalidInput, StorageError

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def is_key(key: str) -> bool:
    """True for a key that AdMint may have made."""
    return _KEY.fullmatch(key) is not None


def checked(key: str) -> str:
    """Return the key. Raises InvalidInput for one that could leave the store."""
    if not is_key(key):
        raise InvalidInput(f"{key!r} is not a storage key.", hint="Keys are made by AdMint; do not edit them.")
    return key


def disk_error(error: OSError, folder: Path) -> StorageError:
    """Return our words for a disk that refused to write under `folder`."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StorageError(
            f"The disk under {folder} is full.",
            hint="Free some space or set ADMINT_HOME to another disk, then run `admint resume`: nothing is lost.",
        )
    return StorageError(f"Can't write to {folder}: {error.strerror}.", hint="Check ADMINT_HOME and its permissions.")
