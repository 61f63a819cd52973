"""The files VBench loads: all there, and the very ones they were. Nothing is ever downloaded.

A file whose hash upstream publishes must have it. The others are hashed when they are first seen, into `LOCK` beside
them, and must stay as they were. Called by adapter.py and readiness.py.
Tests: tests/test_providers/test_scoring_vbench/test_weights.py
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.core.errors import ConfigError
from app.providers.scoring_vbench.book import WeightFile

LOCK = "admint-weights.json"
_PAGE = "docs/how-to/use-vbench.md"
_HASHES = TypeAdapter(dict[str, str])


def verify(folder: Path, files: dict[str, WeightFile]) -> dict[str, str]:
    """Return the sha256 of each file that was recorded just now, empty when all were known.

    Reads every file in full, two gigabytes, but in one process each only once, as long as it looks untouched.

    Args:
        folder: The weights folder.
        files: What is needed, by path below it.

    Raises:
        ConfigError: A file is missing, is another one than upstream's or than the recorded one, or can't be read.
    """
    missing = [path for path in files if not (folder / path).is_file()]
    if missing:
        raise ConfigError(
            f"{len(missing)} of VBench's {len(files)} files are not in {folder}: {_some(missing)}.",
            hint=f"{_PAGE} says where each comes from; AdMint downloads none.",
        )
    known, new = _recorded(folder), {}
    for path, file in files.items():
        found = _sha256(folder / path)
        expected = file.sha256 or known.get(path)
        if expected is None:
            new[path] = found
        elif found != expected:
            raise _changed(folder / path, found, expected, published=file.sha256 is not None)
    if new:
        _record(folder, known | new)
    return new


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:2]) + (f" and {len(paths) - 2} more" if len(paths) > 2 else "")


def _changed(path: Path, found: str, expected: str, *, published: bool) -> ConfigError:
    if published:
        what = f"{path} is not the published file: its sha256 is {found[:12]}..., not {expected[:12]}..."
        return ConfigError(what, hint=f"Put the file there that {_PAGE} names.")
    what = f"{path} has changed: its sha256 is {found[:12]}..., and was {expected[:12]}... when first seen."
    return ConfigError(what, hint=f"Put the old one back; or, if you trust this one, take it out of {LOCK}.")


def _sha256(path: Path) -> str:
    try:
        about = path.stat()
        return _hash(path, (about.st_ino, about.st_size, about.st_mtime_ns))
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.", hint="Give AdMint the right to.") from error


@lru_cache(maxsize=64)
def _hash(path: Path, _looks: tuple[int, int, int]) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _recorded(folder: Path) -> dict[str, str]:
    try:
        return _HASHES.validate_json((folder / LOCK).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        hint = "Mend it; without it nobody can say whether the weights are the ones they were."
        raise ConfigError(f"{folder / LOCK} can't be read.", hint=hint) from error


def _record(folder: Path, hashes: dict[str, str]) -> None:
    """Write the lock in one go, so that a reader never sees half of it."""
    half = folder / f".{LOCK}.{os.getpid()}"
    try:
        half.write_text(json.dumps(dict(sorted(hashes.items())), indent=2) + "\n", encoding="utf-8")
        half.replace(folder / LOCK)
    except OSError as error:
        hint = "Let AdMint write there once, so that it can see later whether a file has changed."
        raise ConfigError(f"{folder / LOCK} can't be written: {error.strerror}.", hint=hint) from error
