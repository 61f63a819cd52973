"""Pydantic's first complaint in words a person can act on: what is wrong, and what would be legal.

Called by services/unified_pipeline/config_loader.py and wherever a request is refused.
Tests: tests/test_kit/test_validation.py
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

KINDS = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a block of 'key: value' lines",
    "model_type": "a block of 'key: value' lines",
    "model_attributes_type": "a block of 'key: value' lines",
}
"""Pydantic's type errors and what they ask for."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `path` holds keys and list indexes."""

    path: tuple[str | int, ...]
    what: str
    hint: str


def first_problem(error: ValidationError, model: type[BaseModel]) -> Problem:
    """Return the first complaint of `error`, raised while `model` was validated."""
    raw = error.errors(include_url=False)[0]
    path = tuple(part for part in raw["loc"] if part != "[key]")
    kind, context = raw["type"], raw.get("ctx") or {}
    name = ".".join(str(part) for part in path) or "the settings"
    if kind == "extra_forbidden":
        return Problem(path, f"unknown key '{name}'", nearest(str(path[-1]), legal_keys(model, path[:-1])))
    if kind == "missing":
        return Problem(path, f"'{name}' is missing", "")
    if kind == "literal_error":
        options = _options(str(context["expected"]))
        return Problem(path, f"{name} cannot be {_shown(raw['input'])}", nearest(str(raw["input"]), options))
    if kind in KINDS:
        return Problem(path, f"{name} must be {KINDS[kind]}, not {_shown(raw['input'])}", _range_hint(model, path))
    if kind == "value_error":
        return Problem(path, str(context["error"]), "")
    what = f"{name} is {_shown(raw['input'])}: {raw['msg'].removeprefix('Input ')}"
    return Problem(path, what, _range_hint(model, path))


def nearest(word: str, legal: Iterable[str]) -> str:
    """Return a hint that names the legal word nearest to `word`, or all of them."""
    options = sorted(legal)
    by_fold = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.55)
    if close:
        return f"Did you mean '{by_fold[close[0]]}'?"
    return f"Legal here: {', '.join(options)}." if options else ""


def legal_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that `model` allows in the block at `path`; empty when anything goes."""
    here: Any = model
    for part in path:
        here = _step(here, part)
    return _keys(here)


def _step(kind: Any, part: str | int) -> Any:
    fields = _fields(kind)
    if fields is not None:
        return fields[str(part)].annotation if str(part) in fields else None
    arguments = typing.get_args(kind)
    return arguments[-1] if arguments else None


def _keys(kind: Any) -> list[str]:
    fields = _fields(kind)
    if fields is not None:
        return list(fields)
    if typing.get_origin(kind) is dict:
        return [str(option) for option in typing.get_args(typing.get_args(kind)[0])]
    return []


def _fields(kind: Any) -> Mapping[str, Any] | None:
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _range_hint(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    info: Any = None
    here: Any = model
    for part in path:
        fields = _fields(here)
        info = fields.get(str(part)) if fields is not None else None
        here = _step(here, part)
    limits = {}
    for rule in info.metadata if info is not None else ():
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
            if getattr(rule, name, None) is not None:
                limits[name] = getattr(rule, name)
    return _range_text(limits)


def _range_text(limits: dict[str, float]) -> str:
    if "ge" in limits and "le" in limits:
        return f"Legal: {limits['ge']:g} to {limits['le']:g}."
    words = {
        "ge": "{:g} or more",
        "gt": "more than {:g}",
        "le": "at most {:g}",
        "lt": "less than {:g}",
        "min_length": "at least {} long",
        "max_length": "at most {} long",
    }
    parts = [text.format(limits[name]) for name, text in words.items() if name in limits]
    return f"Legal: {', '.join(parts)}." if parts else ""


def _options(expected: str) -> list[str]:
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


def _shown(value: object) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
