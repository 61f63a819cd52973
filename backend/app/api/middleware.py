"""What happens to every request before a route sees it: an id for the log, guards, limits, headers. Pure ASGI.

Installed by app/main.py, outermost first in `install`. Tests: tests/test_api/test_middleware.py
"""

from __future__ import annotations

import logging
import re
import time

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import of_error
from app.api.headers import SECURITY_HEADERS, content_security_policy
from app.api.origin import host_is_ours, same_origin
from app.api.sign_ins import cookie_name
from app.core.errors import Forbidden, TooLarge
from app.core.logging import log_context
from app.core.settings import Settings
from app.kit.ids import new_id

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000
OWN_LIMIT = ("/api/assets/upload",)
"""Paths that limit their bodies themselves."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def install(app: FastAPI, settings: Settings) -> None:
    """Add the middlewares; the last added is the outermost."""
    app.add_middleware(BodyLimit)
    app.add_middleware(OriginGuard, settings=settings)
    app.add_middleware(HostGuard, settings=settings)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(RequestContext)


class RequestContext:
    """Gives each request an id (its own, if it is decent), logs it, and adds the id to every line in between."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.monotonic(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with log_context(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                millis = round((time.monotonic() - began) * 1000, 1)
                facts = {"method": scope.get("method", "WS"), "route": _template(scope), "status": status}
                logger.info("request done", extra={**facts, "duration_ms": millis})


def _template(scope: Scope) -> str:
    """Return the route's template: a path holds ids, and links hold signatures."""
    return str(getattr(scope.get("route"), "path", "unknown"))


class SecurityHeaders:
    """Adds the headers of headers.py; nothing of the API may stay in a cache unless a route says so."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = {
            **SECURITY_HEADERS,
            "Content-Security-Policy": content_security_policy(settings.base_url, settings.bucket_url),
            "Cache-Control": "no-store",
        }
        if settings.base_url.startswith("https://"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class HostGuard:
    """In local mode, refuses names that are not this machine's: a page elsewhere may point its own name here."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = scope["type"] in {"http", "websocket"} and self._settings.auth == "local"
        if not guarded or host_is_ours(scope, self._settings):
            await self._app(scope, receive, send)
            return
        refusal = Forbidden("This server does not go by that name.", hint=f"Use {self._settings.base_url}.")
        await _refuse(refusal, scope, receive, send)


class OriginGuard:
    """Refuses changes that carry our cookie but were not sent by our own page."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._cookie = f"{cookie_name(settings)}="

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and not self._may(scope):
            refusal = Forbidden(
                "This request was not sent by AdMint's own page.",
                hint="Programs sign in with a token in the Authorization header.",
            )
            await _refuse(refusal, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if "authorization" in headers or self._cookie not in headers.get("cookie", ""):
            return True
        return same_origin(scope, self._settings) is True


async def _refuse(error: Forbidden, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": error.message})
        return
    await of_error(error)(scope, receive, send)


class BodyLimit:
    """Stops reading a body at 1 MB, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OWN_LIMIT:
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
            await of_error(_too_large())(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES:
                # The one exception that the framework lets out of its own body parsing.
                raise HTTPException(413, _too_large().message)
            return message

        await self._app(scope, counted, send)


def _too_large() -> TooLarge:
    return TooLarge(f"The body is over {MAX_BODY_BYTES // 1_000_000} MB.", hint="Images go to /api/assets/upload.")
