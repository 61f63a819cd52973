"""docs/reference/configuration.md: every field of PipelineConfig, with the shipped value and its limits.

Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel

from app.schemas.unified_pipeline import PipelineConfig
from tools.pages.fields import Schema, limits, resolve, type_name
from tools.pages.markdown import code, page, summary, table


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


def render() -> str:
    """The page."""
    defaults = PipelineConfig()
    rows = [
        [code(name), type_name(field), _default(defaults, name), _meaning(field)]
        for name, field in config_fields().items()
    ]
    return page(
        "Configuration",
        summary(PipelineConfig.__doc__),
        "The shipped values are in `backend/app/config/pipelines/default.yaml`. A run overrides a field by its dotted "
        "name; an unknown name or an illegal value is refused before anything starts.",
        table(["Field", "Type", "Default", "Meaning"], rows),
    )


def _default(defaults: BaseModel, dotted: str) -> str:
    value: object = defaults
    for name in dotted.split("."):
        value = getattr(value, name)
    return code(json.dumps(value)) if value not in (None, [], {}) else ""


def _meaning(field: Schema) -> str:
    return "; ".join(filter(None, [limits(field), field.get("description", "")]))
