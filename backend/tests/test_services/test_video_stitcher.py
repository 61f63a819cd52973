"""The stitcher service: order, adoption, nothing half-written, and errors that name the clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.errors import InvalidInput, MediaError, NotFound
from app.kit.media.facts import probe
from app.kit.media.sound import RATE, write_wav
from app.services.media.video_stitcher import ClipInput, VideoStitcher
from app.storage.local import LocalStorage
from tests.fixtures.media import ClipSpec, decoded_frames, plain, sine, write_clip

SIZE = (160, 90)


class Studio:
    """A store with three grey clips of one second and a bed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage = LocalStorage(folder / "store")
        self.stitcher = VideoStitcher(self.storage, folder / "work")

    async def fill(self) -> list[ClipInput]:
        for clip_id, grey in ((1, 60), (2, 120), (3, 200)):
            path = write_clip(self.folder / f"{clip_id}.mp4", ClipSpec(frames=10), plain(SIZE, grey))
            await self.storage.put_file(f"clips/{clip_id}.mp4", path, "video/mp4")
        write_wav(self.folder / "bed.wav", np.repeat(sine(220, 3 * RATE)[:, None], 2, axis=1))
        await self.storage.put_file("bed.wav", self.folder / "bed.wav", "audio/wav")
        return [ClipInput(key=f"clips/{i}.mp4", duration_s=1, clip_id=i) for i in (1, 2, 3)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


async def test_clips_are_joined_in_the_given_order(studio: Studio) -> None:
    clips = await studio.fill()
    seen: list[float] = []
    report = await studio.stitcher.stitch(
        [clips[2], clips[0], clips[1]], bed_key="bed.wav", output_key="final.mp4", on_progress=seen.append
    )
    assert (report.frames, report.duration_s, report.normalised, report.adopted) == (30, 3.0, [], False)
    assert report.bytes == await studio.storage.size("final.mp4")
    async with studio.storage.local_copy("final.mp4") as path:
        greys = [round(float(picture.mean())) for _, picture in decoded_frames(path)]
        facts = probe(path)
    assert greys[5] > greys[25] > greys[15]
    assert facts.audio is not None
    assert facts.audio.duration == pytest.approx(3.0, abs=0.1)
    assert seen == sorted(seen)
    assert list((studio.folder / "work").iterdir()) == []


async def test_a_finished_output_is_adopted_and_a_changed_input_is_not(studio: Studio) -> None:
    clips = await studio.fill()
    first = await studio.stitcher.stitch(clips, bed_key="bed.wav", output_key="final.mp4")
    before = await studio.storage.read_bytes("final.mp4")
    again = await studio.stitcher.stitch(clips, bed_key="bed.wav", output_key="final.mp4")
    assert again == first.model_copy(update={"adopted": True})
    assert await studio.storage.read_bytes("final.mp4") == before
    other = await studio.stitcher.stitch(clips[::-1], bed_key="bed.wav", output_key="final.mp4")
    assert not other.adopted


async def test_a_damaged_output_is_made_again(studio: Studio) -> None:
    clips = await studio.fill()
    await studio.stitcher.stitch(clips, bed_key=None, output_key="final.mp4")
    whole = await studio.storage.read_bytes("final.mp4")
    await studio.storage.put_bytes("final.mp4", whole[:-400], "video/mp4")
    report = await studio.stitcher.stitch(clips, bed_key=None, output_key="final.mp4")
    assert not report.adopted
    assert await studio.storage.size("final.mp4") == len(whole)


async def test_longer_clips_are_trimmed_to_their_scene(studio: Studio) -> None:
    clips = await studio.fill()
    clips[1] = clips[1].model_copy(update={"duration_s": 0.5})
    report = await studio.stitcher.stitch(clips, bed_key="bed.wav", output_key="final.mp4")
    assert (report.frames, report.duration_s) == (25, 2.5)


async def test_clips_that_differ_are_named(studio: Studio) -> None:
    clips = await studio.fill()
    odd = write_clip(studio.folder / "odd.mp4", ClipSpec(size=(320, 180), frames=10), plain((320, 180), 90))
    await studio.storage.put_file("clips/2.mp4", odd, "video/mp4")
    report = await studio.stitcher.stitch(clips, bed_key=None, output_key="final.mp4")
    assert 2 in report.normalised
    assert report.frames == 30


async def test_a_corrupt_clip_is_named_and_nothing_is_stored(studio: Studio) -> None:
    clips = await studio.fill()
    whole = await studio.storage.read_bytes("clips/3.mp4")
    await studio.storage.put_bytes("clips/3.mp4", whole[: len(whole) // 2], "video/mp4")
    with pytest.raises((InvalidInput, MediaError), match="Clip 3"):
        await studio.stitcher.stitch(clips, bed_key="bed.wav", output_key="final.mp4")
    assert not await studio.storage.exists("final.mp4")
    assert list((studio.folder / "work").iterdir()) == []


async def test_what_is_missing_is_said(studio: Studio) -> None:
    with pytest.raises(InvalidInput, match="no clips"):
        await studio.stitcher.stitch([], bed_key=None, output_key="final.mp4")
    missing = ClipInput(key="clips/9.mp4", duration_s=1, clip_id=9)
    with pytest.raises(NotFound, match=r"clips/9\.mp4"):
        await studio.stitcher.stitch([missing], bed_key=None, output_key="final.mp4")
