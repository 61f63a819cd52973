"""Makes ads, here or at a server: opens the backend, follows each run's events, asks at the gates, fills the folders.

Called by commands/generate.py and commands/resume.py through cli_tools/process.py. Tests: tests/test_cli/
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from rich.console import RenderableType

from app.core.errors import AdMintError, Interrupted, UserError
from app.core.settings import Settings
from app.kit.ids import new_id
from app.ports.events import Heard, Hint
from app.schemas.events import ServerEvent
from app.schemas.unified_pipeline import StageName, UserFeedback
from cli_tools import brief
from cli_tools.backend import Ad, Backend, Line, Purse, Retry
from cli_tools.board import Board, Milestone
from cli_tools.door import Door, find_door
from cli_tools.gates import Gates
from cli_tools.library import remember_folder
from cli_tools.local_backend import open_local
from cli_tools.lock_holder import say_who_works
from cli_tools.remote_backend import open_remote
from cli_tools.render import Screen
from cli_tools.run_folder import FINISHED, RunFolder
from cli_tools.views import Views


@dataclass(frozen=True)
class Options:
    """How a command wants its ads made."""

    wait_for_lock: bool = True
    interactive: bool = False
    approve_all: bool = False
    fresh: bool = True
    door: Door | None = None
    retry: Retry | None = None
    purse: Purse = field(default_factory=Purse)


class Studio:
    """Makes ads for one command."""

    def __init__(self, screen: Screen, settings: Settings, options: Options) -> None:
        self._screen = screen
        self._settings = settings
        self._options = options
        self._views = Views(screen)
        self._gates = Gates(screen, approve_all=options.approve_all)

    async def make(self, folders: Sequence[RunFolder]) -> list[Ad]:
        """Make or go on with every folder's ad. An ad that fails carries its error; the others go on.

        Raises:
            UserError: A request is refused before anything was made; the new notes are taken back.
            AdMintError: The engine can't be opened.
        """
        ads = [_ad(folder, number, len(folders)) for number, folder in enumerate(folders, start=1)]
        for ad in ads:
            ad.retry, ad.purse = self._options.retry, self._options.purse
        try:
            await asyncio.to_thread(self._check, ads)
        except UserError:
            if self._options.fresh:
                for ad in ads:
                    ad.folder.discard()
            raise
        for ad in ads:
            self._screen.say(self._views.heading(ad.board.prompt, ad.name))
        keep = [ad.folder.generation_id for ad in ads if ad.folder.generation_id]
        try:
            async with self._open(keep) as backend:
                self._screen.start_live(LiveArea(self._views, ads))
                await self._make_all(backend, ads)
        finally:
            self._screen.stop_live()
        return ads

    def _open(self, keep: Sequence[str]) -> AbstractAsyncContextManager[Backend]:
        """Return where the ads are made: the server that was named or runs here, else this process."""
        door = find_door(self._settings, self._options.door)
        if door is not None:
            return open_remote(self._screen, door)
        say_who_works(self._screen, self._settings, wait=self._options.wait_for_lock)
        return open_local(self._settings, keep, wait_for_lock=self._options.wait_for_lock)

    def _check(self, ads: Sequence[Ad]) -> None:
        for ad in ads:
            if ad.folder.generation_id is None:
                ad.session_id = new_id()
                ad.request = brief.build_request(ad.folder.request, ad.session_id)
                brief.check_plan(ad.folder.request, ad.request)
                brief.check_images(ad.folder.request)

    async def _make_all(self, backend: Backend, ads: Sequence[Ad]) -> None:
        if self._options.interactive:
            for ad in ads:
                await self._make_one(backend, ad)
            return
        async with asyncio.TaskGroup() as group:
            for ad in ads:
                group.create_task(self._make_one(backend, ad))

    async def _make_one(self, backend: Backend, ad: Ad) -> None:
        ad.began = time.monotonic()
        try:
            line = await backend.begin(ad)
            remember_folder(self._settings, ad.folder.started_id, ad.folder)
            await AdRun(self._screen, self._views, self._gates, line, ad).follow()
            ad.delivered = await backend.deliver(ad, took_s=time.monotonic() - ad.began)
            ad.folder.update(state=FINISHED)
        except Interrupted as error:
            ad.error = error
            ad.folder.update(state="stopped")
        except AdMintError as error:
            ad.error = error
            ad.folder.update(state="failed")


class AdRun:
    """Follows one run from its first event to its last."""

    def __init__(self, screen: Screen, views: Views, gates: Gates, line: Line, ad: Ad) -> None:
        self._screen = screen
        self._views = views
        self._gates = gates
        self._line = line
        self._ad = ad
        self._seq = 0
        self._said: set[str] = set()

    async def follow(self) -> None:
        """Show the run's events until it ends. Raises what the run raised, Interrupted when it was left."""
        if self._line.is_over:
            await self._catch_up(live=False)
            self._recap()
            return
        waiting = asyncio.ensure_future(self._line.wait())
        listening = asyncio.ensure_future(self._listen())
        try:
            await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                await listening
            await waiting
            await self._stop(listening)
            await self._catch_up(live=True)
        finally:
            await self._stop(listening, waiting)

    @staticmethod
    async def _stop(*tasks: asyncio.Future[Any]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        arrived: asyncio.Queue[Heard] = asyncio.Queue()
        pump = asyncio.create_task(self._pump(arrived))
        try:
            await asyncio.sleep(0)  # the pump listens before the log is read, so nothing falls between
            await self._catch_up(live=False)
            self._recap()
            while True:
                if arrived.empty():
                    await self._ask_if_waiting()
                await self._take(await arrived.get())
        finally:
            await self._stop(pump)

    async def _pump(self, arrived: asyncio.Queue[Heard]) -> None:
        async for event in self._line.events():
            arrived.put_nowait(event)

    async def _take(self, event: Heard) -> None:
        if isinstance(event, Hint):
            await self._catch_up(live=True)
        elif event.seq is None:
            self._ad.board.apply(event)
        elif event.seq > self._seq + 1:
            await self._catch_up(live=True)
        elif event.seq == self._seq + 1:
            self._apply(event, live=True)

    async def _catch_up(self, *, live: bool) -> None:
        """Read the stored events that were not seen yet."""
        while True:
            found = await self._line.since(self._seq)
            if not found:
                return
            for event in found:
                self._apply(event, live=live)

    def _apply(self, event: ServerEvent, *, live: bool) -> None:
        self._seq = event.seq or self._seq
        milestone = self._ad.board.apply(event)
        if live and milestone is not None:
            self._announce(milestone)

    async def _ask_if_waiting(self) -> None:
        board = self._ad.board
        stage = board.at_gate
        if stage is None:
            return
        self._screen.stop_live()
        began = time.monotonic()
        feedback = await self._gates.ask(board, stage)
        self._ad.began += time.monotonic() - began
        await self._line.say(feedback)
        board.substage = None
        self._say(self._answered(stage, feedback))
        self._screen.start_live(LiveArea(self._views, [self._ad]))

    def _answered(self, stage: StageName, feedback: UserFeedback) -> RenderableType | None:
        if feedback.action == "approve":
            return self._stage_line("story" if stage == "story" else "scenes")
        if feedback.action == "cancel":
            return None
        what = f"scene {feedback.scene_id}" if feedback.scene_id else f"the {stage}"
        return self._views.note(f"Rewriting {what}." if feedback.action != "regenerate" else f"Another try at {what}.")

    def _recap(self) -> None:
        """Say in short what earlier runs finished."""
        board = self._ad.board
        if board.story is not None and board.at_gate != "story":
            self._say(self._stage_line("story"))
        if board.references:
            self._say(self._stage_line("references"))
        if board.scenes and board.at_gate != "scenes":
            self._say(self._stage_line("scenes"))
        if any(clip.status == "complete" for clip in board.clips.values()) and board.final is None:
            self._say(self._views.clips_so_far(board, self._ad.name))

    def _announce(self, milestone: Milestone) -> None:
        if milestone in {"story", "scenes", "scene"} and self._ad.board.gated:
            return
        self._say(self._stage_line(milestone))

    def _say(self, line: RenderableType | None) -> None:
        """Say a line unless it is the very one said last of its kind."""
        if line is not None and str(line) not in self._said:
            self._said.add(str(line))
            self._screen.say(line)

    def _stage_line(self, milestone: Milestone) -> RenderableType | None:
        board, name, views = self._ad.board, self._ad.name, self._views
        match milestone:
            case "story":
                return views.story_line(board, name)
            case "references":
                return views.references_line(board, name)
            case "scenes" | "scene":
                return views.scenes_line(board, name)
            case "clip" if not self._screen.animated and board.last_clip is not None:
                return views.clip_line(board, board.last_clip, name)
            case "stitching" if self._screen.animated:
                return views.clips_line(board, name)
            case "final":
                return views.film_line(board, name)
            case "ack" if board.ack is not None and board.ack.action == "stale":
                return views.note("That answer spoke of an older draft; here is the newest.")
        return None


class LiveArea:
    """The redrawing area: whatever the boards say at that moment."""

    def __init__(self, views: Views, ads: Sequence[Ad]) -> None:
        self._views = views
        self._ads = ads

    def __rich__(self) -> RenderableType:
        return self._views.live([(f"{ad.name}  {ad.board.prompt}", ad.board) for ad in self._ads])


def _ad(folder: RunFolder, number: int, count: int) -> Ad:
    name = str(number) if count > 1 else ""
    return Ad(folder=folder, name=name, board=Board(prompt=str(folder.request["prompt"])))
