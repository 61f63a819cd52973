"""Stitching: right frames, right length, sound in step at every cut, and no clip re-encoded without need."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.errors import InvalidInput, MediaError
from app.kit.media import sound
from app.kit.media.facts import probe
from app.kit.media.stitch import adoptable, stitch
from tests.fixtures.media import ClipSpec, decoded_frames, moving, plain, sine, write_clip


def packets(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [hashlib.md5(bytes(p)).hexdigest() for p in container.demux(video=0) if p.size]  # noqa: S324


def bed(path: Path, seconds: float) -> Path:
    sound.write_wav(path, np.repeat(sine(220, round(seconds * sound.RATE))[:, None], 2, axis=1))
    return path


def test_matching_clips_are_copied_bit_for_bit(tmp_path: Path) -> None:
    clips = [write_clip(tmp_path / f"{i}.mp4", ClipSpec(frames=20 + i), moving((160, 90), i)) for i in range(3)]
    done = stitch([(c, c.name, None) for c in clips], bed(tmp_path / "bed.wav", 6.3), tmp_path / "out.mp4")
    assert (done.frames, done.normalised, done.duration) == (63, [], pytest.approx(6.3))
    assert packets(tmp_path / "out.mp4") == [digest for clip in clips for digest in packets(clip)]
    facts = probe(tmp_path / "out.mp4")
    assert facts.video is not None
    assert facts.audio is not None
    assert facts.video.constant_rate
    assert (facts.audio.sample_rate, facts.audio.layout) == (48_000, "stereo")
    assert abs(facts.video.duration - facts.audio.duration) < 0.1
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.mp4", "1.mp4", "2.mp4", "bed.wav", "out.mp4"]


def test_clips_with_and_without_b_frames_join(tmp_path: Path) -> None:
    """Different reorder depth: decode times must stay in order, or players stutter at the cut."""
    low = ClipSpec(options={"preset": "veryfast", "bf": "0"})
    clips = [write_clip(tmp_path / "a.mp4", ClipSpec()), write_clip(tmp_path / "b.mp4", low)]
    done = stitch([(c, c.name, None) for c in clips], None, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        order = [p.dts for p in container.demux(video=0) if p.size and p.dts is not None]
    assert order == sorted(set(order))
    assert len(decoded_frames(tmp_path / "out.mp4")) == done.frames == 40


def mixed_inputs(folder: Path) -> list[tuple[Path, str, float | None]]:
    wide = ClipSpec(size=(256, 144), rate=Fraction(30), frames=60, tone=440)
    cinema = ClipSpec(size=(384, 216), rate=Fraction(24), frames=48)
    tall = ClipSpec(size=(144, 256), rate=Fraction(30000, 1001), frames=60, tone=330, sample_rate=44_100, layout="mono")
    return [
        (write_clip(folder / f"{i}.mp4", spec), f"clip {i + 1}", None) for i, spec in enumerate((wide, cinema, tall))
    ]


def test_mixed_inputs_keep_their_length_and_shape(tmp_path: Path) -> None:
    done = stitch(mixed_inputs(tmp_path), bed(tmp_path / "bed.wav", 6), tmp_path / "out.mp4")
    facts = probe(tmp_path / "out.mp4")
    assert facts.video is not None
    assert facts.audio is not None
    assert 1 in done.normalised
    assert done.frames == facts.video.frames == 180
    assert done.duration == pytest.approx(6.0, abs=1 / 30)
    assert abs(facts.video.duration - facts.audio.duration) < 1 / 30
    assert facts.video.rate in (Fraction(30), Fraction(30000, 1001))
    assert len(decoded_frames(tmp_path / "out.mp4")) == 180


def test_a_tall_clip_in_a_wide_film_is_padded_not_stretched(tmp_path: Path) -> None:
    clips = [
        write_clip(tmp_path / "a.mp4", ClipSpec(size=(160, 90), frames=30)),
        write_clip(tmp_path / "b.mp4", ClipSpec(size=(90, 160), frames=10), plain((90, 160), 220)),
    ]
    stitch([(c, c.name, None) for c in clips], None, tmp_path / "out.mp4")
    picture = decoded_frames(tmp_path / "out.mp4")[35][1]
    assert picture.shape == (90, 160)
    assert picture[:, :40].max() < 30
    assert picture[:, 120:].max() < 30
    assert picture[:, 70:90].min() > 200


def test_only_the_odd_one_out_is_re_encoded_when_headers_allow(tmp_path: Path) -> None:
    """A clip of another rate joins three of the house's own encoding: those keep their packets."""
    from app.kit.media.encode import Shape, reshape

    shape = Shape(160, 90, Fraction(10))
    raw = [write_clip(tmp_path / f"r{i}.mp4", ClipSpec(), moving((160, 90), i)) for i in range(3)]
    own = [tmp_path / f"{i}.mp4" for i in range(3)]
    for source, target in zip(raw, own, strict=True):
        reshape(source, target, shape, 20)
    odd = write_clip(tmp_path / "odd.mp4", ClipSpec(size=(320, 180), rate=Fraction(25), frames=50))
    done = stitch([(c, c.name, None) for c in (own[0], odd, own[1], own[2])], None, tmp_path / "out.mp4")
    assert (done.normalised, done.frames) == ([1], 80)


@pytest.mark.parametrize("seconds", [1.2, 0.7])
def test_trimming_gives_the_asked_frames(tmp_path: Path, seconds: float) -> None:
    clips = [write_clip(tmp_path / f"{i}.mp4", ClipSpec(), moving((160, 90), i)) for i in range(2)]
    done = stitch([(c, c.name, seconds) for c in clips], None, tmp_path / "out.mp4")
    frames = decoded_frames(tmp_path / "out.mp4")
    kept = round(seconds * 10)
    assert done.frames == len(frames) == 2 * kept
    second = decoded_frames(clips[1])
    assert np.abs(frames[kept][1].astype(int) - second[0][1]).mean() < 6
    assert np.abs(frames[-1][1].astype(int) - second[kept - 1][1]).mean() < 6


def flash_and_beep(path: Path, seed: int) -> Path:
    """One second: the first frame is white, and a 30 ms beep starts with it."""
    size, dark = (160, 90), plain((160, 90), 40)(0)
    white = plain(size, 255)(0)
    beep = np.zeros(48_000, np.float32)
    beep[:1440] = sine(1500 + 100 * seed, 1440, level=0.6)
    spec = ClipSpec(size=size, rate=Fraction(25), frames=25)
    return write_clip(path, spec, lambda number: white if number == 0 else dark, beep)


def test_flash_and_beep_stay_together_at_every_cut(tmp_path: Path) -> None:
    clips = [flash_and_beep(tmp_path / f"{i}.mp4", i) for i in range(5)]
    stitch([(c, c.name, None) for c in clips], None, tmp_path / "out.mp4")
    flashes = [time for time, picture in decoded_frames(tmp_path / "out.mp4") if picture.mean() > 150]
    heard, start = sound.read_sound(tmp_path / "out.mp4")
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.1)
    beeps = [loud[0], *loud[1:][np.diff(loud) > 20_000]]
    assert flashes == pytest.approx([0, 1, 2, 3, 4], abs=1e-3)
    assert [beep / sound.RATE + start for beep in beeps] == pytest.approx(flashes, abs=0.02)


def test_the_bed_is_heard_under_silent_clips(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", ClipSpec())
    stitch([(clip, "a", None)], bed(tmp_path / "bed.wav", 2), tmp_path / "out.mp4")
    heard, _ = sound.read_sound(tmp_path / "out.mp4")
    assert int(np.argmax(np.abs(np.fft.rfft(heard[24_000:72_000, 0])))) == 220


def test_a_broken_clip_is_named(tmp_path: Path) -> None:
    good = write_clip(tmp_path / "a.mp4", ClipSpec())
    broken = tmp_path / "b.mp4"
    broken.write_bytes(good.read_bytes()[:900])
    with pytest.raises(InvalidInput, match=r"Clip 2: b\.mp4 is not a readable media file"):
        stitch([(good, "Clip 1", None), (broken, "Clip 2", None)], None, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_a_clip_with_damaged_packets_never_becomes_a_film(tmp_path: Path) -> None:
    spec = ClipSpec(frames=30, options={"preset": "veryfast", "crf": "10"})
    good = write_clip(tmp_path / "a.mp4", spec)
    data = bytearray(good.read_bytes())
    at = data.index(b"mdat") + 3000
    data[at : at + 600] = bytes(600)
    bad = tmp_path / "b.mp4"
    bad.write_bytes(bytes(data))
    with pytest.raises(MediaError, match=r"Clip 2: b\.mp4 can't be decoded"):
        stitch([(good, "Clip 1", None), (bad, "Clip 2", None)], None, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_nothing_to_stitch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing to stitch"):
        stitch([], None, tmp_path / "out.mp4")


def test_only_a_whole_film_of_the_same_inputs_is_adopted(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", ClipSpec())
    done = stitch([(clip, "a", None)], None, tmp_path / "out.mp4", stamp="abc")
    assert adoptable(tmp_path / "out.mp4", "abc") == done
    assert adoptable(tmp_path / "out.mp4", "abd") is None
    cut = tmp_path / "cut.mp4"
    cut.write_bytes((tmp_path / "out.mp4").read_bytes()[:-2000])
    assert adoptable(cut, "abc") is None
    assert adoptable(clip, "abc") is None
