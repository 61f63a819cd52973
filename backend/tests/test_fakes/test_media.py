"""What the output host serves plays, has the shape that was asked for, and needs no token."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from fakes.media import clip_size, mark_of, picture_size
from tests.fixtures.fakes import TOKEN, Fakes, rule
from tests.test_fakes.asking import BANANA, made


@pytest.fixture
def client(fakes: Fakes) -> Iterator[httpx.Client]:
    with fakes.client() as client:
        yield client


def facts(data: bytes) -> dict[str, Any]:
    """Decode a clip to its end and say what it is."""
    with av.open(io.BytesIO(data)) as container:
        video = container.streams.video[0]
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
        size, rate, codec = (video.width, video.height), video.average_rate, video.codec_context.name
        sound = [float(stream.duration * stream.time_base) for stream in container.streams.audio]  # type: ignore[operator]
    pairs = [*pairwise(frames), *zip(frames, frames[24:], strict=False)]
    still = sum((one == other).all() for one, other in pairs)
    return {"size": size, "rate": rate, "codec": codec, "frames": len(frames), "still": still, "sound": sound}


@pytest.mark.parametrize(
    ("given", "size", "frames"),
    [
        ({"duration": 6, "resolution": "720p"}, (320, 180), 144),
        ({"duration": 4, "resolution": "1080p", "aspect_ratio": "9:16"}, (270, 480), 96),
        ({}, (480, 270), 192),
    ],
)
def test_a_clip_plays_as_asked(
    fakes: Fakes, client: httpx.Client, given: dict[str, Any], size: tuple[int, int], frames: int
) -> None:
    response = fakes.fetch(made(client, **given)["output"])
    assert response.headers["content-type"] == "video/mp4"
    clip = facts(response.content)
    assert (clip["size"], clip["rate"], clip["codec"], clip["frames"]) == (size, 24, "h264", frames)
    assert clip["sound"] == [pytest.approx(frames / 24, abs=0.03)]
    assert clip["still"] == 0, "it moves from one picture to the next, and over a second"


def test_a_clip_can_be_silent_short_or_different(fakes: Fakes, client: httpx.Client) -> None:
    silent = facts(fakes.fetch(made(client, duration=4, generate_audio=False)["output"]).content)
    assert (silent["sound"], silent["frames"]) == ([], 96)
    fakes.script("output_short")
    assert facts(fakes.fetch(made(client)["output"]).content)["frames"] == 24


def test_two_prompts_look_different_and_one_the_same(fakes: Fakes, client: httpx.Client) -> None:
    prompts = ("a bottle", "a bike", "a bottle")
    first, second, third = (fakes.fetch(made(client, one, duration=4)["output"]).content for one in prompts)
    assert first == third != second


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("jpg", "JPEG")])
def test_a_picture_opens(fakes: Fakes, client: httpx.Client, form: str, kind: str) -> None:
    view = made(client, path=BANANA, aspect_ratio="16:9", output_format=form, resolution="1K")
    image = Image.open(io.BytesIO(fakes.fetch(view["output"]).content))
    assert (image.format, image.size) == (kind, (342, 192))


def test_usual_sizes_are_the_vendors() -> None:
    assert clip_size("16:9", "720p", 1) == (1280, 720)
    assert clip_size("9:16", "1080p", 1) == (1080, 1920)
    assert picture_size("1:1", "2K", 1) == (2048, 2048)


def test_a_token_at_the_output_host_is_told(fakes: Fakes, client: httpx.Client) -> None:
    output = made(client, path=BANANA)["output"]
    fakes.fetch(output)
    assert fakes.log().leaks == []
    fakes.fetch(output, Authorization=f"Bearer {TOKEN}")
    log = fakes.log()
    assert len(log.leaks) == 1
    assert TOKEN not in str(log.raw)


def test_a_large_file_still_plays(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(rule(operation="create", do={"output": {"pad_mb": 3}}))
    response = fakes.fetch(made(client, duration=4)["output"])
    assert len(response.content) == int(response.headers["content-length"]) > 3_000_000
    assert facts(response.content)["frames"] == 96


def test_a_picture_is_marked_with_its_prompt(fakes: Fakes, client: httpx.Client) -> None:
    made(client, "a bottle", path=BANANA)
    assert fakes.log().paid[0]["mark"] == mark_of("a bottle")
