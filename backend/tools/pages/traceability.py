"""docs/reference/traceability.md: which test proves which acceptance criterion.

Python tests carry `@pytest.mark.ac("AC-2.1", ...)`, found by reading the source, never by importing it; browser and
component tests carry the id in their title. Criteria and the enforced list: tools/acceptance.yaml.
Tests: tests/test_house/test_traceability.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.pages.markdown import code, page, table

BACKEND = Path(__file__).resolve().parents[2]
FRONTEND = BACKEND.parent / "frontend"
_ID = re.compile(r"\bAC-\d+\.\d+\b")
_TITLE = re.compile(r"""\b(?:it|test|describe)\s*(?:\.\w+)*\(\s*(["'`])(.*?)\1""")


def acceptance() -> dict[str, Any]:
    """`criteria` (id to title) and `enforced` (ids), as written in tools/acceptance.yaml."""
    text = (BACKEND / "tools" / "acceptance.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def proofs() -> dict[str, list[str]]:
    """Criterion id to the tests that carry it, as `path::name`, sorted."""
    found: dict[str, set[str]] = {}
    for criterion, test in [*_python_proofs(BACKEND / "tests"), *_typescript_proofs(FRONTEND)]:
        found.setdefault(criterion, set()).add(test)
    return {criterion: sorted(tests) for criterion, tests in sorted(found.items())}


def render() -> str:
    """The page."""
    known, proven = acceptance(), proofs()
    rows = [
        [criterion, title, "yes" if criterion in known["enforced"] else "", _names(proven.get(criterion, []))]
        for criterion, title in known["criteria"].items()
    ]
    return page(
        "Traceability",
        "Each acceptance criterion of the tech spec and the tests that prove it. "
        "An enforced criterion without a test breaks the build.",
        table(["Criterion", "What", "Enforced", "Tests"], rows),
    )


def _names(tests: list[str]) -> str:
    return "<br>".join(code(test) for test in tests)


def marked_tests(tree: ast.Module, where: str) -> Iterator[tuple[str, str]]:
    """(criterion, `where::test`) of every mark in one parsed test file."""
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign) and _is_pytestmark(node)]
    yield from _marked(tree.body, where, [mark for value in assigned for mark in _ids(value)])


def _python_proofs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("test_*.py")):
        yield from marked_tests(ast.parse(path.read_text(encoding="utf-8")), path.relative_to(BACKEND).as_posix())


def _is_pytestmark(node: ast.Assign) -> bool:
    return [ast.unparse(target) for target in node.targets] == ["pytestmark"]


def _marked(body: list[ast.stmt], where: str, inherited: list[str]) -> Iterator[tuple[str, str]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        ids = inherited + [mark for decorator in node.decorator_list for mark in _ids(decorator)]
        name = f"{where}::{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _marked(node.body, name, ids)
        elif node.name.startswith("test_"):
            yield from ((criterion, name) for criterion in ids)


def _ids(node: ast.expr) -> list[str]:
    """Ids inside `pytest.mark.ac(...)`, also within a list of marks."""
    calls = [
        call for call in ast.walk(node) if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.ac")
    ]
    return [str(argument.value) for call in calls for argument in call.args if isinstance(argument, ast.Constant)]


def _typescript_proofs(folder: Path) -> Iterator[tuple[str, str]]:
    files = [path for part in ("tests", "e2e") for path in (folder / part).rglob("*") if path.suffix in _SCRIPTS]
    for path in sorted(files):
        for _, title in _TITLE.findall(path.read_text(encoding="utf-8")):
            where = path.relative_to(FRONTEND.parent).as_posix()
            yield from ((criterion, f"{where}::{title}") for criterion in _ID.findall(title))


_SCRIPTS = frozenset({".ts", ".tsx", ".mjs"})
