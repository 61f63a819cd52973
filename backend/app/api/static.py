"""The web interface, if it was built in; else a page that says how to use AdMint without it.

Called by app/main.py. Tests: tests/test_api/test_static.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Receive, Scope, Send

_RESERVED = ("api/", "ws/", "media/", "health/")
_UNCHANGING = "assets/"
"""Files of the built interface whose name holds a digest of their content."""
_OURS = frozenset({"manifest.json"})
"""What the build leaves for our own tools: where each file comes from."""
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Said here, since what a machine knows of file names differs from one to the next; others are bytes to save."""
_COMPRESSION = 6


def web_folder() -> Path:
    """Return where the built interface is, or would be."""
    return Path(str(files("app"))) / "web"


def install(app: FastAPI, base_url: str, folder: Path) -> None:
    """Answer the addresses that no route takes. Text goes out compressed where the client can read it; media never."""
    not_found = app.router.default
    pages = GZipMiddleware(_pages(folder, base_url), compresslevel=_COMPRESSION)

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await not_found(scope, receive, send)
            return
        await pages(scope, receive, send)

    app.router.default = fallback


def _pages(folder: Path, base_url: str) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        response = _page(scope["path"].lstrip("/"), folder, base_url)
        if _is_known(response, Headers(scope=scope)):
            response = NotModifiedResponse(response.headers)
        await response(scope, receive, send)

    return pages


def _page(path: str, folder: Path, base_url: str) -> Response:
    built = (folder / "index.html").is_file()
    if path.startswith(_RESERVED) or path in {"api", "ws", "media"} or (path and not built):
        raise HTTPException(404)
    return _file(folder, path) if built else HTMLResponse(_welcome(base_url))


def _file(folder: Path, path: str) -> Response:
    """Return a file of the interface; a path without a file is one of its own routes."""
    wanted = (folder / path).resolve() if path and "\x00" not in path else folder
    if wanted.is_relative_to(folder.resolve()) and wanted.is_file() and path not in _OURS:
        unchanging = path.startswith(_UNCHANGING)
        return _sent(wanted, "public, max-age=31536000, immutable" if unchanging else "no-cache")
    if "." in Path(path).name or path.startswith(_UNCHANGING):
        raise HTTPException(404)
    return _sent(folder / "index.html", "no-cache")


def _sent(path: Path, cache: str) -> FileResponse:
    kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
    return FileResponse(path, media_type=kind, stat_result=path.stat(), headers={"Cache-Control": cache})


def _is_known(response: Response, asked: Headers) -> bool:
    """True when the client says that it has this very file; compressed or not, it is the same one."""
    tags = {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}
    return response.headers.get("etag") in tags


def _welcome(base_url: str) -> str:
    return (files("app") / "config" / "web" / "welcome.html").read_text("utf-8").replace("BASE_URL", escape(base_url))
