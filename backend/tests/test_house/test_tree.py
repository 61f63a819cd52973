"""The tree stays tidy: known names at the roots, nothing of the machine it was written on, no registry hosts."""

from __future__ import annotations

import re

import pytest

from tests.test_house.tree import REPOSITORY, our_files, text_files

ROOT = {
    *(".ci", ".gitattributes", ".github", ".gitignore"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "NOTICE", "README.md"),
    *("backend", "bench", "deployment", "docs", "frontend"),
}
BACKEND = {
    "app",
    "cli_tools",
    "fakes",
    "pyproject.toml",
    "requirements-excluded.txt",
    "requirements-test.lock",
    "requirements-vbench.in",
    "requirements-vbench.lock",
    "requirements.lock",
    "tests",
    "tools",
}
MAX_BYTES = 4_000_000
# Written in two halves, so that this file passes its own test.
HOSTS = re.compile("|".join(["pypi" r"\.org", "python" r"hosted\.org", "npm" r"js\.(org|com)", "yarn" r"pkg\.com"]))
MACHINE = re.compile(r"(?:^|[^A-Za-z0-9_.~-])/(?:work|root|farm|Users|home/[a-z]+)/|/opt/(?:pypi|wheels)")


def test_the_roots_hold_only_known_names() -> None:
    assert {path.parts[0] for path in our_files()} - ROOT == set()
    assert {path.parts[1] for path in our_files() if path.parts[0] == "backend"} - BACKEND == set()


def test_no_file_is_large() -> None:
    assert [str(path) for path in our_files() if (REPOSITORY / path).stat().st_size > MAX_BYTES] == []


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry_host() -> None:
    assert _lines_with(HOSTS) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _lines_with(MACHINE) == []


@pytest.mark.parametrize("folder", ["work", "root", "farm", "Users", "home/ann"])
def test_the_path_pattern_sees_one(folder: str) -> None:
    assert MACHINE.search("see /" + folder + "/notes")
    assert not MACHINE.search("backend/app/" + folder + "/x and https://a.example/" + folder + "/x")
