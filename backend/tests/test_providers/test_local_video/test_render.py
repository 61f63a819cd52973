"""Frames: the same request gives the same ones, each from its number alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.kit.media.facts import probe, verify_decodes
from app.providers.local_video.planes import Planes
from app.providers.local_video.render import prepare, render_clip, render_still, to_rgb
from app.schemas.unified_pipeline import Layout
from tests.fixtures.clips import LAYOUTS, SIZES, payload_of, request_of, scene_of

TYPES = ("product", "logo", "environment")


def _clip(payload: dict[str, Any], path: Path) -> tuple[Path, list[dict[str, Any]]]:
    reports: list[dict[str, Any]] = []
    render_clip({**payload, "output": str(path), "comment": "test"}, reports.append)
    return path, reports


def _decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def _digest(planes: Planes) -> str:
    return hashlib.sha256(planes.y.tobytes() + planes.uv.tobytes()).hexdigest()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_frame_is_a_function_of_its_number(layout: Layout, tmp_path: Path) -> None:
    scene = scene_of(layout, TYPES, transition_in="zoom-through", transition_out="velocity-cut")
    payload = payload_of(request_of(scene, tone="epic"), tmp_path)
    spec, player = prepare(payload)
    in_order = [_digest(player.frame(n)) for n in range(spec.frames)]
    _, other = prepare(payload)
    backwards = [_digest(other.frame(n)) for n in reversed(range(spec.frames))]
    assert in_order == backwards[::-1]


def test_the_same_request_decodes_to_the_same_frames(tmp_path: Path) -> None:
    payload = payload_of(request_of(scene_of("hero-split", TYPES)), tmp_path)
    one, _ = _clip(payload, tmp_path / "one.mp4")
    two, _ = _clip(payload, tmp_path / "two.mp4")
    assert all(np.array_equal(a, b) for a, b in zip(_decoded(one), _decoded(two), strict=True))
    other = payload_of(request_of(scene_of("hero-split", TYPES), ad_seed=77), tmp_path)
    three, _ = _clip(other, tmp_path / "three.mp4")
    assert not np.array_equal(_decoded(one)[5], _decoded(three)[5])


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize(("fps", "duration", "frames"), [(10, 1.0, 10), (24, 1.3, 31), (30, 0.5, 15)])
def test_size_rate_and_frame_count_are_exact(
    ratio: str, fps: int, duration: float, frames: int, tmp_path: Path
) -> None:
    request = request_of(scene_of("titlecard", duration=duration), ratio, fps=fps)
    path, _ = _clip(payload_of(request, tmp_path), tmp_path / "clip.mp4")
    facts = probe(path)
    assert facts.video
    assert facts.audio is None
    assert (facts.video.width, facts.video.height) == SIZES[ratio]
    assert (facts.video.frames, float(facts.video.rate), facts.video.constant_rate) == (frames, fps, True)
    assert facts.video.pixel_format == "yuv420p"
    assert (facts.video.color_primaries, facts.video.color_space, facts.video.color_range) == (1, 6, 1)
    assert verify_decodes(path, thorough=True) == frames


def test_clips_of_one_ad_share_their_parameters(tmp_path: Path) -> None:
    """So that the stitcher can copy packets."""
    found = set()
    for number, layout in enumerate(LAYOUTS):
        request = request_of(scene_of(layout, TYPES), clip_index=number)
        path, _ = _clip(payload_of(request, tmp_path), tmp_path / f"{layout}.mp4")
        video = probe(path).video
        assert video
        found.add((video.extradata_digest, video.time_base, video.profile, video.color_transfer))
    assert len(found) == 1


def test_the_index_comes_first(tmp_path: Path) -> None:
    path, _ = _clip(payload_of(request_of(scene_of("titlecard")), tmp_path), tmp_path / "clip.mp4")
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_progress_counts_frames_and_ends_at_all_of_them(tmp_path: Path) -> None:
    request = request_of(scene_of("hero-split", TYPES, duration=4.0), fps=30)
    _, reports = _clip(payload_of(request, tmp_path), tmp_path / "clip.mp4")
    done = [report["frames"] for report in reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 120)
    assert {report["planned"] for report in reports} == {120}


@pytest.mark.parametrize("number", [0, 6, 9, 99])
def test_a_still_is_the_clips_frame(number: int, tmp_path: Path) -> None:
    payload = payload_of(request_of(scene_of("hero-split", TYPES)), tmp_path)
    path = tmp_path / "still.jpg"
    render_still({**payload, "frame": number, "output": str(path)}, lambda report: None)
    still = np.asarray(Image.open(path)).astype(int)
    _spec, player = prepare(payload)
    wanted = to_rgb(player.frame(min(number, 9))).astype(int)
    assert still.shape == wanted.shape
    assert float(np.abs(still - wanted).mean()) < 3


def test_text_with_accents_is_drawn(tmp_path: Path) -> None:
    plain = scene_of("titlecard").model_copy(deep=True)
    frames = []
    for headline in ("Cafe a 9 EUR", "Café à 9 €", "“Łódź” ñandú"):
        plain.copy_text.headline = headline
        _, player = prepare(payload_of(request_of(plain), tmp_path))
        frames.append(_digest(player.frame(9)))
    assert len(set(frames)) == 3
