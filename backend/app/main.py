"""The HTTP application: routes, guards and error envelopes around one container.

Made by `admint serve` and by tests. Tests: tests/test_api/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from app.api import errors, middleware, static
from app.api.limits import GenerationLimit
from app.api.routes import (
    assets,
    auth,
    costs,
    downloads,
    generations,
    groups,
    health,
    hooks,
    media,
    scenes,
    sessions,
    studio,
    unified_pipeline,
    websocket,
)
from app.api.routes.health import Doctor
from app.api.sign_ins import SignIns, cookie_name
from app.container import Container
from app.core.security import check_bind
from app.services.unified_pipeline.config_loader import load_config

API_VERSION = "2.0"
ROUTERS = (
    unified_pipeline.router,
    generations.router,
    scenes.router,
    costs.router,
    downloads.router,
    groups.router,
    hooks.router,
    sessions.router,
    assets.router,
    websocket.router,
    auth.router,
    media.router,
    studio.router,
    health.router,
)
_OPEN = ("/health", "/media", "/api/auth/local-session", "/api/hooks")


def create_app(container: Container, *, web: Path | None = None) -> FastAPI:
    """Return the application around an open container.

    Args:
        container: Everything it works with; opened and closed by the caller.
        web: Folder of the built web interface; unset: the one shipped with AdMint.

    Raises:
        ConfigError: It would listen where strangers could come in, or the secret is too short.
    """
    settings = container.settings
    check_bind(settings)
    app = FastAPI(
        title="AdMint",
        version=API_VERSION,
        description="One sentence becomes a finished video ad.",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.container = container
    app.state.sign_ins = SignIns(settings, container.secret, container.sessions, container.reads)
    app.state.limit = GenerationLimit(settings, load_config("default", {}).generations_per_hour)
    app.state.sockets = websocket.make_manager(container)
    app.state.scorer = None
    app.state.doctor = Doctor(container, app.state.limit)
    errors.install(app)
    middleware.install(app, settings)
    for router in ROUTERS:
        app.include_router(router)
    _describe_security(app, cookie_name(settings))
    static.install(app, settings.base_url, web or static.web_folder())
    return app


async def shut_down(app: FastAPI) -> None:
    """Let go of what the application itself holds: sockets, then the request counter. Before the container closes."""
    await app.state.sockets.close()
    await app.state.limit.close()


def _describe_security(app: FastAPI, cookie: str) -> None:
    """Write into the OpenAPI document how to sign in, for every route that asks who is there."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            document.setdefault("components", {})["securitySchemes"] = {
                "cookie": {"type": "apiKey", "in": "cookie", "name": cookie},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            }
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    operation["security"] = [] if path.startswith(_OPEN) else [{"cookie": []}, {"token": []}]
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]
