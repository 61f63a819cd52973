"""The two approval points in a terminal: show the draft, read a line, understand it, hand it to the waiting run.

Called by cli_tools/studio.py when a run waits. Approval is only ever the user's own word.
Tests: tests/test_cli/test_interactive.py
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import termios
from collections.abc import Sequence

from rich.text import Text

from app.core.errors import Interrupted
from app.kit.ids import new_id
from app.schemas.unified_pipeline import StageName, UserFeedback
from app.services.pipeline.conversation_handler import ConversationHandler, ParsedIntent
from cli_tools.board import Board
from cli_tools.prices import quote_view
from cli_tools.render import Screen
from cli_tools.views import Views

_PASTE_S = 0.03
_MAX_WORDS = 5000
_ASK = {
    "story": "Enter if it looks good, or say what to change. Also: regenerate, cancel.",
    "scenes": "Enter if they look good, or say what to change. One scene: scene 2: … Also: regenerate, cancel.",
}


class Gates:
    """Asks one person at one terminal.

    Args:
        screen: Where drafts are shown.
        approve_all: The user said `--auto` while resuming: that is the approval.
    """

    def __init__(self, screen: Screen, *, approve_all: bool = False) -> None:
        self._screen = screen
        self._views = Views(screen)
        self._approve_all = approve_all
        self._handler = ConversationHandler()
        self._lines = LineReader()

    async def ask(self, board: Board, stage: StageName) -> UserFeedback:
        """Show the draft and return the user's word on it.

        Raises:
            Interrupted: There is nobody to ask (end of input); the draft is kept.
        """
        if self._approve_all:
            return self._feedback(board, stage, ParsedIntent(intent="approve"))
        self._show(board, stage)
        while True:
            self._screen.ask(Text.assemble((f"{self._views.glyphs.prompt} ", "bold cyan")))
            line = await self._lines.line()
            if line is None:
                raise Interrupted(
                    f"The {stage} wait{'s' if stage == 'story' else ''} for your answer, and there is no more input.",
                    hint="Answer in a terminal, or add --auto to approve.",
                )
            parsed = self._understand(board, stage, line)
            if parsed is not None:
                return self._feedback(board, stage, parsed)

    def _show(self, board: Board, stage: StageName) -> None:
        if stage == "story" and board.story is not None:
            self._screen.show(self._views.story(board.story, board.critique))
        if stage == "scenes":
            self._screen.show(self._views.scenes(board.scenes, board.cohesion, board.changed_scene))
            if board.unheard:
                self._screen.show(Text(board.unheard, "yellow"))
        quote = board.quotes.get(stage)
        if quote is not None and quote.total_usd:
            what = "The reference images cost" if stage == "story" else "Filming costs"
            self._screen.show(quote_view(quote, what))
        self._screen.show(Text(_ASK[stage], "dim"))

    def _understand(self, board: Board, stage: StageName, line: str) -> ParsedIntent | None:
        """Return what was meant, or ask back and return null."""
        if not line.strip():
            return ParsedIntent(intent="approve")
        parsed = self._handler.parse_intent(line, stage)
        question = _question(parsed, [scene.id for scene in board.scenes])
        if question:
            self._screen.show(Text(question, "yellow"))
            return None
        return parsed

    def _feedback(self, board: Board, stage: StageName, parsed: ParsedIntent) -> UserFeedback:
        quote = board.quotes.get(stage)
        return UserFeedback.model_validate(
            {
                "id": new_id(),
                "stage": stage,
                "action": parsed.intent,
                "message": parsed.text,
                "scene_id": parsed.scene_id,
                "draft_digest": board.drafts.get(stage, ""),
                "quote_digest": quote.digest if quote else "",
            }
        )


def _question(parsed: ParsedIntent, scenes: Sequence[int]) -> str:
    """Return what must be asked back, empty when the answer is clear."""
    if len(parsed.text) > _MAX_WORDS:
        return f"That is {len(parsed.text):,} characters; please say it in {_MAX_WORDS:,} or fewer."
    if parsed.question:
        return f"{parsed.question} Enter approves."
    if parsed.intent == "edit" and parsed.scene_id not in scenes:
        return f"There is no scene {parsed.scene_id}: pick one from {scenes[0]} to {scenes[-1]}."
    return ""


class LineReader:
    """Reads lines from standard input without a thread, so that a stop never waits for a key."""

    def __init__(self) -> None:
        self._fd = -1
        self._buffer = b""
        self._ended = sys.stdin is None

    async def line(self) -> str | None:
        """Return the next line, null at the end of input. On a terminal what was typed before is dropped."""
        if not self._ended:
            self._fd = sys.stdin.fileno()
        if not self._ended and os.isatty(self._fd):
            termios.tcflush(self._fd, termios.TCIFLUSH)
            self._buffer = b""
        while b"\n" not in self._buffer and not self._ended:
            self._take(await self._read())
        if not self._ended and os.isatty(self._fd):
            await self._take_pasted()
            raw, self._buffer = b" ".join(self._buffer.splitlines()), b""
            return raw.decode(errors="replace")
        raw, found, self._buffer = self._buffer.partition(b"\n")
        return raw.decode(errors="replace") if raw or found else None

    async def _take_pasted(self) -> None:
        """Lines pasted together are one answer."""
        while True:
            try:
                async with asyncio.timeout(_PASTE_S):
                    self._take(await self._read())
            except TimeoutError:
                return

    def _take(self, data: bytes) -> None:
        self._ended = self._ended or not data
        self._buffer += data

    async def _read(self) -> bytes:
        if stat.S_ISREG(os.fstat(self._fd).st_mode):
            return os.read(self._fd, 65536)
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[bytes] = loop.create_future()

        def read() -> None:
            loop.remove_reader(self._fd)
            if not ready.done():
                ready.set_result(os.read(self._fd, 65536))

        loop.add_reader(self._fd, read)
        try:
            return await ready
        finally:
            loop.remove_reader(self._fd)
