"""From flags to the request as given: plain JSON values, checked as far as that needs nothing heavy.

Called by commands/generate.py before the run's note is written. Imports are light on purpose: a kill during the
heavy ones must leave a folder that can be resumed. Tests: tests/test_cli/test_bad_input.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.core.errors import InvalidInput
from cli_tools.run_folder import shown_path

MAX_PROMPT = 5000
FRAMEWORKS = ("AIDA", "PAS", "FAB", "BAB", "custom")
ASPECTS = ("16:9", "9:16", "1:1")
MAX_TOGETHER = 50 * 2**20
_EXAMPLE = 'admint generate --prompt "Sunrise Roast: coffee roasted the day it ships."'


def read_prompts(given: Sequence[str], *, interactive: bool) -> list[str]:
    """Return the prompts; `-` is read from standard input.

    Raises:
        InvalidInput: There is none, one is empty or too long, or standard input is wanted twice.
    """
    if not given:
        raise InvalidInput("There is no prompt.", hint=f"Say in a sentence what you sell: {_EXAMPLE}")
    if list(given).count("-") > 1:
        raise InvalidInput("--prompt - can be given once.", hint="Standard input can be read only once.")
    if "-" in given and interactive:
        raise InvalidInput(
            "--prompt - and --interactive don't go together.",
            hint="Standard input can't bring both the prompt and your answers: give the prompt as text.",
        )
    return [_checked_prompt(_read_stdin() if prompt == "-" else prompt) for prompt in given]


def _read_stdin() -> str:
    if sys.stdin is None:
        return ""
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def _checked_prompt(prompt: str) -> str:
    text = prompt.encode("utf-8", errors="replace").decode().replace("\x00", "").strip()
    if not text:
        raise InvalidInput("The prompt is empty.", hint=f"Say in a sentence what you sell: {_EXAMPLE}")
    if len(text) > MAX_PROMPT:
        raise InvalidInput(
            f"The prompt is {len(text):,} characters long; the limit is {MAX_PROMPT:,}.",
            hint="Keep what the ad has to say; one sentence is enough.",
        )
    return text


def choose(value: str | None, legal: Sequence[str], noun: str, flag: str) -> str | None:
    """Return the legal spelling of a choice, whatever its case. Raises InvalidInput that names the nearest."""
    if value is None:
        return None
    for option in legal:
        if value.strip().casefold() == option.casefold():
            return option
    import difflib

    by_fold = {option.casefold(): option for option in legal}
    close = difflib.get_close_matches(value.casefold(), by_fold, n=1, cutoff=0.4)
    nearest = f" Did you mean {by_fold[close[0]]}?" if close else ""
    raise InvalidInput(f"There is no {noun} {value!r}.{nearest}", hint=f"{flag} takes {', '.join(legal)}.")


def image_paths(files: Iterable[str]) -> list[str]:
    """Return absolute paths of images that are there and can be read.

    Raises:
        InvalidInput: One is missing, a folder, or unreadable.
    """
    return [str(_image_path(Path(name).expanduser())) for name in files]


def _image_path(path: Path) -> Path:
    shown = shown_path(path) if path.is_absolute() else str(path)
    if path.is_dir():
        raise InvalidInput(f"{shown} is a folder, not an image.", hint=f"Name the files in it: {shown.rstrip('/')}/*")
    if not path.exists():
        pattern = any(sign in path.name for sign in "*?[")
        what = f"No file matches {shown}." if pattern else f"There is no file {shown}."
        raise InvalidInput(what, hint="Check the path; it is read from the folder you are in.")
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise InvalidInput(f"{shown} can't be read: {error.strerror}.", hint="Check its permissions.") from error
    return path.absolute()


def check_total(requests: Iterable[dict[str, Any]]) -> None:
    """Refuse more than 50 MB of images for one ad. Raises InvalidInput."""
    for request in requests:
        total = sum(Path(path).stat().st_size for _, path in images_of(request))
        if total > MAX_TOGETHER:
            raise InvalidInput(
                f"The images are {total / 2**20:.0f} MB together; the limit is {MAX_TOGETHER // 2**20} MB an ad.",
                hint="Use fewer, or smaller copies.",
            )


def images_of(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (product, character or logo; path) of every image in a request as given."""
    found = [("product", path) for path in request["product_images"]]
    found += [("character", path) for path in request["character_images"]]
    return found + ([("logo", request["logo"])] if request["logo"] else [])


def config_name(name: str | None) -> str | None:
    """Return a pipeline's name as given, or the absolute path of a file: a resume may start elsewhere."""
    if name is None or not ("/" in name or name.endswith((".yaml", ".yml"))):
        return name
    return str(Path(name).expanduser().absolute())
