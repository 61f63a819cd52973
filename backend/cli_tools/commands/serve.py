"""`admint serve`: the HTTP server, and unless told otherwise the work itself. Tests: tests/test_cli/test_serve.py"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from app.container import Container, open_container
from app.core.errors import Conflict
from app.core.security import check_bind
from app.core.settings import Settings, load_settings
from app.db.repositories import users
from app.main import create_app, shut_down
from cli_tools.border import guarded
from cli_tools.door import NOTE
from cli_tools.lock_holder import holder
from cli_tools.process import logging_to
from cli_tools.render import Format, Screen
from cli_tools.serving import Server, leave_note, listen, take_note_away

PATIENCE_S = 27.0
"""Winding down takes no longer than this; what is not done by then is found again at the next start."""


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    host: str | None
    port: int | None
    role: Literal["server", "api"]
    open: bool
    style: Format
    verbose: bool


def run(flags: Flags) -> int:
    """Serve until Ctrl-C or SIGTERM. Returns the exit code."""
    screen = Screen(flags.style, verbose=flags.verbose)
    return guarded(screen, lambda: _run(screen, flags))


def _run(screen: Screen, flags: Flags) -> int:
    settings = load_settings()
    given = {"host": flags.host, "port": flags.port}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    check_bind(settings)
    _refuse_second(settings)
    with listen(settings.host, settings.port) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        with logging_to(settings, verbose=flags.verbose, console=screen.errors), _runner() as runner:
            runner.run(_Serving(screen, settings, flags).until_stopped(listener))
    screen.say_in_text("Stopped. Ads that were being made go on at the next start.")
    return 0


def _runner() -> asyncio.Runner:
    from uvicorn.loops.uvloop import uvloop_loop_factory

    return asyncio.Runner(loop_factory=uvloop_loop_factory(use_subprocess=False))


def _refuse_second(settings: Settings) -> None:
    """Say where the running server is, rather than wait for it. Raises Conflict."""
    found = holder(settings) if settings.is_sqlite else None
    if found is not None and found.get("kind") == "server":
        where = f" at {found['url']}" if found.get("url") else ""
        raise Conflict(
            f"AdMint is already served{where} (pid {found.get('pid', '?')}).",
            hint="Use that one, stop it first, or set ADMINT_HOME to another folder.",
        )


class _Serving:
    """One run of the server."""

    def __init__(self, screen: Screen, settings: Settings, flags: Flags) -> None:
        self._screen = screen
        self._settings = settings
        self._flags = flags
        self._server: Server | None = None
        self._stopped = asyncio.Event()

    async def until_stopped(self, listener: socket.socket) -> None:
        """Serve until a signal, or until the work can't go on. Raises AdMintError."""
        work = asyncio.ensure_future(self._serve(listener))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, work)
        try:
            await work
        except asyncio.CancelledError:
            if not self._stopped.is_set():
                raise

    def _stop(self, work: asyncio.Future[None]) -> None:
        if not self._stopped.is_set():
            self._stopped.set()
            timer = threading.Timer(PATIENCE_S, os._exit, (0,))
            timer.daemon = True
            timer.start()
        if self._server is None:
            work.cancel()  # still opening, or waiting for another run
        else:
            self._server.stop()

    async def _serve(self, listener: socket.socket) -> None:
        self._say_if_waiting()
        async with open_container(self._settings, self._flags.role) as container:
            app = create_app(container)
            async with _announced(container, app):
                self._server = Server(app, on_started=self._greet, on_stopping=lambda: shut_down(app))
                await _until_broken(container, self._flags.role, self._server, listener)

    def _say_if_waiting(self) -> None:
        found = holder(self._settings) if self._settings.is_sqlite else None
        if found is not None:
            self._screen.say(
                f"Another AdMint {found.get('kind', 'process')} is working here (pid {found.get('pid', '?')}); "
                "the server starts when it is done."
            )

    async def _greet(self) -> None:
        url = self._settings.base_url
        self._screen.document({"url": url, "pid": os.getpid()})
        self._screen.result(url, f"AdMint runs at {url} (Ctrl-C stops it).")
        if self._flags.open and not await asyncio.to_thread(_open_browser, url):
            self._screen.say_in_text("No browser could be opened from here: open that address in yours.")


async def _until_broken(container: Container, role: str, server: Server, listener: socket.socket) -> None:
    """Serve until told to stop, or until this process may no longer execute. Raises AdMintError."""
    serving: asyncio.Future[Any] = asyncio.ensure_future(server.serve(sockets=[listener]))
    if role != "server":
        await serving
        return
    broken: asyncio.Future[Any] = asyncio.ensure_future(container.engines.executor.broken())
    try:
        await asyncio.wait([serving, broken], return_when=asyncio.FIRST_COMPLETED)
        if broken.done():
            server.stop()
        await serving
        if broken.done():
            raise broken.result()
    finally:
        broken.cancel()


@asynccontextmanager
async def _announced(container: Container, app: Any) -> AsyncIterator[None]:
    """Let the command line find this server: its address in the lock, a token of its own in a private file."""
    async with container.sessions.begin() as session:
        user = await users.ensure_local_user(session)
    sign_ins = app.state.sign_ins
    token, auth_session_id = await sign_ins.issue(user.id, "command line of this machine")
    note, url = container.settings.home_path / NOTE, container.settings.base_url
    container.lock.tell({"kind": "server", "url": url})
    leave_note(note, url, token)
    try:
        yield
    finally:
        take_note_away(note)
        await sign_ins.revoke(auth_session_id)


def _open_browser(url: str) -> bool:
    """Open a page in a browser with a window, if there is one; one that would take over the terminal is left alone."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser and browser.open(url)
