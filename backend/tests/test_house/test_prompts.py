"""AC-1.8: no prompt and no stage order in Python; both are YAML under app/config."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import get_args

import pytest

from app.schemas.unified_pipeline import StageName
from tests.test_house.tree import python_files

LONG = 200
STAGES = frozenset(get_args(StageName))
READS_LIKE_A_PROMPT = re.compile(
    r"\b(you are an?|your (task|job|role) is|act as|respond (only )?(with|in)|reply with|return (only )?(valid )?json"
    r"|output format|write an? (ad|story|script))\b",
    re.IGNORECASE,
)


def prompts(tree: ast.Module, *, any_long: bool) -> Iterator[str]:
    """`line: beginning` of each string that reads like a prompt, or is long at all; docstrings don't count."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _text(node.value) and _named_prompt(node):
            yield f"{node.lineno}: {ast.unparse(node)[:60]}"
        text = _text(node)
        if id(node) in documentation or len(text) <= LONG:
            continue
        if any_long or READS_LIKE_A_PROMPT.search(text):
            yield f"{getattr(node, 'lineno', 0)}: {text[:60]}"


def _named_prompt(node: ast.Assign) -> bool:
    return any(ast.unparse(target).endswith("_PROMPT") for target in node.targets)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def stage_orders(tree: ast.Module) -> Iterator[str]:
    """`line: text` of each list or tuple literal that puts three stages in a row."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple):
            named = [item.value for item in node.elts if isinstance(item, ast.Constant)]
            if len(STAGES.intersection(name for name in named if isinstance(name, str))) >= 3:
                yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.ac("AC-1.2", "AC-1.8")
def test_services_hold_no_prompt() -> None:
    files = python_files("backend/app/services")
    assert len(files) > 10
    assert [f"{path}:{where}" for path, tree in files for where in prompts(tree, any_long=True)] == []


@pytest.mark.ac("AC-1.2", "AC-1.8")
def test_nothing_else_holds_a_prompt() -> None:
    files = python_files("backend/app", "backend/cli_tools")
    assert [f"{path}:{where}" for path, tree in files for where in prompts(tree, any_long=False)] == []


@pytest.mark.ac("AC-1.8")
def test_services_hold_no_stage_order() -> None:
    files = python_files("backend/app/services")
    assert [f"{path}:{where}" for path, tree in files for where in stage_orders(tree)] == []


@pytest.mark.parametrize(
    "source",
    [
        f"TEXT = 'You are a director. {'x' * LONG}'",
        f"def f(p):\n    return f'{{p}} Respond with JSON. {'x' * LONG}'",
        f"call(('Your task is to write. ' '{'x' * LONG}'))",
        "STORY_PROMPT = 'short'",
    ],
)
def test_the_search_sees_a_prompt(source: str) -> None:
    assert list(prompts(ast.parse(source), any_long=False))


def test_the_search_sees_a_stage_order_and_passes_docstrings() -> None:
    assert list(stage_orders(ast.parse("ORDER = ['story', 'reference_images', 'scenes']")))
    assert not list(stage_orders(ast.parse("PAIR = ('story', 'scenes')")))
    assert not list(prompts(ast.parse(f"def f():\n    '''You are a. {'x' * LONG}'''"), any_long=True))
