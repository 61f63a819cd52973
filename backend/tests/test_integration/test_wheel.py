"""What is installed is whole: the wheel carries the built studio and serves it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import httpx

from tests.test_blackbox.servers import running, server
from tests.test_house.tree import BACKEND, REPOSITORY

PAGE = "<!doctype html><title>the studio</title>"


def build_wheel(folder: Path) -> Path:
    """Build the wheel of a copy of this tree with a studio in it, ignored by git as ours is."""
    backend = folder / "copy" / "backend"
    for name in ("app", "cli_tools"):
        shutil.copytree(BACKEND / name, backend / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(backend / "app/web", ignore_errors=True)
    shutil.copy(BACKEND / "pyproject.toml", backend)
    shutil.copy(REPOSITORY / ".gitignore", backend.parent)
    (backend.parent / ".git").mkdir()
    (backend / "app/web/assets").mkdir(parents=True)
    (backend / "app/web/index.html").write_text(PAGE)
    (backend / "app/web/assets/app-1.js").write_text("start()")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(command, cwd=backend, check=True, capture_output=True, timeout=60)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def test_the_wheel_carries_the_studio_and_serves_it(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(build_wheel(tmp_path)) as wheel:
        names = set(wheel.namelist())
        wheel.extractall(installed)
    assert {"app/web/index.html", "app/web/assets/app-1.js", "app/config/web/welcome.html"} <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/")) or "__pycache__" in name]
    shutil.rmtree(tmp_path / "copy")
    process = replace(server(tmp_path / "home"), cwd=installed)
    with running(process):
        for path in ("/", "/gallery"):
            assert httpx.get(f"{process.origin}{path}").text == PAGE
        assert httpx.get(f"{process.origin}/assets/app-1.js").text == "start()"
