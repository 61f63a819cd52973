"""The models the fakes know (models.yaml): their published input schemas, and whether an input keeps to them.

Used by fakes/replicate.py and fakes/chat.py. Tests: tests/test_fakes/test_replicate.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Json = dict[str, Any]
_TYPES: dict[str, type] = {"string": str, "integer": int, "boolean": bool, "array": list}


@dataclass(frozen=True)
class Model:
    """One model of Replicate: `inputs` maps a field to its schema, with `required` and `nullable` as flags."""

    name: str
    kind: str
    version: str
    description: str
    inputs: Json

    def defaults(self) -> Json:
        """Return what holds where a request says nothing."""
        return {name: field["default"] for name, field in self.inputs.items() if "default" in field}

    def openapi_schema(self) -> Json:
        """Return the schema as `latest_version.openapi_schema` carries it: enums as components of their own."""
        schemas: Json = {"Output": {"type": "string", "title": "Output", "format": "uri"}}
        properties: Json = {}
        for order, (name, field) in enumerate(self.inputs.items()):
            shown = {key: value for key, value in field.items() if key not in ("required", "enum")}
            if "enum" in field:
                kind = "integer" if isinstance(field["enum"][0], int) else "string"
                schemas[name] = {"type": kind, "title": name, "enum": field["enum"], "description": "An enumeration."}
                shown["allOf"] = [{"$ref": f"#/components/schemas/{name}"}]
            else:
                shown["title"] = name.replace("_", " ").capitalize()
            properties[name] = {**shown, "x-order": order}
        required = [name for name, field in self.inputs.items() if field.get("required")]
        schemas["Input"] = {"type": "object", "title": "Input", "required": required, "properties": properties}
        return {"openapi": "3.0.2", "info": {"title": "Cog", "version": "0.1.0"}, "components": {"schemas": schemas}}

    def faults(self, given: Json) -> Iterator[Json]:
        """Yield what is wrong with an input, one `{type, field, description}` for each fault."""
        for name, field in self.inputs.items():
            if field.get("required") and given.get(name) in (None, ""):
                yield fault("required", "input", f"{name} is required")
        for name, value in given.items():
            if name not in self.inputs:
                yield fault("additional_property_not_allowed", "input", f"Additional property {name} is not allowed")
            else:
                yield from _value_faults(f"input.{name}", self.inputs[name], value)
        settled = {**self.defaults(), **given}
        if given.get("reference_images") and (settled["aspect_ratio"], settled["duration"]) != ("16:9", 8):
            what = "Reference images only work with 16:9 aspect ratio and 8-second duration"
            yield fault("invalid_combination", "input.reference_images", what)


def fault(kind: str, field: str, description: str) -> Json:
    """Return one entry of `invalid_fields`."""
    return {"type": kind, "field": field, "description": description}


def _value_faults(path: str, field: Json, value: Any) -> Iterator[Json]:
    kind = field.get("type", "")
    if value is None:
        if not field.get("nullable"):
            yield fault("invalid_type", path, "Invalid type. Expected: a value, given: null")
    elif "enum" in field:
        if value not in field["enum"] or isinstance(value, bool):
            options = ", ".join(f'"{option}"' for option in field["enum"])
            yield fault("enum", path, f"{path.rpartition('.')[2]} must be one of the following: {options}")
    elif not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        yield fault("invalid_type", path, f"Invalid type. Expected: {kind}, given: {type(value).__name__}")
    elif isinstance(value, list):
        if len(value) > field.get("maxItems", len(value)):
            yield fault("array_max_items", path, f"Array must have at most {field['maxItems']} items")
        for number, item in enumerate(value):
            yield from _value_faults(f"{path}.{number}", field["items"], item)
    elif field.get("format") == "uri" and not str(value).startswith(("http://", "https://", "data:")):
        yield fault("format", path, "Does not match format 'uri'")


@cache
def replicate_models() -> dict[str, Model]:
    """Return the models of Replicate by `owner/name`."""
    models = {}
    for name, entry in _document()["replicate"].items():
        inputs = {field: schema for field, schema in entry["inputs"].items() if schema is not None}
        version = entry.get("version") or hashlib.sha256(name.encode()).hexdigest()
        models[name] = Model(name, entry["kind"], version, entry["description"], inputs)
    return models


@cache
def chat_models() -> dict[str, date | None]:
    """Return the chat models with the day each is shut down."""
    return dict(_document()["openai"])


@cache
def _document() -> Json:
    text = files("fakes").joinpath("models.yaml").read_text(encoding="utf-8")
    document: Json = yaml.safe_load(text)
    return document
