"""The base of every schema: unknown keys are refused, defaults are always serialised."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A value that crosses a border (database, wire, provider, file)."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)
