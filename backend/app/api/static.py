"""The web interface, if it was built in; else a page that says how to use AdMint without it.

Called by app/main.py. Tests: tests/test_api/test_static.py
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

_RESERVED = ("api/", "ws/", "media/", "health/")
_UNCHANGING = "assets/"
"""Files of the built interface whose name holds a digest of their content."""


def web_folder() -> Path:
    """Return where the built interface is, or would be."""
    return Path(str(files("app"))) / "web"


def install(app: FastAPI, base_url: str, folder: Path) -> None:
    """Answer the addresses that no route takes."""
    not_found = app.router.default

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await not_found(scope, receive, send)
            return
        await _page(scope["path"].lstrip("/"), folder, base_url)(scope, receive, send)

    app.router.default = fallback


def _page(path: str, folder: Path, base_url: str) -> Response:
    built = (folder / "index.html").is_file()
    if path.startswith(_RESERVED) or path in {"api", "ws", "media"} or (path and not built):
        raise HTTPException(404)
    return _file(folder, path) if built else HTMLResponse(_welcome(base_url))


def _file(folder: Path, path: str) -> Response:
    """Return a file of the interface; a path without a file is one of its own routes."""
    wanted = (folder / path).resolve() if path and "\x00" not in path else folder
    if wanted.is_relative_to(folder.resolve()) and wanted.is_file():
        kept = "public, max-age=31536000, immutable" if path.startswith(_UNCHANGING) else "no-cache"
        return FileResponse(wanted, headers={"Cache-Control": kept})
    if "." in Path(path).name:
        raise HTTPException(404)
    return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})


def _welcome(base_url: str) -> str:
    return (files("app") / "config" / "web" / "welcome.html").read_text("utf-8").replace("BASE_URL", escape(base_url))
