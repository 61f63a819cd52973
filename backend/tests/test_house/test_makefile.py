"""The one door: short recipes, a help line for each public target, and prompts that arrive as typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
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
        elif match := re.match(r"([\w./-]+):(?!=)", line):
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
