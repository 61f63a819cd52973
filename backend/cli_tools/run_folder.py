"""The output folder's own note, `.admint-run.json`: what was asked, which run it became, how far it got.

Written before anything heavy is imported, so that a kill at any moment leaves a folder `admint resume` can go on
from. Called by commands/generate.py and commands/resume.py. Light imports only.
Tests: tests/test_cli/test_run_folder.py
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.errors import Conflict, InvalidInput, NotFound, StorageError

NOTE = ".admint-run.json"
FINAL = "final.mp4"
METADATA = "metadata.json"
FINISHED = "finished"
_SLUG_LENGTH = 40


@dataclass
class RunFolder:
    """One ad's output folder and its note. `state`: started, running, finished, failed or stopped."""

    path: Path
    request: dict[str, Any]
    version: str
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    generation_id: str | None = None
    state: str = "started"
    made_folders: list[Path] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        """True when the folder was filled and still is."""
        return self.state == FINISHED and (self.path / METADATA).exists()

    @property
    def started_id(self) -> str:
        """The generation's id. Raises NotFound while there is none."""
        if self.generation_id is None:
            raise NotFound(f"The ad in {self.shown} was never started.", hint="`admint resume` starts it.")
        return self.generation_id

    @property
    def shown(self) -> str:
        """The folder as a person would type it: relative where that is shorter."""
        return shown_path(self.path)

    def save(self) -> None:
        """Write the note, whole or not at all. Raises StorageError."""
        try:
            self._make_folder()
            write_json(
                self.path / NOTE,
                {
                    "admint": self.version,
                    "created": self.created,
                    "request": self.request,
                    "generation_id": self.generation_id,
                    "state": self.state,
                },
            )
        except OSError as error:
            raise StorageError(
                f"Can't write to {self.shown}: {error.strerror}.", hint="Choose another folder with --output."
            ) from error

    def update(self, *, state: str, generation_id: str | None = None) -> None:
        """Note how far the run got."""
        self.state, self.generation_id = state, generation_id or self.generation_id
        self.save()

    def discard(self) -> None:
        """Take the note back: the request was refused before anything was made."""
        (self.path / NOTE).unlink(missing_ok=True)
        for folder in reversed(self.made_folders):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _make_folder(self) -> None:
        missing = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        self.made_folders += [folder for folder in reversed(missing) if folder not in self.made_folders]


def write_json(path: Path, document: Any) -> None:
    """Write a JSON file to a temporary name, fsync, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with temporary.open("w", encoding="utf-8") as target:
        json.dump(document, target, indent=2, ensure_ascii=False)
        target.write("\n")
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(path)


def read_folder(path: Path) -> RunFolder | None:
    """Return what the note says, null when there is none. Raises InvalidInput for a damaged one."""
    note = path / NOTE
    try:
        raw = json.loads(note.read_text(encoding="utf-8"))
        return RunFolder(
            path=path,
            request=dict(raw["request"]),
            version=str(raw["admint"]),
            created=str(raw["created"]),
            generation_id=raw["generation_id"],
            state=str(raw["state"]),
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{shown_path(note)} can't be read.", hint="Resume by id instead: `admint list` shows the ids."
        ) from error


def folders_under(path: Path) -> list[RunFolder]:
    """Return the folder's own run, or those of its direct sub-folders. Raises NotFound when there is none."""
    own = read_folder(path)
    if own is not None:
        return [own]
    children = sorted(child for child in path.iterdir() if child.is_dir()) if path.is_dir() else []
    found = [run for run in map(read_folder, children) if run is not None]
    if not found:
        raise NotFound(f"No AdMint run was started in {shown_path(path)}.", hint="`admint list` shows what there is.")
    return found


def choose_folders(prompts: Sequence[str], output: Path | None, *, force: bool) -> list[Path]:
    """Return one folder a prompt: `output` itself for one, sub-folders of it for several.

    Raises:
        Conflict: A named folder holds another run and `force` is off.
        InvalidInput: `output` is a file.
    """
    if output is not None and output.exists() and not output.is_dir():
        raise InvalidInput(f"{shown_path(output)} is a file.", hint="Name a folder with --output.")
    if len(prompts) == 1 and output is not None:
        _refuse_taken(output, force=force)
        return [output.absolute()]
    base = (output or Path("output")).absolute()
    chosen: list[Path] = []
    for prompt in prompts:
        chosen.append(_free_folder(base, slug(prompt), taken=chosen))
    return chosen


def _free_folder(base: Path, name: str, taken: Sequence[Path]) -> Path:
    number = 1
    while True:
        folder = base / (name if number == 1 else f"{name}-{number}")
        if folder not in taken and not (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            return folder
        number += 1


def _refuse_taken(folder: Path, *, force: bool) -> None:
    run = read_folder(folder) if not force else None
    if run is None:
        if not force and (folder / FINAL).exists():
            raise Conflict(
                f"{shown_path(folder)} already holds a {FINAL}.", hint="Choose another --output, or add --force."
            )
        return
    if run.is_finished:
        raise Conflict(
            f"{shown_path(folder)} already holds a finished ad.",
            hint="Choose another --output, or add --force to replace it.",
        )
    raise Conflict(
        f"{shown_path(folder)} holds an ad that isn't finished yet.",
        hint=f"Go on with it: admint resume --output {quoted(folder)}. Or add --force to start over.",
    )


def slug(prompt: str) -> str:
    """Return a folder name made of the prompt's first words: lower case, plain letters where there are any."""
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower()) or re.findall(r"\w+", prompt.lower())
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:_SLUG_LENGTH]
        if len(longer) > _SLUG_LENGTH:
            break
        name = longer
    return name or "ad"


def shown_path(path: Path) -> str:
    """Return a path relative to here when it lies below, else absolute."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def quoted(path: Path) -> str:
    """Return a path as it can be pasted into a shell."""
    import shlex

    return shlex.quote(shown_path(path))
