"""The screen: the only place of AdMint that prints. Text for people, or exactly one JSON document for programs.

With `--format json` the document alone goes to standard output and everything else to standard error.
Made by cli_tools/admint.py for each command. Tests: tests/test_cli/test_views.py
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

Format = Literal["text", "json"]
EXIT_CODES: Final[Mapping[int, str]] = {
    0: "Done.",
    1: "Something unexpected went wrong, or `admint doctor` found a fault.",
    2: "The input is wrong: a flag, the prompt, an image.",
    3: "A configuration file or setting is wrong.",
    4: "There is no such ad or run.",
    5: "Another process is working here, or the output folder is taken.",
    6: "A media file is unreadable or failed its check; what was finished is kept.",
    7: "The disk is full or the store can't be reached; what was finished is kept.",
    8: "A stage ran out of time; what was finished is kept.",
    9: "A model or service answered badly.",
    10: "The server wants a sign-in or a token, or does not allow it.",
    11: "Over a limit; try again later.",
    12: "It could cost more than the cap allows; nothing was bought.",
    13: "A paid order may or may not have been charged; your word is needed.",
    130: "Stopped by you. Nothing is lost; `admint resume` goes on.",
}
"""Every exit code of `admint` and what it means."""
_REFRESH_PER_S = 8


class Screen:
    """Where a command's words go.

    Args:
        style: `text` or `json`.
        quiet: Say only the result (text: one path a line) and errors.
        verbose: Also show details and the log.
    """

    def __init__(self, style: Format = "text", *, quiet: bool = False, verbose: bool = False) -> None:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        self.style = style
        self.quiet = quiet
        self.verbose = verbose
        self.errors = _console(stderr=True)
        self.ui = self.errors if style == "json" else _console(stderr=False)
        self._live: Live | None = None
        self._reported = False

    @property
    def animated(self) -> bool:
        """True when lines may be redrawn: a real terminal that is not told to keep quiet."""
        return self.ui.is_terminal and not self.ui.is_dumb_terminal and not self.quiet

    @property
    def coloured(self) -> bool:
        """True when colours are seen."""
        return self.ui.color_system is not None and not self.ui.no_color

    @property
    def unicode(self) -> bool:
        """True when the terminal can show more than ASCII."""
        return self.ui.encoding.lower().startswith("utf")

    def say(self, *parts: RenderableType) -> None:
        """Tell a person something; silent with `--quiet`."""
        if not self.quiet:
            self._print(parts)

    def say_in_text(self, *parts: RenderableType) -> None:
        """Tell a person something that in JSON mode is part of the document."""
        if self.style == "text":
            self.say(*parts)

    def show(self, *parts: RenderableType) -> None:
        """Show what a person is asked about, even with `--quiet`: a question can't be answered unseen."""
        self._print(parts)

    def ask(self, prompt: Text) -> None:
        """Show the prompt of a question; the answer is typed behind it."""
        self.ui.print(prompt, end="", highlight=False)
        self.ui.file.flush()

    def detail(self, text: str) -> None:
        """Tell a person something only `--verbose` asks for."""
        if self.verbose:
            self.ui.print(Text(f"  {text}", "dim"), highlight=False)

    def result(self, text: str, *parts: RenderableType) -> None:
        """Give a command's result: `parts` to a person, `text` alone with `--quiet`. Nothing in JSON mode."""
        if self.style == "json":
            return
        if self.quiet:
            self.ui.print(Text(text), highlight=False, soft_wrap=True)
            return
        self.say(*parts)

    def document(self, data: Any) -> None:
        """Print the JSON document of a success; in text mode nothing."""
        if self.style == "json":
            self._print_document({"status": "success", "data": data})

    def report(self, document: dict[str, Any]) -> None:
        """Print a JSON document whose shape is a contract of its own; in text mode nothing."""
        if self.style == "json":
            self._print_document(document)

    def problem(self, message: str, hint: str = "", *, code: str = "internal", data: Any = None) -> None:
        """Say what went wrong and what to do, once: further calls of the same run are dropped."""
        self.stop_live()
        if self._reported:
            return
        self._reported = True
        if self.style == "json":
            error = {"code": code, "message": message, "hint": hint}
            self._print_document({"error": error, "status": "error"} | ({"data": data} if data is not None else {}))
            return
        self.errors.print(Text.assemble(("Error: ", "bold red"), message), highlight=False, soft_wrap=True)
        if hint:
            self.errors.print(Text(hint), highlight=False, soft_wrap=True)

    def stopped(self, message: str, hint: str) -> None:
        """Say that the user's stop worked, once, and how to go on."""
        self.stop_live()
        if self._reported:
            return
        if self.style == "json":
            self.problem(message, hint, code="interrupted")
            return
        self._reported = True
        self.errors.print(Text(f"\n{message}", "bold"), highlight=False, soft_wrap=True)
        self.errors.print(Text(hint), highlight=False, soft_wrap=True)

    def _print(self, parts: Iterable[RenderableType]) -> None:
        for part in parts:
            self.ui.print(part, highlight=False, soft_wrap=isinstance(part, str) or not self.ui.is_terminal)

    def _print_document(self, document: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def start_live(self, renderable: RenderableType) -> None:
        """Show an area that redraws itself below what was said; it leaves no trace when stopped."""
        if self.animated and self._live is None:
            self._live = Live(
                renderable,
                console=self.ui,
                transient=True,
                refresh_per_second=_REFRESH_PER_S,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def stop_live(self) -> None:
        """Take the redrawing area away."""
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()


def sentence(text: str) -> str:
    """Return a message with one full stop at its end. Its first letter stays: it may be a file's name."""
    return text if text[-1:] in {"?", "!"} else f"{text.rstrip('.')}."


def _console(*, stderr: bool) -> Console:
    return Console(stderr=stderr, emoji=False, markup=False)
