"""`admint generate`: note the request in the output folder, then make the ads.

Tests: tests/test_cli/test_generate.py
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.version import admint_version
from cli_tools import intake
from cli_tools.border import guarded
from cli_tools.render import Format, Screen
from cli_tools.run_folder import RunFolder, choose_folders
from cli_tools.stop import STOPPED, say_stopped, stop_at_once


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    prompts: list[str]
    product_images: list[str]
    character_images: list[str]
    logo: str | None
    framework: str | None
    framework_text: str | None
    brand: str | None
    cta: str | None
    url: str | None
    duration: float | None
    aspect: str | None
    seed: int | None
    config: str | None
    settings: list[str]
    interactive: bool | None
    no_wait: bool
    output: Path | None
    force: bool
    style: Format
    quiet: bool
    verbose: bool
    server: str | None = None
    token: str | None = None


def run(flags: Flags) -> int:
    """Make the ads. Returns the exit code."""
    screen = Screen(flags.style, quiet=flags.quiet, verbose=flags.verbose)
    return guarded(screen, lambda: _generate(screen, flags))


def _generate(screen: Screen, flags: Flags) -> int:
    interactive = _is_interactive(flags)
    prompts = intake.read_prompts(flags.prompts, interactive=interactive)
    requests = [_as_given(flags, prompt, interactive=interactive) for prompt in prompts]
    paths = choose_folders(prompts, flags.output, force=flags.force)
    folders = [
        RunFolder(path=path, request=request, version=admint_version())
        for path, request in zip(paths, requests, strict=True)
    ]
    stop_at_once(screen, folders)
    for folder in folders:
        folder.save()
    return _make(screen, flags, folders, interactive=interactive)


def _make(screen: Screen, flags: Flags, folders: list[RunFolder], *, interactive: bool) -> int:
    try:
        from cli_tools.making import Wish, make_ads
        from cli_tools.remote_library import door_of

        door = door_of(flags.server, flags.token)
        return make_ads(screen, folders, Wish(wait=not flags.no_wait, interactive=interactive, fresh=True, door=door))
    except KeyboardInterrupt:
        say_stopped(screen, folders)
        return STOPPED


def _is_interactive(flags: Flags) -> bool:
    """Ask at the gates only when someone sits there: said so, or one ad at a terminal with nothing piped."""
    if flags.interactive is not None:
        return flags.interactive
    alone = len(flags.prompts) == 1 and flags.style == "text" and not flags.quiet
    return alone and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _as_given(flags: Flags, prompt: str, *, interactive: bool) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "product_images": intake.image_paths(flags.product_images),
        "character_images": intake.image_paths(flags.character_images),
        "logo": next(iter(intake.image_paths([flags.logo] if flags.logo else [])), None),
        "framework": intake.choose(flags.framework, intake.FRAMEWORKS, "framework", "--framework"),
        "framework_text": flags.framework_text,
        "brand": flags.brand,
        "cta": flags.cta,
        "url": flags.url,
        "duration": flags.duration,
        "aspect": intake.choose(flags.aspect, intake.ASPECTS, "aspect ratio", "--aspect"),
        "seed": flags.seed,
        "config": intake.config_name(flags.config),
        "set": flags.settings,
        "interactive": interactive,
    }
