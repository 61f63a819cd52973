"""The last look at a finished draft before anyone sees it: does it play, sound, move and say what was planned?

Built by app/container.py; called by services/unified_pipeline/video_stage.py. It measures the stored film
(app/kit/media/survey.py, in a process of its own) and compares plan and scenes; it judges and never repairs.
Tests: tests/test_services/test_delivery_check.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Literal

from pydantic import Field

from app.core.errors import InvalidInput, MediaError
from app.kit.media.survey import LOOKS_PER_SECOND, SOUND_WINDOW_S, Survey, runs
from app.kit.worker import run_job
from app.ports.storage import Storage
from app.schemas.base import Model
from app.schemas.story import Copy, Story
from app.schemas.unified_pipeline import AdPlan, Scene

FindingCode = Literal[
    "unreadable",
    "wrong_duration",
    "no_sound",
    "silent_stretch",
    "black_stretch",
    "frozen_stretch",
    "little_motion",
    "repeated_layout",
    "product_missing",
    "brand_missing",
    "cta_missing",
    "cta_early",
    "text_cut",
]

DURATION_SLACK_S = 0.2
SILENCE_DBFS = -50.0
LONGEST_SILENCE_S = 1.5
RING_OUT_S = 3.0
AUDIBLE_LUFS = -40.0
BLACK_SHARE = 0.995
LONGEST_BLACK_S = 0.5
STILL_SHARE = 0.003
"""A look with a smaller share of moved pixels, against one second before, counts as still (160 px wide grey).

Measured: encoded stills 0.000-0.001; the calmest stretch of a rendered scene 0.013, at 720p as at 320x180.
"""
LONGEST_FREEZE_S = 2.5
MOVING_SHARE = 0.6
"""At least this share of looks must not be still, the last scene left out.

Measured: a rendered film of five layouts 0.95; a slideshow of stills at most 0.3.
"""
_DRIFT_S = 1.0


class Finding(Model):
    """One fault. An error means the draft should not be shown as done; a warning is only said."""

    code: FindingCode
    message: str
    severity: Literal["error", "warning"] = "error"
    scene_id: int | None = None


class DeliveryReport(Model):
    """The verdict. `moving_share` and `loudness_lufs` are the measured values, null when unreadable or silent."""

    passed: bool
    findings: list[Finding] = Field(default_factory=list)
    moving_share: float | None = None
    loudness_lufs: float | None = None


class DeliveryChecker:
    """Checks a finished film of the object store against its plan, story and scenes."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def check(self, key: str, *, plan: AdPlan, story: Story, scenes: Sequence[Scene]) -> DeliveryReport:
        """Return what is wrong with the film under `key`; an unreadable film is a finding, not an error.

        Raises:
            NotFound: nothing is stored under `key`.
        """
        try:
            async with self._storage.local_copy(key) as path:
                film = Survey(**await run_job("app.kit.media.survey:survey_job", {"path": str(path)}))
        except (InvalidInput, MediaError) as error:
            findings = [Finding(code="unreadable", message=str(error)), *check_words(story, scenes)]
            return DeliveryReport(passed=False, findings=findings)
        return judged(film, plan=plan, story=story, scenes=scenes)


def judged(film: Survey, *, plan: AdPlan, story: Story, scenes: Sequence[Scene]) -> DeliveryReport:
    """Return the verdict on a measured film."""
    spans = scene_spans(scenes)
    findings = [*check_length(film, plan), *check_sound(film), *check_picture(film, spans), *check_words(story, scenes)]
    return DeliveryReport(
        passed=all(finding.severity != "error" for finding in findings),
        findings=findings,
        moving_share=round(moving_share(film, spans), 3),
        loudness_lufs=round(film.loudness, 1) if film.loudness is not None else None,
    )


def scene_spans(scenes: Sequence[Scene]) -> list[tuple[int, float, float]]:
    """Return (scene id, start, end) in seconds, in film order."""
    ends = [0.0, *accumulate(scene.duration for scene in scenes)]
    return [(scene.id, start, end) for scene, (start, end) in zip(scenes, pairwise(ends), strict=True)]


def check_length(film: Survey, plan: AdPlan) -> Iterator[Finding]:
    """Yield a finding when picture or sound is not as long as planned."""
    if abs(film.duration - plan.duration_s) > DURATION_SLACK_S:
        yield Finding(
            code="wrong_duration", message=f"The film lasts {film.duration:.1f} s; {plan.duration_s:g} s were planned."
        )
    elif film.levels and abs(film.sound_duration - film.duration) > DURATION_SLACK_S:
        yield Finding(
            code="wrong_duration",
            message=f"The sound lasts {film.sound_duration:.1f} s, the picture {film.duration:.1f} s.",
        )


def check_sound(film: Survey) -> Iterator[Finding]:
    """Yield findings for a film without audible sound, or with a silent stretch before the ring-out."""
    if film.loudness is None or film.loudness < AUDIBLE_LUFS:
        yield Finding(code="no_sound", message="The film has no audible sound.")
        return
    for first, last in runs([level < SILENCE_DBFS for level in film.levels]):
        start, end = first * SOUND_WINDOW_S, last * SOUND_WINDOW_S
        heard_end = min(end, film.duration - RING_OUT_S) if last == len(film.levels) else end
        if heard_end - start > LONGEST_SILENCE_S:
            yield Finding(code="silent_stretch", message=f"It is silent from {start:.1f} s to {end:.1f} s.")


def check_picture(film: Survey, spans: Sequence[tuple[int, float, float]]) -> Iterator[Finding]:
    """Yield findings for black stretches, frozen stretches (the last scene may hold) and a film that hardly moves."""
    step = 1 / LOOKS_PER_SECOND if len(film.times) < 2 else film.times[1] - film.times[0]
    for first, last in runs([share >= BLACK_SHARE for share in film.black]):
        if (last - first) * step > LONGEST_BLACK_S:
            start, end = film.times[first], film.times[last - 1] + step
            message = f"The picture is black from {start:.1f} s to {end:.1f} s."
            yield Finding(code="black_stretch", message=message, scene_id=_scene_at(spans, start))
    card = spans[-1][1] if len(spans) > 1 else film.duration
    yield from _frozen(film, spans, card, step)
    share = moving_share(film, spans)
    if share < MOVING_SHARE:
        yield Finding(
            code="little_motion",
            message=f"It feels like a slideshow: it moves {share:.0%} of the time, {MOVING_SHARE:.0%} is needed.",
        )


def _frozen(film: Survey, spans: Sequence[tuple[int, float, float]], card: float, step: float) -> Iterator[Finding]:
    still = [max(looks) < STILL_SHARE for looks in zip(film.drift, film.moved, strict=True)]
    for first, last in runs(still):
        after_cut = first and film.drift[first - 1] < STILL_SHARE
        start = film.times[first - 1] if after_cut else max(0.0, film.times[first] - _DRIFT_S)
        end = min(film.times[last - 1] + step, card)
        if end - start > LONGEST_FREEZE_S:
            message = f"The picture stands still from {start:.1f} s to {end:.1f} s."
            yield Finding(code="frozen_stretch", message=message, scene_id=_scene_at(spans, (start + end) / 2))


def moving_share(film: Survey, spans: Sequence[tuple[int, float, float]]) -> float:
    """Return the share of looks (0-1) in which something moved, the last scene left out when there are several."""
    card = spans[-1][1] if len(spans) > 1 else film.duration
    looks = [drift for time, drift in zip(film.times, film.drift, strict=True) if time < card - 1e-6]
    return sum(drift >= STILL_SHARE for drift in looks) / len(looks) if looks else 0.0


def _scene_at(spans: Sequence[tuple[int, float, float]], time: float) -> int | None:
    return next((scene_id for scene_id, start, end in spans if start - 1e-6 <= time < end), None)


def check_words(story: Story, scenes: Sequence[Scene]) -> Iterator[Finding]:
    """Yield findings that the scenes themselves show: layouts, product, brand, call to action, words cut short."""
    for before, after in pairwise(scenes):
        if before.layout == after.layout:
            message = f"Scenes {before.id} and {after.id} have the same layout, {after.layout}."
            yield Finding(code="repeated_layout", message=message, scene_id=after.id)
    if story.product and not any("product" in scene.references for scene in scenes):
        yield Finding(code="product_missing", message="The product is in no scene.")
    if story.brand and not _brand_seen(story.brand, scenes):
        yield Finding(code="brand_missing", message=f"The brand {story.brand} is never on screen.")
    yield from _call_to_action(scenes)
    yield from _cut_words(story, scenes)


def _brand_seen(brand: str, scenes: Sequence[Scene]) -> bool:
    read = " ".join(text for scene in scenes for text in texts(scene.copy_text)).casefold()
    return brand.casefold() in read or any("logo" in scene.references for scene in scenes)


def _call_to_action(scenes: Sequence[Scene]) -> Iterator[Finding]:
    if not scenes or not scenes[-1].copy_text.cta:
        last = scenes[-1].id if scenes else None
        yield Finding(code="cta_missing", message="The last scene has no call to action.", scene_id=last)
    for scene in scenes[:-1]:
        if scene.copy_text.cta:
            message = f"Scene {scene.id} already has a call to action; it belongs in the last scene only."
            yield Finding(code="cta_early", message=message, scene_id=scene.id)


def texts(copy: Copy) -> list[str]:
    """Return every line a viewer reads, top to bottom."""
    lines = [copy.kicker, copy.headline, copy.support, *copy.items, copy.cta, copy.url]
    return [line for line in lines if line]


def _cut_words(story: Story, scenes: Sequence[Scene]) -> Iterator[Finding]:
    """A line that is only the beginning of the story's line, or ends in an ellipsis of its own, was cut."""
    told = {scene.id: texts(scene.copy_text) for scene in story.scenes}
    for scene in scenes:
        lines = told.get(scene.id, [])
        for text in texts(scene.copy_text):
            stem = text.rstrip(" .…")
            cut = [line for line in lines if line != text and line.startswith(stem) and len(line) > len(text)]
            if text not in lines and stem and cut:
                message = f"Scene {scene.id} shows “{text}” of “{cut[0]}”."
                yield Finding(code="text_cut", message=message, scene_id=scene.id)
