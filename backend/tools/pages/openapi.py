"""docs/reference/openapi.json: every route and every socket message, the source of the TypeScript types.

The two message unions are added as components `ServerEvent` and `ClientMessage`: OpenAPI does not know sockets.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI

from app.main import API_VERSION, ROUTERS
from app.schemas.events import CLIENT_MESSAGE, SERVER_EVENT

_REFERENCE = "#/components/schemas/{model}"


def render() -> str:
    """Return the document as JSON, keys in a fixed order."""
    app = FastAPI(title="AdMint", version=API_VERSION, description="One sentence becomes a finished video ad.")
    for router in ROUTERS:
        app.include_router(router)
    document = app.openapi()
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name, adapter in (("ServerEvent", SERVER_EVENT), ("ClientMessage", CLIENT_MESSAGE)):
        union = adapter.json_schema(ref_template=_REFERENCE, mode="serialization")
        schemas |= {key: value for key, value in union.pop("$defs").items() if key not in schemas}
        schemas[name] = union
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
