"""The repository as the house tests see it: our files and parsed sources. No git needed, so it runs in an export."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BACKEND = REPOSITORY / "backend"


def ignored() -> frozenset[str]:
    """Folder names and relative folder paths that .gitignore leaves out."""
    lines = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    return frozenset({".git", *(line.strip("/") for line in lines if line.endswith("/"))})


@cache
def our_files() -> tuple[Path, ...]:
    """Every file of the repository that is not ignored, relative to its root, sorted."""
    return tuple(sorted(_walk()))


def _walk() -> Iterator[Path]:
    left_out = ignored()
    for folder, children, names in os.walk(REPOSITORY):
        here = Path(folder).relative_to(REPOSITORY)
        if ".admint-run.json" in names:  # somebody's ad, made in the checkout as the README shows
            children.clear()
            continue
        children[:] = [name for name in children if name not in left_out and (here / name).as_posix() not in left_out]
        yield from (here / name for name in names if not name.endswith(".pyc") and name != ".coverage")


@cache
def text_files() -> tuple[tuple[Path, str], ...]:
    """Our files that hold text, with their text; a file that is no UTF-8 is binary."""
    return tuple((path, text) for path in our_files() if (text := _text(REPOSITORY / path)) is not None)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def python_files(*folders: str) -> list[tuple[Path, ast.Module]]:
    """Parsed Python files below these folders (relative to the root), migrations left out."""
    return [
        (path, ast.parse((REPOSITORY / path).read_text(encoding="utf-8")))
        for path in our_files()
        if path.suffix == ".py" and path.as_posix().startswith(folders) and "/versions/" not in path.as_posix()
    ]
