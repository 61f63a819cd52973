"""Where errors end: one clear line and a hint for a person, one JSON document for a program, an exit code for both.

Used by every command. Unexpected errors leave their traceback in a file of ADMINT_HOME/logs.
Tests: tests/test_cli/test_bad_input.py, tests/test_cli/test_border.py
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.core.errors import AdMintError
from cli_tools.render import Format, Screen, sentence

if TYPE_CHECKING:
    from typer import TyperException

_USAGE = 2


def guarded(screen: Screen, work: Callable[[], int]) -> int:
    """Return what `work` returns, or the exit code of what it raised after telling the user."""
    try:
        return work()
    except AdMintError as error:
        screen.problem(sentence(error.message), error.hint, code=error.code)
        return error.exit_code
    except KeyboardInterrupt:
        screen.stopped("Stopped.", "")
        return 130
    except BrokenPipeError:
        return _pipe_closed()
    except typer.Exit as leave:
        return leave.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost border: no traceback may reach the user's screen
        screen.problem(
            "Something unexpected went wrong. What was finished is kept.",
            _where_it_is_told(error),
            code="internal",
        )
        return 1


def refuse_usage(error: TyperException, style: Format) -> int:
    """Tell the user which flag is wrong and return the exit code."""
    if not error.format_message().strip():
        return 0  # no verb at all: the help was shown, and that is no mistake
    screen = Screen(style)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "admint"
    message = error.format_message()
    loose = "unexpected extra argument" in message and command.endswith("generate")
    hint = 'Put your sentence in quotes, after --prompt: admint generate --prompt "..."' if loose else ""
    screen.problem(sentence(message), hint or f"See: {command} --help", code="invalid_input")
    return _USAGE


def _pipe_closed() -> int:
    """The reader of our output has left (`admint list | head`): nothing more can or need be said."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _where_it_is_told(error: BaseException) -> str:
    """Write the traceback to a file and return the sentence that names it."""
    text = _redacted("".join(traceback.format_exception(error)))
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in _log_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return f"Details are in {folder / name}. `admint doctor` checks this machine."
    return f"Details could not be written to a file: {type(error).__name__}: {error}"


def _log_folders() -> list[Path]:
    import tempfile

    from app.core.settings import load_settings

    temporary = Path(tempfile.gettempdir())
    try:
        return [load_settings().home_path / "logs", temporary]
    except AdMintError:
        return [temporary]


def _redacted(text: str) -> str:
    from app.core.logging import RedactionFilter

    return RedactionFilter().text(text)
