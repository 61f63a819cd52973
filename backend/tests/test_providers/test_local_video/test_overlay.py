"""Words over film: the clip is exactly the scene, its copy can be read, and the film is what one sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.errors import InvalidInput
from app.kit.media import sound
from app.kit.media.facts import probe, verify_decodes
from app.providers.local_video.overlay import finish_clip, prepare_over
from app.providers.local_video.planes import Planes
from app.providers.local_video.scene_spec import BackdropArt, ImageArt, TextArt
from app.schemas.providers import VideoRequest
from app.schemas.story import Copy
from app.schemas.unified_pipeline import Layout
from tests.fixtures.clips import LAYOUTS, SHORT, SIZES, bottle, write_picture
from tests.fixtures.film import bars
from tests.fixtures.media import decoded_frames
from tests.fixtures.replicate import clip_request


def _request(layout: Layout = "full-bleed", copy: Copy = SHORT, size: tuple[int, int] = (320, 180)) -> VideoRequest:
    request = clip_request(1.0, size)
    scene = request.scene.model_copy(update={"layout": layout, "copy_text": copy})
    return request.model_copy(update={"scene": scene, "brand": "Sunrise"})


def _finished(folder: Path, request: VideoRequest, film: Path, **more: Any) -> Path:
    payload = {
        "request": request.model_dump(mode="json"),
        "source": str(film),
        "images": [],
        "keep_sound": False,
        "output": str(folder / "clip.mp4"),
        "comment": "job-1",
        "poster": str(folder / "poster.jpg"),
        "poster_frame": 20,
    }
    finish_clip(payload | more, lambda _: None)
    return folder / "clip.mp4"


@pytest.mark.parametrize("size", SIZES.values())
def test_the_clip_is_exactly_the_scene(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = _finished(tmp_path, _request(size=size), bars(tmp_path / "film.mp4", 1.5))

    facts = probe(clip)
    assert facts.video is not None
    assert (facts.video.width, facts.video.height, facts.video.frames, facts.video.rate) == (*size, 30, 30)
    assert (facts.comment, facts.audio, verify_decodes(clip)) == ("job-1", None, 30)
    assert (tmp_path / "poster.jpg").stat().st_size > 500


def test_a_film_that_ends_early_holds_its_last_picture(tmp_path: Path) -> None:
    assert verify_decodes(_finished(tmp_path, _request(), bars(tmp_path / "film.mp4", 0.9))) == 30


def test_without_words_the_film_is_untouched(tmp_path: Path) -> None:
    clip = _finished(tmp_path, _request(copy=Copy()), bars(tmp_path / "film.mp4"))

    picture = decoded_frames(clip)[15][1].astype(int)
    assert abs(int(picture[90, 20]) - 40) < 12
    assert abs(int(picture[90, 300]) - 210) < 12


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_keeps_its_words_and_shows_the_film(tmp_path: Path, layout: Layout) -> None:
    spec, player = prepare_over(_request(layout), bars(tmp_path / "film.mp4"), [])

    words = " ".join(layer.art.text for layer in spec.layers if isinstance(layer.art, TextArt))
    assert "better" in words.lower()
    assert not [layer for layer in spec.layers if isinstance(layer.art, BackdropArt | ImageArt)]
    dark, bright = (player.frame_over(20, _plain(level)).y.copy().astype(int) for level in (60, 200))
    assert float((bright - dark)[:20].mean()) > 30  # the film shows through above the words


def _plain(level: int) -> Planes:
    return Planes(np.full((180, 320), level, np.uint8), np.full((90, 160, 2), 128, np.uint8))


@pytest.mark.parametrize("level", [-40, 45])
def test_words_can_be_read_on_dark_and_on_bright_film(tmp_path: Path, level: int) -> None:
    film = bars(tmp_path / "film.mp4", level=level)
    with_words = decoded_frames(_finished(tmp_path, _request(), film))[25][1].astype(int)

    corner = with_words[90:170, 24:170]
    ground = np.median(corner)
    assert max(np.percentile(corner, 99) - ground, ground - np.percentile(corner, 1)) > 90


def test_the_logo_of_the_end_card_is_the_brands_own(tmp_path: Path) -> None:
    request = _request("logo-close")
    scene = request.scene.model_copy(update={"references": ["logo"]})
    write_picture(tmp_path / "logo.png", bottle())
    images = [{"type": "logo", "path": str(tmp_path / "logo.png")}]

    spec, _ = prepare_over(request.model_copy(update={"scene": scene}), bars(tmp_path / "film.mp4"), images)

    assert [layer.name for layer in spec.layers if isinstance(layer.art, ImageArt)] == ["logo"]


def test_its_own_sound_is_kept_when_asked(tmp_path: Path) -> None:
    clip = _finished(tmp_path, _request(), bars(tmp_path / "film.mp4", 1.5), keep_sound=True)

    heard, _ = sound.read_sound(clip)
    assert sound.is_audible(heard)
    assert abs(len(heard) / sound.RATE - 1.0) < 0.05
    assert verify_decodes(clip) == 30
    assert [path.name for path in tmp_path.iterdir() if "silent" in path.name] == []


def test_what_is_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"<html>")

    with pytest.raises(InvalidInput):
        _finished(tmp_path, _request(), tmp_path / "film.mp4")
