"""Files and functions stay small enough to hold in the head."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.test_house.tree import python_files, text_files

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
_DATA = re.compile(r"\.(gen|captured)\.")
"""Made by a program or recorded from one: nobody reads it in a sitting."""
SOURCES = frozenset({".py", ".ts", ".tsx", ".mjs"})


def long_functions(tree: ast.Module) -> Iterator[str]:
    """`name:line (lines)` of each body that is too long; a signature has its own limit, ruff's PLR0913."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{node.name}:{node.lineno} ({lines} lines)"


def test_files_are_at_most_400_lines() -> None:
    sources = [
        (path, text.count("\n"))
        for path, text in text_files()
        if path.suffix in SOURCES and not _DATA.search(path.name) and "versions" not in path.parts
    ]
    assert len(sources) > 50
    assert [f"{path}: {lines}" for path, lines in sources if lines > MAX_FILE_LINES] == []


def test_functions_are_at_most_60_lines() -> None:
    files = python_files("backend/", "bench/")
    assert [f"{path}::{name}" for path, tree in files for name in long_functions(tree)] == []


def test_the_measure_sees_a_long_function() -> None:
    body = "\n".join("    pass" for _ in range(MAX_FUNCTION_LINES + 1))
    assert list(long_functions(ast.parse(f"def long():\n{body}\n"))) == ["long:1 (61 lines)"]
    assert list(long_functions(ast.parse(f"def fits():\n{body[:-9]}\n"))) == []
