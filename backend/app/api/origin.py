"""Where a request comes from: this machine or not, our own pages or someone else's.

Used by middleware.py and the sign-in and socket routes. Tests: tests/test_api/test_middleware.py
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from app.core.security import is_loopback
from app.core.settings import Settings

_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_WEB = {"ws": "http", "wss": "https"}


def from_this_machine(scope: Scope) -> bool:
    """True when the other end of the connection is on this machine."""
    client = scope.get("client")
    return client is not None and is_loopback(client[0])


def host_is_ours(scope: Scope, settings: Settings) -> bool:
    """True when the Host header is a name this server is meant to be reached by (else: DNS rebinding)."""
    host = Headers(scope=scope).get("host", "").lower()
    server = scope.get("server")
    port = server[1] if server else settings.port
    names = {f"{name}:{port}" for name in _LOCAL_NAMES}
    if port == _DEFAULT_PORTS["http"]:
        names.update(_LOCAL_NAMES)
    return host in names or (settings.public_url is not None and host == urlsplit(settings.public_url).netloc.lower())


def same_origin(scope: Scope, settings: Settings) -> bool | None:
    """True when a browser says that our own page sent this, false when another's did, null when it says nothing."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is not None:
        return origin.lower() in _own_origins(scope, headers, settings)
    site = headers.get("sec-fetch-site")
    return None if site is None else site in {"same-origin", "none"}


def _own_origins(scope: Scope, headers: Headers, settings: Settings) -> set[str]:
    scheme = _WEB.get(scope["scheme"], scope["scheme"])
    own = {f"{scheme}://{headers.get('host', '').lower()}"}
    if settings.public_url is not None:
        parts = urlsplit(settings.public_url.lower())
        own.add(f"{parts.scheme}://{parts.netloc}")
    return own
