"""docs/reference/events.md: every message on the wire, from app/schemas/events.py.

Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

from typing import Any, get_args

from app.schemas.base import Model
from app.schemas.events import CLIENT_MESSAGE, SERVER_EVENT, TRANSIENT_TYPES, ClientMessage, Envelope, ServerEvent
from tools.pages.fields import Schema, field_table, resolve
from tools.pages.markdown import page, summary

_ENVELOPE = frozenset({"type", "payload", "generation_id", "seq", "timestamp"})


def union_members(union: Any) -> list[type[Model]]:
    """The message classes of an annotated union, in definition order."""
    return list(get_args(get_args(union)[0]))


def message_type(cls: type[Model]) -> str:
    """The wire name of a message class."""
    return str(cls.model_fields["type"].default)


def render() -> str:
    """The page."""
    server = SERVER_EVENT.json_schema(mode="serialization")["$defs"]
    client = CLIENT_MESSAGE.json_schema(mode="validation")["$defs"]
    return page(
        "Events",
        "Every server event carries `type`, `generation_id`, `seq`, `timestamp` and `payload`. "
        "A durable event has a `seq`, its position in the session's log, and can be replayed; "
        "a transient one has none and may be dropped.",
        "## From the server",
        *(_section(cls, server) for cls in union_members(ServerEvent)),
        "## From the client",
        *(_section(cls, client) for cls in union_members(ClientMessage)),
        "## Shared shapes",
        *_shapes({**client, **server}),
    )


def _section(cls: type[Model], definitions: Schema) -> str:
    own = definitions[cls.__name__]
    payload = resolve(own["properties"].get("payload", {}), definitions)
    kind = _durability(cls)
    beside = field_table(own, without=_ENVELOPE)
    parts = [f"### `{message_type(cls)}`", summary(payload.get("description")), kind, beside, field_table(payload)]
    return "\n\n".join(part for part in parts if part)


def _durability(cls: type[Model]) -> str:
    if not issubclass(cls, Envelope):
        return ""
    return "Transient." if message_type(cls) in TRANSIENT_TYPES else "Durable."


def _shapes(definitions: Schema) -> list[str]:
    messages = {cls.__name__ for union in (ServerEvent, ClientMessage) for cls in union_members(union)}
    payloads = {
        definitions[name]["properties"]["payload"]["$ref"].rsplit("/", 1)[-1]
        for name in messages
        if "$ref" in definitions[name]["properties"].get("payload", {})
    }
    shared = sorted(set(definitions) - messages - payloads)
    return [
        "\n\n".join(
            filter(None, [f"### {name}", summary(definitions[name].get("description")), field_table(definitions[name])])
        )
        for name in shared
    ]
