"""The locks: hashed, free of addresses, in step with pyproject.toml, the core one a part of the test one."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.providers.scoring_vbench.book import book
from tests.test_house.tree import BACKEND, REPOSITORY, our_files

CORE, TEST = BACKEND / "requirements.lock", BACKEND / "requirements-test.lock"
VBENCH = BACKEND / "requirements-vbench.lock"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(\[.*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, set[str]]:
    """Package name to its pinned versions (more than one where Python versions differ)."""
    found: dict[str, set[str]] = {}
    for match in PIN.finditer(lock.read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def project() -> dict[str, Any]:
    loaded: dict[str, Any] = tomllib.loads((BACKEND / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return loaded


def unmet(requirements: list[str], lock: Path) -> list[str]:
    """Requirements that the lock doesn't pin to an allowed version."""
    locked = pins(lock)
    wanted = [Requirement(text) for text in requirements]
    return [
        str(need)
        for need in wanted
        if not any(need.specifier.contains(version) for version in locked.get(canonicalize_name(need.name), ()))
    ]


@pytest.mark.parametrize("lock", [CORE, TEST, VBENCH], ids=["core", "test", "vbench"])
def test_a_lock_is_hashed_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_meet_pyproject() -> None:
    extras = project()["optional-dependencies"]
    core = [*project()["dependencies"], *extras["build"]]
    assert unmet(core, CORE) == [], "run `make lock`"
    assert unmet([*core, *extras["test"]], TEST) == [], "run `make lock`"
    assert unmet(["numpy<1", "not-locked"], CORE) == ["numpy<1", "not-locked"]


def test_the_core_lock_is_a_part_of_the_test_lock() -> None:
    core, test = pins(CORE), pins(TEST)
    assert {name for name, versions in core.items() if not versions <= test.get(name, set())} == set()
    assert "pytest" not in core


def test_the_lock_of_vbench_meets_what_is_asked_of_it_and_what_its_numbers_hold_for() -> None:
    lines = VBENCH.with_suffix(".in").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert unmet(wanted, VBENCH) == []
    assert f"vbench=={book().package}" in wanted


def test_no_uv_lock() -> None:
    assert [path for path in our_files() if path.name == "uv.lock"] == []


def test_the_npm_lock_names_no_registry() -> None:
    packages = json.loads((REPOSITORY / "frontend/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 2
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
