"""The one door: short recipes, a help line for each public target, and prompts that arrive as typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_house.tree import REPOSITORY

MAX_RECIPE_LINES = 3


def recipes() -> dict[str, list[str]]:
    """Target to its recipe lines."""
    found: dict[str, list[str]] = {}
    target = ""
    for line in (REPOSITORY / "Makefile").read_text(encoding="utf-8").splitlines():
        if line.startswith("\t"):
            found[target].append(line.strip())
        elif match := re.match(r"([\w./$()-]+):(?!=)", line):
            target = match[1]
            found[target] = []
    return found


def test_recipes_are_short() -> None:
    assert {"demo", "test", "check", "gen", "lock", "clean", "help"} <= recipes().keys()
    assert {target: len(lines) for target, lines in recipes().items() if len(lines) > MAX_RECIPE_LINES} == {}


def test_help_lists_the_targets() -> None:
    shown = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert all(f"make {target}" in shown for target in ("demo", "test", "check", "gen", "lock", "clean"))


@pytest.fixture
def recorder(tmp_path: Path) -> Path:
    """A stand-in for the admint command that writes its arguments to a file as JSON."""
    script = tmp_path / "admint"
    script.write_text(
        f"#!/usr/bin/env python3\nimport json, sys\njson.dump(sys.argv[1:], open('{tmp_path}/seen', 'w'))\n"
    )
    script.chmod(0o755)
    return script


@pytest.mark.parametrize(
    "prompt",
    [
        "plain words",
        "it's the barista's \"best\" cup",
        "costs $5, not $(HOME) or $HOME or `id`",
        "50% off # today; now & then | more",
        "-starts with a dash, ends with a backslash \\",
        "two\nlines, Zoë & 咖啡",
    ],
)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_prompt_arrives_as_typed(recorder: Path, prompt: str, way: str) -> None:
    command = [
        "make",
        "--silent",
        "-o",
        ".venv/.core",
        "demo",
        f"ADMINT={recorder}",
        "OUT=some dir/$x",
        "ARGS=--seed 7",
    ]
    given = [f"PROMPT={prompt}"] if way == "argument" else []
    extra = {"PROMPT": prompt} if way == "environment" else {}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    subprocess.run([*command, *given], cwd=REPOSITORY, env={**clean, **extra}, check=True, timeout=30)
    seen = json.loads((recorder.parent / "seen").read_text())
    assert seen == ["generate", "--auto", f"--prompt={prompt}", "--output=some dir/$x", "--seed", "7"]


TOOLS = ("make", "sh", "find", "env")
NODE_IS_FINE = "#!/bin/sh\nexit 0\n"


@pytest.fixture
def start(recorder: Path, tmp_path: Path) -> Callable[..., tuple[str, bool]]:
    """Run `make start` where only the given programs are beside the shell's own; return what it said, and if it built.

    The programs' text is theirs to run. The studio is looked for where none is, so that it is due to be built.
    """
    here = tmp_path / "bin"
    here.mkdir()
    for name in TOOLS:
        (here / name).symlink_to(str(shutil.which(name)))
    (here / "python3").symlink_to(Path(sys.executable).resolve())

    def run(**programs: str) -> tuple[str, bool]:
        built = tmp_path / "built"
        for name, text in programs.items():
            (here / name).write_text(text.replace("BUILT", str(built)))
            (here / name).chmod(0o755)
        # Variables reach the make that builds; options such as -W do not.
        names = [f"ADMINT={recorder}", "ARGS=--port 0", f"STUDIO={tmp_path / 'web' / 'index.html'}"]
        command = ["make", "-o", ".venv/.core", "-o", "frontend/node_modules/.package-lock.json", "start", *names]
        done = subprocess.run(
            command, cwd=REPOSITORY, env={"PATH": str(here)}, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "seen").read_text()) == ["serve", "--open", "--port", "0"]
        return done.stdout + done.stderr, built.is_file()

    return run


def test_start_builds_a_studio_whose_source_has_changed(start: Callable[..., tuple[str, bool]]) -> None:
    said, built = start(node=NODE_IS_FINE, npm='#!/bin/sh\necho "$@" > BUILT\n')
    assert built
    assert said.splitlines() == ["Building the studio ...", "Starting AdMint ..."]


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "Node.js is missing"),
        ({"node": NODE_IS_FINE}, "npm is missing"),
        ({"node": "#!/bin/sh\nexit 1\n", "npm": NODE_IS_FINE}, "too old"),
    ],
)
def test_without_npm_start_says_so_in_one_line_and_starts(
    start: Callable[..., tuple[str, bool]], programs: dict[str, str], reason: str
) -> None:
    said, built = start(**programs)
    assert not built
    lines = [line for line in said.splitlines() if line != "Starting AdMint ..."]
    assert (len(lines), len(said.splitlines())) == (1, 2)
    assert reason in lines[0]
    assert lines[0].endswith(("AdMint starts with a plain page instead.", "The studio stays as it was built."))


def test_the_studio_is_tested_and_cleaned_away() -> None:
    steps = " ".join(line for target in ("test", "web", "types", "drift") for line in recipes()[target])
    for script in ("lint", "types", "test", "bundle", "e2e", "gen:check"):
        assert f"npm run --silent {script}" in steps, script
    assert "backend/app/web" in recipes()["clean"][0]
    assert "npm" not in " ".join(recipes()["demo"])
