"""A YAML data file as a checked model: wrong keys, types and values are a ConfigError with their line.

Called by app/providers/catalogue.py and app/providers/replicate/wording.py.
Tests: tests/test_providers/test_catalogue.py
"""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.core.errors import ConfigError
from app.kit.validation import first_problem
from app.kit.yaml_source import YamlSource, parse_yaml

M = TypeVar("M", bound=BaseModel)


def read_checked(file: Traversable, shown: str, model: type[M]) -> tuple[M, YamlSource]:
    """Return what a file holds, and where each value stands.

    Args:
        file: The file.
        shown: How it is called in messages.
        model: What it must be, strictly.

    Raises:
        ConfigError: Unreadable or wrong; the message begins `shown:line:`.
    """
    try:
        source = parse_yaml(file.read_bytes().decode("utf-8-sig"), shown)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown}:1: the file cannot be read", hint="Save it as UTF-8, or install again.") from error
    try:
        return model.model_validate(source.data, strict=True), source
    except ValidationError as error:
        problem = first_problem(error, model)
        raise source.error(problem.path, problem.what, problem.hint) from error
