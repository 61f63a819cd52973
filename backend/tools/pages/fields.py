"""Tables of a Pydantic model's fields, read from its JSON schema. Used by tools/pages/{events,configuration}.py.

Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

import json
from typing import Any

from tools.pages.markdown import code, table

Schema = dict[str, Any]
_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}


def resolve(schema: Schema, definitions: Schema) -> Schema:
    """The schema behind a `$ref`, with what stands beside the reference kept."""
    if "$ref" not in schema:
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**definitions[schema["$ref"].rsplit("/", 1)[-1]], **beside}


def type_name(schema: Schema) -> str:
    """A type in words people use: `string or null`, `list of Scene`, `"a" or "b"`."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(type_name(option) for option in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    return _container_name(schema)


def _container_name(schema: Schema) -> str:
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {type_name(schema['items'])}" if "items" in schema else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {type_name(schema['additionalProperties'])}"
    return str(schema.get("format", kind)) if kind == "string" else kind


def limits(schema: Schema) -> str:
    """The field's limits, for example `≥ 1, ≤ 10`."""
    options = [schema, *schema.get("anyOf", [])]
    found = [text.format(option[key]) for option in options for key, text in _LIMITS.items() if key in option]
    return ", ".join(found)


def field_table(schema: Schema, *, without: frozenset[str] = frozenset()) -> str:
    """Field, type and meaning of one object schema; empty when it has no fields."""
    rows = [
        [code(name), type_name(field), "; ".join(filter(None, [limits(field), field.get("description", "")]))]
        for name, field in schema.get("properties", {}).items()
        if name not in without
    ]
    return table(["Field", "Type", "Meaning"], rows) if rows else ""
