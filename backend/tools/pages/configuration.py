"""docs/reference/configuration.md: every field of PipelineConfig, with the shipped value and its meaning.

Types and limits come from the schema; values and meanings from app/config/pipelines/default.yaml and its comments, so
that the file a user edits and this page can't disagree. Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.schemas.unified_pipeline import PipelineConfig
from tools.pages.fields import Schema, limits, resolve, type_name
from tools.pages.markdown import code, page, table

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "app" / "config" / "pipelines" / "default.yaml"
_KEY = re.compile(r"^(?P<indent> *)(?P<name>\w+):[^#]*(?:#\s*(?P<comment>.*))?$")


def dotted_fields(schema: Schema, definitions: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """(dotted name, field schema) of every leaf, nested models opened."""
    for name, field in schema.get("properties", {}).items():
        inner = resolve(field, definitions)
        if "properties" in inner:
            yield from dotted_fields(inner, definitions, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def config_fields() -> dict[str, Schema]:
    """Every leaf field of the pipeline configuration by its dotted name."""
    schema = PipelineConfig.model_json_schema()
    return dict(dotted_fields(schema, schema["$defs"]))


def meanings(text: str) -> dict[str, str]:
    """Dotted name to the comment beside it, else above it, else above its group (or the line before, in one block)."""
    found: dict[str, str] = {}
    parents: list[tuple[int, str]] = []
    above: list[str] = []
    inherited = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            above.append(line.strip().lstrip("# "))
        elif not line.strip():
            above, inherited = [], ""
        elif match := _KEY.match(line):
            parents = [parent for parent in parents if parent[0] < len(match["indent"])]
            parents.append((len(match["indent"]), match["name"]))
            inherited = " ".join(above) or inherited
            found[".".join(name for _, name in parents)] = match["comment"] or inherited
            above = []
    return found


def render() -> str:
    """The page."""
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    shipped, comments = yaml.safe_load(text), meanings(text)
    rows = [
        [code(name), type_name(field), limits(field), _shipped(shipped, name), comments.get(name, "")]
        for name, field in config_fields().items()
    ]
    return page(
        "Configuration",
        "Every setting of a run. The shipped values are those of `backend/app/config/pipelines/default.yaml`; how to "
        "change them: [Change the pipeline](../how-to/change-the-pipeline.md). A wrong name or value is refused before "
        "anything starts, and the values used are stored with each generation.",
        table(["Field", "Type", "Limits", "Shipped", "Meaning"], rows),
    )


def _shipped(values: Any, dotted: str) -> str:
    for name in dotted.split("."):
        values = values[name]
    return code(json.dumps(list(values) if isinstance(values, dict) else values))
