"""The delivery check passes a good film and catches each planted failure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.kit.media.sound import RATE
from app.kit.media.survey import survey
from app.schemas.story import CallToAction, Copy, Story, StoryScene
from app.schemas.unified_pipeline import AdPlan, Layout, Scene
from app.services.media.delivery_check import DeliveryChecker, DeliveryReport, check_words, judged
from app.storage.local import LocalStorage
from tests.fixtures.media import ClipSpec, Painter, moving, plain, sine, still, write_clip

SIZE, FPS, SECONDS = (320, 180), 10, 9
PLAN = AdPlan(
    duration_s=SECONDS,
    scene_durations=[3, 3, 3],
    aspect_ratio="16:9",
    width=SIZE[0],
    height=SIZE[1],
    fps=FPS,
    framework="AIDA",
    seed=1,
)


def scene(number: int, layout: Layout, words: Copy, *, product: bool = False) -> Scene:
    return Scene(
        id=number,
        description="",
        duration=3,
        layout=layout,
        copy_text=words,
        references=["product"] if product else [],
    )


def scenes() -> list[Scene]:
    return [
        scene(1, "type-beats", Copy(headline="Dry hands again?")),
        scene(2, "hero-split", Copy(kicker="Bloom", headline="Softness you can see"), product=True),
        scene(3, "logo-close", Copy(headline="Bloom", cta="Try it today")),
    ]


STORY = Story(
    title="Soft",
    framework="AIDA",
    narrative="",
    product="hand cream",
    brand="Bloom",
    scenes=[StoryScene(id=s.id, beat="b", purpose="", copy_text=s.copy_text, visual="", duration=3) for s in scenes()],
    cta=CallToAction(text="Try it today"),
    writer="template copywriter",
)


def by_scene(*painters: Painter) -> Painter:
    """One painter for each three-second scene."""
    return lambda number: painters[number // (3 * FPS)](number)


def music(silent: tuple[float, float] | None = None) -> NDArray[np.float32]:
    sound = sine(220, SECONDS * RATE)
    if silent:
        sound[round(silent[0] * RATE) : round(silent[1] * RATE)] = 0
    return sound


GOOD = by_scene(moving(SIZE, 1), moving(SIZE, 2), still(SIZE, 3))


def measured(folder: Path, painter: Painter = GOOD, sound: NDArray[np.float32] | None = None) -> DeliveryReport:
    path = write_clip(folder / "a.mp4", ClipSpec(size=SIZE, frames=SECONDS * FPS), painter, sound)
    return judged(survey(path), plan=PLAN, story=STORY, scenes=scenes())


async def checked(
    folder: Path, painter: Painter = GOOD, sound: NDArray[np.float32] | None = None, *, cut_bytes: int = 0
) -> DeliveryReport:
    storage = LocalStorage(folder / "store")
    path = write_clip(folder / "a.mp4", ClipSpec(size=SIZE, frames=SECONDS * FPS), painter, sound)
    await storage.put_bytes("final.mp4", path.read_bytes()[: path.stat().st_size - cut_bytes], "video/mp4")
    return await DeliveryChecker(storage).check("final.mp4", plan=PLAN, story=STORY, scenes=scenes())


def codes(report: DeliveryReport) -> list[str]:
    return [finding.code for finding in report.findings]


async def test_a_good_film_passes_with_its_measurements(tmp_path: Path) -> None:
    report = await checked(tmp_path, GOOD, music())
    assert (report.passed, report.findings) == (True, [])
    assert report.moving_share is not None
    assert report.moving_share > 0.9
    assert report.loudness_lufs is not None
    assert report.loudness_lufs > -20


def test_a_film_without_sound_fails(tmp_path: Path) -> None:
    assert codes(measured(tmp_path)) == ["no_sound"]


def test_a_silent_track_fails(tmp_path: Path) -> None:
    assert codes(measured(tmp_path, GOOD, music((0, SECONDS)))) == ["no_sound"]


def test_a_silent_stretch_fails_but_a_ring_out_passes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    assert codes(measured(tmp_path, GOOD, music((3, 5)))) == ["silent_stretch"]
    assert codes(measured(tmp_path / "b", GOOD, music((7, 9)))) == []


def test_sound_that_stops_halfway_fails(tmp_path: Path) -> None:
    assert codes(measured(tmp_path, GOOD, music((4, 9)))) == ["silent_stretch"]


def test_a_black_section_fails(tmp_path: Path) -> None:
    black = plain(SIZE, 0)
    painter: Painter = lambda number: black(number) if 40 <= number < 48 else GOOD(number)  # noqa: E731
    report = measured(tmp_path, painter, music())
    assert codes(report) == ["black_stretch"]
    assert report.findings[0].scene_id == 2
    assert not report.passed


def test_a_frozen_scene_fails_but_a_still_end_card_passes(tmp_path: Path) -> None:
    report = measured(tmp_path, by_scene(moving(SIZE, 1), still(SIZE, 2), still(SIZE, 3)), music())
    assert "frozen_stretch" in codes(report)
    assert report.findings[0].scene_id == 2


def test_a_slideshow_of_stills_fails(tmp_path: Path) -> None:
    report = measured(tmp_path, by_scene(still(SIZE, 1), still(SIZE, 2), still(SIZE, 3)), music())
    assert {"little_motion", "frozen_stretch"} <= set(codes(report))
    assert report.moving_share is not None
    assert report.moving_share < 0.3


def test_a_quick_slideshow_fails_too(tmp_path: Path) -> None:
    """Pictures that change every second hide from the freeze rule, not from the motion rule."""
    slides = [still(SIZE, seed) for seed in range(SECONDS)]
    report = measured(tmp_path, lambda number: slides[number // FPS](number), music())
    assert codes(report) == ["little_motion"]


async def test_a_truncated_file_fails_and_is_no_exception(tmp_path: Path) -> None:
    report = await checked(tmp_path, GOOD, music(), cut_bytes=20_000)
    assert codes(report) == ["unreadable"]
    assert "final.mp4" in report.findings[0].message


async def test_a_film_of_the_wrong_length_fails(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "store")
    path = write_clip(tmp_path / "a.mp4", ClipSpec(size=SIZE, frames=86), GOOD, sine(220, round(8.6 * RATE)))
    await storage.put_file("final.mp4", path, "video/mp4")
    report = await DeliveryChecker(storage).check("final.mp4", plan=PLAN, story=STORY, scenes=scenes())
    assert codes(report) == ["wrong_duration"]


def words_found(changed: list[Scene], story: Story = STORY) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.scene_id) for finding in check_words(story, changed)]


def test_good_words_pass() -> None:
    assert words_found(scenes()) == []


def test_a_repeated_layout_is_found() -> None:
    changed = scenes()
    changed[1] = changed[1].model_copy(update={"layout": "type-beats"})
    assert words_found(changed) == [("repeated_layout", 2)]


def test_a_missing_product_is_found_only_when_there_is_one() -> None:
    changed = [s.model_copy(update={"references": []}) for s in scenes()]
    assert words_found(changed) == [("product_missing", None)]
    assert words_found(changed, STORY.model_copy(update={"product": None})) == []


def test_a_missing_brand_is_found_unless_the_logo_shows_it() -> None:
    changed = [
        s.model_copy(update={"copy_text": s.copy_text.model_copy(update={"kicker": None, "headline": "Hello"})})
        for s in scenes()
    ]
    assert ("brand_missing", None) in words_found(changed)
    changed[2] = changed[2].model_copy(update={"references": ["logo"]})
    assert ("brand_missing", None) not in words_found(changed)


@pytest.mark.parametrize(("place", "found"), [(2, [("cta_missing", 3)]), (0, [("cta_early", 1)])])
def test_the_call_to_action_is_in_the_last_scene_only(place: int, found: list[tuple[str, int]]) -> None:
    changed = scenes()
    words = changed[place].copy_text.model_copy(update={"cta": None if place == 2 else "Buy"})
    changed[place] = changed[place].model_copy(update={"copy_text": words})
    assert words_found(changed) == found


@pytest.mark.parametrize("shown", ["Softness you", "Softness you can…"])
def test_words_cut_short_are_found(shown: str) -> None:
    changed = scenes()
    words = changed[1].copy_text.model_copy(update={"headline": shown})
    changed[1] = changed[1].model_copy(update={"copy_text": words})
    assert words_found(changed) == [("text_cut", 2)]
