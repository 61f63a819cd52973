"""Every enforced acceptance criterion has a test that names it; every name is one of the spec's."""

from __future__ import annotations

import ast

from tools.pages.traceability import acceptance, marked_tests, proofs

SAMPLE = """
import pytest

pytestmark = [pytest.mark.ac("AC-1.1"), pytest.mark.slow]

@pytest.mark.ac("AC-2.1", "AC-2.2")
def test_one(): ...

@pytest.mark.ac("AC-3.1")
class TestGroup:
    async def test_two(self): ...
    def helper(self): ...
"""


def test_every_enforced_criterion_has_a_test() -> None:
    proven = proofs()
    assert acceptance()["enforced"]
    assert [criterion for criterion in acceptance()["enforced"] if criterion not in proven] == []


def test_every_named_criterion_is_one_of_the_specs() -> None:
    known = acceptance()
    assert sorted({*proofs(), *known["enforced"]} - set(known["criteria"])) == []


def test_marks_are_read_from_modules_classes_and_functions() -> None:
    found = set(marked_tests(ast.parse(SAMPLE), "sample.py"))
    assert found == {
        ("AC-1.1", "sample.py::test_one"),
        ("AC-2.1", "sample.py::test_one"),
        ("AC-2.2", "sample.py::test_one"),
        ("AC-1.1", "sample.py::TestGroup::test_two"),
        ("AC-3.1", "sample.py::TestGroup::test_two"),
    }
