"""Validation errors in words (app/kit/validation.py)."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.kit.validation import first_problem, legal_keys, nearest


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int = Field(3, ge=1, le=9)
    ratio: float = Field(1.0, gt=0)
    name: str = Field("a", max_length=4)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    inner: Inner = Inner()
    kinds: dict[Literal["red", "green"], Inner] = Field(default_factory=dict)
    mode: Literal["fast", "slow"] = "fast"


@pytest.mark.parametrize(
    ("data", "path", "what", "hint"),
    [
        ({"iner": {}}, ("iner",), "unknown key 'iner'", "Did you mean 'inner'?"),
        ({"inner": {"siez": 1}}, ("inner", "siez"), "unknown key 'inner.siez'", "Did you mean 'size'?"),
        ({"inner": {"zzz": 1}}, ("inner", "zzz"), "unknown key 'inner.zzz'", "Legal here: name, ratio, size."),
        ({"inner": {"size": 10}}, ("inner", "size"), "inner.size is 10", "Legal: 1 to 9."),
        ({"inner": {"size": "3"}}, ("inner", "size"), "inner.size must be a whole number, not '3'", "Legal: 1 to 9."),
        ({"inner": {"ratio": 0}}, ("inner", "ratio"), "inner.ratio is 0", "Legal: more than 0."),
        ({"inner": {"name": "abcde"}}, ("inner", "name"), "inner.name is 'abcde'", "Legal: at most 4 long."),
        ({"inner": 3}, ("inner",), "inner must be a block", ""),
        ({"mode": "FAST"}, ("mode",), "mode cannot be 'FAST'", "Did you mean 'fast'?"),
        ({"kinds": {"rde": {}}}, ("kinds", "rde"), "kinds.rde cannot be 'rde'", "Did you mean 'red'?"),
    ],
)
def test_says_what_is_wrong_and_what_is_legal(
    data: dict[str, Any], path: tuple[str, ...], what: str, hint: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(data, strict=True)
    problem = first_problem(caught.value, Outer)
    assert problem.path == path
    assert problem.what.startswith(what)
    assert problem.hint == hint


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": {"size": "x" * 10_000}}, strict=True)
    assert len(first_problem(caught.value, Outer).what) < 120


def test_legal_keys_of_blocks_and_tables() -> None:
    assert legal_keys(Outer, ()) == ["inner", "kinds", "mode"]
    assert legal_keys(Outer, ("kinds",)) == ["red", "green"]
    assert legal_keys(Outer, ("kinds", "red")) == ["size", "ratio", "name"]
    assert legal_keys(Outer, ("mode",)) == []


def test_nearest_of_nothing_is_no_hint() -> None:
    assert nearest("x", []) == ""
