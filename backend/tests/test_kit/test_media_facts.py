"""Probing and decoding checks tell the truth about a file, and say plainly when it is broken."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from app.core.errors import InvalidInput, MediaError
from app.kit.media.facts import probe, verify_decodes
from tests.fixtures.media import ClipSpec, write_clip


def test_probe_reads_picture_and_sound(tmp_path: Path) -> None:
    spec = ClipSpec(size=(176, 96), rate=Fraction(30000, 1001), frames=15, tone=440, sample_rate=44_100, layout="mono")
    facts = probe(write_clip(tmp_path / "a.mp4", spec))
    assert facts.video is not None
    assert facts.audio is not None
    assert (facts.video.codec, facts.video.width, facts.video.height) == ("h264", 176, 96)
    assert (facts.video.frames, facts.video.rate) == (15, Fraction(30000, 1001))
    assert facts.video.constant_rate
    assert facts.video.duration == pytest.approx(15 * 1001 / 30000, abs=1e-3)
    assert (facts.audio.codec, facts.audio.sample_rate, facts.audio.layout) == ("aac", 44_100, "mono")
    assert facts.audio.duration == pytest.approx(facts.video.duration, abs=0.03)


def test_the_same_settings_give_the_same_header_and_others_another(tmp_path: Path) -> None:
    digests = [
        probe(write_clip(tmp_path / f"{i}.mp4", spec)).video
        for i, spec in enumerate([ClipSpec(), ClipSpec(frames=7), ClipSpec(size=(320, 180))])
    ]
    headers = [video.extradata_digest for video in digests if video]
    assert headers[0] == headers[1]
    assert headers[0] != headers[2]


def test_reorder_depth_is_known(tmp_path: Path) -> None:
    with_b = probe(write_clip(tmp_path / "b.mp4", ClipSpec())).video
    without = probe(write_clip(tmp_path / "p.mp4", ClipSpec(options={"preset": "veryfast", "bf": "0"}))).video
    assert with_b is not None
    assert without is not None
    assert with_b.reorder > 0
    assert without.reorder == 0


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no media file nothing\.mp4"):
        probe(tmp_path / "nothing.mp4")
    noise = tmp_path / "noise.mp4"
    noise.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(InvalidInput, match=r"noise\.mp4 is not a readable media file"):
        probe(noise)


def test_a_file_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4", ClipSpec(frames=40, options={"preset": "veryfast", "crf": "12"}))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(InvalidInput):
        probe(cut)


def test_decoding_counts_frames_both_ways(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", ClipSpec(frames=23, tone=300))
    assert verify_decodes(path) == verify_decodes(path, thorough=True) == 23


def test_damaged_packets_are_found(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", ClipSpec(frames=30, options={"preset": "veryfast", "crf": "10"}))
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 3000
    data[at : at + 600] = bytes(600)
    path.write_bytes(bytes(data))
    with pytest.raises(MediaError, match=r"a\.mp4 can't be decoded"):
        verify_decodes(path)
