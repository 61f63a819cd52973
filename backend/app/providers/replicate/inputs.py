"""From a plan to a model's input: the catalogue's field names, the images uploaded, the live schema respected.

Called by the replicate adapters. Tests: tests/test_providers/test_replicate/test_inputs.py
"""

from __future__ import annotations

import asyncio
import mimetypes
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from app.core.errors import NotFound, Rejected
from app.ports.storage import Storage
from app.providers.replicate.client import ReplicateClient
from app.providers.replicate.errors import PROVIDER
from app.schemas.catalogue import ModelEntry

MOST_UPLOAD = 100_000_000
_FRESH_S = 300.0
Shown = dict[str, str | list[str]]
"""Input name -> storage key, or keys, of the images a model is shown."""


def named(fields: Mapping[Any, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values a model has an input for, under the names it uses; null ones are left out."""
    return {fields[name]: value for name, value in values.items() if name in fields and value is not None}


def keys_of(shown: Shown) -> list[str]:
    """Return all storage keys in it, in order."""
    return [key for value in shown.values() for key in ([value] if isinstance(value, str) else value)]


async def uploaded(client: ReplicateClient, storage: Storage, shown: Shown) -> dict[str, Any]:
    """Hand over the images and return the inputs that name them. Our own addresses are never sent.

    Raises:
        Rejected: One is gone or too large.
        ProviderError: The upload failed.
    """

    async def one(key: str) -> str:
        data = await _read(storage, key)
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        return await client.upload(data, PurePosixPath(key).name, kind)

    addresses = dict(zip(keys_of(shown), await asyncio.gather(*(one(key) for key in keys_of(shown))), strict=True))
    return {
        name: addresses[value] if isinstance(value, str) else [addresses[key] for key in value]
        for name, value in shown.items()
    }


async def require_images(storage: Storage, keys: Sequence[str]) -> None:
    """Refuse images that are gone or too large, before anything is ordered. Raises Rejected."""
    for key in keys:
        if not await storage.exists(key):
            raise _gone(key)
        if await storage.size(key) > MOST_UPLOAD:
            raise Rejected(f"{PurePosixPath(key).name} is too large to hand over.", hint="At most 100 MB.")


async def _read(storage: Storage, key: str) -> bytes:
    try:
        return await storage.read_bytes(key)
    except NotFound as error:
        raise _gone(key) from error


def _gone(key: str) -> Rejected:
    return Rejected(
        f"The image {PurePosixPath(key).name} is no longer stored.",
        hint="Upload it again, or make the references again.",
        provider=PROVIDER,
    )


class LiveSchemas:
    """What models take today, asked once in five minutes."""

    def __init__(self, client: ReplicateClient) -> None:
        self._client = client
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._asking = asyncio.Lock()

    async def inputs(self, model: str) -> dict[str, Any]:
        """Return the JSON schema of a model's inputs, by name; empty when the vendor shows none. Raises ModelGone."""
        async with self._asking:
            known = self._known.get(model)
            if known is None or time.monotonic() - known[0] > _FRESH_S:
                known = time.monotonic(), input_schema((await self._client.model(model)).latest_version)
                self._known[model] = known
        return known[1]


def input_schema(version: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return `properties` of a version's Input schema, references to enums resolved, each with `required`."""
    document = (version or {}).get("openapi_schema")
    schemas = document.get("components", {}).get("schemas", {}) if isinstance(document, Mapping) else {}
    given = schemas.get("Input", {})
    needed = given.get("required", [])
    return {
        name: {**_resolved(body, schemas), "required": name in needed}
        for name, body in given.get("properties", {}).items()
        if isinstance(body, Mapping)
    }


def _resolved(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(body)
    for part in [body, *body.get("allOf", []), *body.get("anyOf", [])]:
        name = str(part.get("$ref", "")).rpartition("/")[2]
        found |= {key: value for key, value in schemas.get(name, {}).items() if key in ("enum", "type")}
    return found


def refused_by(schema: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return why a model would refuse an input today, in words; empty when it would not or can't be told."""
    if not schema:
        return []
    wrong = [f"it has no input '{name}'" for name in given if name not in schema]
    wrong += [f"it needs '{name}'" for name, body in schema.items() if body["required"] and name not in given]
    for name, value in given.items():
        legal = schema.get(name, {}).get("enum")
        if legal and value not in legal:
            wrong.append(f"'{name}' can't be {value}; legal: {', '.join(map(str, legal))}")
    return wrong


def differences(schema: Mapping[str, Any], entry: ModelEntry, fields: Mapping[Any, str]) -> list[str]:
    """Return how a model's live inputs differ from its catalogue entry, in words."""
    if not schema:
        return ["it shows no schema, so nothing could be compared"]
    told = [f"it has no input '{field}' any more" for field in [*fields.values(), *entry.send] if field not in schema]
    told += [
        f"it now needs '{name}'"
        for name, body in schema.items()
        if body["required"] and name not in fields.values() and name not in entry.send
    ]
    listed = {
        "aspect_ratio": entry.ratios,
        "resolution": entry.resolutions,
        "duration": getattr(entry, "durations", []),
    }
    for name, known in listed.items():
        legal = schema.get(fields.get(name, ""), {}).get("enum")
        lost = [value for value in known if legal and value not in legal]
        if lost:
            told.append(f"{name} can no longer be {', '.join(map(str, lost))}")
    return told


async def require_legal(live: LiveSchemas, model: str, given: Mapping[str, Any]) -> None:
    """Refuse an input the model would refuse today. Raises Rejected, ModelGone."""
    wrong = refused_by(await live.inputs(model), given)
    if wrong:
        raise Rejected(
            f"{model} has changed: {'; '.join(wrong)}.",
            hint="Correct its entry in app/config/models.yaml, or choose another model.",
            provider=PROVIDER,
            model=model,
        )
