"""The ad's shape, decided once as data: length, scenes, frame, framework and seed. Never re-read from prose.

Called by the orchestrator before the story stage; by doors that show a plan. Pure: no I/O, no clock.
Tests: tests/test_services/test_ad_planner.py
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from app.core.errors import InvalidInput
from app.kit.ids import seed_from
from app.schemas.providers import BriefReading
from app.schemas.story import Framework
from app.schemas.unified_pipeline import FRAME_SIZES, AdPlan, AspectRatio, GenerationRequest, Pacing, PipelineConfig

MIN_DURATION_S: Final = 2
MAX_DURATION_S: Final = 60
MIN_SCENE_S: Final = 1
MIN_SIDE_PX: Final = 64
SEED_MASK: Final = 2**31 - 1
"""Seeds stay inside what `GenerationRequest.seed` takes, so that a shown seed can be given back."""


def plan_ad(
    request: GenerationRequest,
    reading: BriefReading,
    config: PipelineConfig,
    legal_lengths: Sequence[float] | None = None,
) -> AdPlan:
    """Return the plan: what the request says wins over the brief, the brief over the configuration.

    Args:
        request: The parsed request.
        reading: What the brief states about the ad's shape.
        config: The run's configuration.
        legal_lengths: Clip lengths in seconds that the video provider can make; None when any will do.
            Lengths that fill the ad exactly are preferred; otherwise clips are planned shorter than a legal
            length and trimmed at the stitch.

    Returns:
        A plan whose scene durations are whole frames and add up to `duration_s`, itself whole frames.

    Raises:
        InvalidInput: The length is outside 2-60 s, the scenes cannot be fitted into it, a custom framework has no
            text, or the frame is too small.
    """
    frames = round(_duration(request, reading, config) * config.fps)
    aspect_ratio: AspectRatio = request.aspect_ratio or reading.aspect_ratio or config.aspect_ratio
    width, height = _frame_size(aspect_ratio, config.frame_scale)
    scenes = _scene_frames(frames, config, legal_lengths)
    return AdPlan(
        duration_s=frames / config.fps,
        scene_durations=[count / config.fps for count in scenes],
        aspect_ratio=aspect_ratio,
        width=width,
        height=height,
        fps=config.fps,
        framework=_framework(request, reading, config),
        tone=reading.tone,
        seed=request.seed if request.seed is not None else seed_from(request.prompt) & SEED_MASK,
    )


def _duration(request: GenerationRequest, reading: BriefReading, config: PipelineConfig) -> float:
    stated = request.duration_s if request.duration_s is not None else reading.duration_s
    duration = stated if stated is not None else config.duration_s
    if MIN_DURATION_S <= duration <= MAX_DURATION_S:
        return duration
    raise InvalidInput(
        f"The ad would last {duration:g} s; it can last {MIN_DURATION_S} to {MAX_DURATION_S} s.",
        hint=f"State a length from {MIN_DURATION_S} to {MAX_DURATION_S} seconds, for example 30.",
    )


def _framework(request: GenerationRequest, reading: BriefReading, config: PipelineConfig) -> Framework:
    text = bool((request.framework_text or config.framework_text or "").strip())
    if request.framework is None and (request.framework_text or "").strip():
        return "custom"
    chosen = request.framework or reading.framework or config.framework
    if chosen == "custom" and not text and request.framework is None:
        # The brief only sounded like it: nobody asked for a framework we have no text of.
        chosen = config.framework
    if chosen == "custom" and not text:
        raise InvalidInput(
            "The framework 'custom' needs a text that names its beats.",
            hint="Give the beats as the framework text, or choose AIDA, PAS, FAB or BAB.",
        )
    return chosen


def _frame_size(aspect_ratio: AspectRatio, scale: float) -> tuple[int, int]:
    width, height = (2 * round(side * scale / 2) for side in FRAME_SIZES[aspect_ratio])
    if min(width, height) < MIN_SIDE_PX:
        raise InvalidInput(
            f"frame_scale {scale:g} makes a frame of {width}x{height} pixels; each side needs {MIN_SIDE_PX} or more.",
            hint="Use 0.25 for a quick preview, 1.0 for the standard size.",
        )
    return width, height


def _scene_frames(frames: int, config: PipelineConfig, legal_lengths: Sequence[float] | None) -> list[int]:
    """Return the frames of each scene; they add up to `frames`."""
    fps = config.fps
    legal = None if legal_lengths is None else _legal_frames(legal_lengths, fps)
    if legal is not None and not legal:
        raise InvalidInput("The video provider names no usable clip length.", hint="Choose another video provider.")
    count = config.scene_count or _scene_count(frames / fps, config.pacing)
    if legal is not None:
        count = _raise_for_longest(count, frames, legal[-1], config)
        exact = _exact_fill(frames, _counts_near(count, config), legal)
        if exact is not None:
            return exact
    if frames < count * MIN_SCENE_S * fps:
        raise InvalidInput(
            f"{count} scenes do not fit into {frames / fps:g} s: each needs {MIN_SCENE_S} s or more.",
            hint=f"Use at most {int(frames / fps / MIN_SCENE_S)} scenes, or a longer ad.",
        )
    return _even_split(frames, count, _grid(frames, fps, legal[-1] if legal else 0))


def _legal_frames(lengths: Sequence[float], fps: int) -> list[int]:
    return sorted({round(length * fps) for length in lengths if length >= MIN_SCENE_S})


def _grid(frames: int, fps: int, longest: int) -> int:
    """Return the frames of half a second when the total (and the longest legal clip) lies on it, else 1."""
    half = fps // 2
    return half if fps % 2 == 0 and frames % half == 0 and longest % half == 0 else 1


def _scene_count(duration: float, pacing: Pacing) -> int:
    """Return how many scenes a length gets: 30 s -> 5, 15 s -> 4, 2 s -> 2 with the shipped pacing."""
    most = math.floor(duration / pacing.min_scene_s)
    wanted = max(math.floor(duration / pacing.target_scene_s + 0.5), min(pacing.usual_scenes, most))
    return max(1, min(max(wanted, pacing.min_scenes), pacing.max_scenes, math.floor(duration / MIN_SCENE_S)))


def _raise_for_longest(count: int, frames: int, longest: int, config: PipelineConfig) -> int:
    """Return `count`, or more scenes where the longest legal clip would be too short for so few."""
    needed = math.ceil(frames / longest)
    most = config.scene_count or config.pacing.max_scenes
    if needed > most:
        raise InvalidInput(
            f"{frames / config.fps:g} s need {needed} clips of at most {longest / config.fps:g} s; {most} are allowed.",
            hint=f"Make the ad at most {most * longest / config.fps:g} s long, or use another video provider.",
        )
    return max(count, needed)


def _counts_near(count: int, config: PipelineConfig) -> list[int]:
    """Return the scene counts to try, best first: the planned one, then one more, then one fewer."""
    if config.scene_count is not None:
        return [count]
    pacing = config.pacing
    return [n for n in (count, count + 1, count - 1) if n == count or pacing.min_scenes <= n <= pacing.max_scenes]


def _exact_fill(frames: int, counts: Sequence[int], legal: Sequence[int]) -> list[int] | None:
    """Return legal lengths, short to long, that fill `frames` exactly and differ least; None when none do."""
    for count in counts:
        best: dict[int, tuple[int, list[int]]] = {0: (0, [])}
        for _ in range(count):
            best = _one_more(best, frames, legal)
        if frames in best:
            return sorted(best[frames][1])
    return None


def _one_more(
    best: dict[int, tuple[int, list[int]]], frames: int, legal: Sequence[int]
) -> dict[int, tuple[int, list[int]]]:
    """Add one scene to every partial fill; keep the most even (least sum of squares) for each total."""
    grown: dict[int, tuple[int, list[int]]] = {}
    for total, (cost, chosen) in best.items():
        for length in legal:
            if total + length > frames:
                break
            known = grown.get(total + length)
            if known is None or cost + length * length < known[0]:
                grown[total + length] = (cost + length * length, [*chosen, length])
    return grown


def _even_split(frames: int, count: int, unit: int) -> list[int]:
    """Split into near-equal scenes of whole units; the spare ones go to the end, so the hook is never the longest."""
    base, spare = divmod(frames // unit, count)
    return [(base + (index >= count - spare)) * unit for index in range(count)]
