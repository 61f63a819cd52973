"""`admint score`: measure any video files here, one after the other. Opens no database and makes nothing.

Tests: tests/test_cli/test_score.py
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import ConfigError, InvalidInput, MediaError
from cli_tools.border import guarded
from cli_tools.render import Format, Screen
from cli_tools.run_folder import shown_path

if TYPE_CHECKING:
    from app.core.settings import Settings
    from app.ports.scoring import Score, Scorer
    from app.schemas.score_events import VBenchScore


@dataclass(frozen=True)
class Flags:
    """The command line, as typed."""

    files: list[Path]
    film: bool
    static: bool
    style: Format


@dataclass(frozen=True)
class Scored:
    """One file's score. `refused`: it is nothing that can be scored, and was not tried."""

    file: Path
    score: VBenchScore
    refused: bool = False


def run(flags: Flags) -> int:
    """Score the files. Returns the exit code: 0 only when each has a score."""
    screen = Screen(flags.style)
    return guarded(screen, lambda: _score(screen, flags))


def _score(screen: Screen, flags: Flags) -> int:
    from app.core.settings import load_settings
    from cli_tools.process import Stopped, logging_to, run_until_done
    from cli_tools.stop import STOPPED

    if flags.film and flags.static:
        raise InvalidInput("--film and --static don't go together.", hint="A film has cuts, a still shot has none.")
    settings = load_settings()
    scorer = _scorer(settings)
    try:
        with logging_to(settings, verbose=False, console=screen.ui):
            found = run_until_done(_measure_all(screen, scorer, flags), lambda: screen.stopped("Stopped.", ""))
    except Stopped:
        return STOPPED
    screen.report({"scores": [_facts(each) for each in found]})
    if any(each.refused for each in found):
        return InvalidInput.exit_code
    return MediaError.exit_code if any(each.score.overall_score is None for each in found) else 0


def _scorer(settings: Settings) -> Scorer:
    from app.providers.registry import ProviderDeps, build_scorer
    from app.storage.local import LocalStorage

    deps = ProviderDeps(LocalStorage(settings.media_path), settings.work_path, settings.media_workers, settings)
    scorer = build_scorer(settings.scorer, deps)
    if scorer is None:
        raise ConfigError("ADMINT_SCORER is none: nobody scores here.", hint="Unset it, or set it to embedded.")
    return scorer


async def _measure_all(screen: Screen, scorer: Scorer, flags: Flags) -> list[Scored]:
    found: list[Scored] = []
    for file in flags.files:
        found.append(await _measured(scorer, file, flags))
        if screen.style == "text":
            _tell(screen, found[-1])
    return found


async def _measured(scorer: Scorer, file: Path, flags: Flags) -> Scored:
    from app.ports.scoring import ScoreRequest
    from app.services.quality.measuring import measure, without_score

    refusal = await asyncio.to_thread(_refusal, file)
    if refusal is not None:
        return _scored(file, without_score(scorer, refusal), refused=True)
    request = ScoreRequest(video=file, static=flags.static, edited=flags.film)
    return _scored(file, await measure(scorer, request, await asyncio.to_thread(_duration, file)))


def _scored(file: Path, score: Score, *, refused: bool = False) -> Scored:
    from app.services.quality.score_keeping import told

    return Scored(file, told(None, score), refused)


def _refusal(file: Path) -> str | None:
    """Return why a file is not even tried, null for one that is."""
    shown = shown_path(file)
    if file.is_dir():
        return f"{shown} is a folder, not a video file."
    if not file.exists():
        return f"There is no file {shown}."
    try:
        with file.open("rb") as stream:
            return None if stream.read(1) else f"{shown} is empty."
    except OSError as error:
        return f"{shown} can't be read: {error.strerror}."


def _duration(file: Path) -> float:
    """Return the length the file claims, in seconds; 0 when it says nothing."""
    from app.kit.media.facts import claimed_duration

    return claimed_duration(file)


def _tell(screen: Screen, scored: Scored) -> None:
    from app.schemas.unified_pipeline import PipelineConfig
    from cli_tools.scores import word
    from cli_tools.views import Views

    views, score, name = Views(screen), scored.score, shown_path(scored.file)
    if score.overall_score is None:
        screen.say(views.facts([("File", name), ("Score", f"None. {score.reason}")]), "")
        return
    given = score.breakdown.model_dump().items()
    parts = [f"{key.replace('_', ' ')} {'unknown' if value is None else f'{value:.1f}'}" for key, value in given]
    overall = f"{score.overall_score:.1f} of 100, {word(score.overall_score, PipelineConfig())}"
    measured = f"{score.scorer} {score.scorer_version}".strip()
    screen.say(
        views.facts([("File", name), ("Score", overall), ("Of which", ", ".join(parts)), ("Measured by", measured)]), ""
    )


def _facts(scored: Scored) -> dict[str, Any]:
    raw = scored.score.model_dump(mode="json", exclude={"clip_id"})
    return {"file": str(scored.file), **raw}
