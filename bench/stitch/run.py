"""Bench: joining five 6 s 720p clips over a music bed, AdMint against moviepy 2.2.1 in the same run.

Two ratios. "join": video packets copied, bed mixed and encoded to AAC once, file written, against moviepy's decoding
and encoding; neither side's interpreter start counts. "whole": both processes from start to end, ours with the
verification (every packet of the result decoded), which moviepy does not do. moviepy runs with its defaults. A
second set of marker clips (flash and beep) gives the error at the cuts.
Run: `.venv/bin/python bench/stitch/run.py [--runs N]`. Aim: the join at least 50 times less CPU.
Installs moviepy from bench/stitch/requirements.txt into bench/.venv on first use. Writes bench/results/stitch.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from app.kit.media.encode import X264_OPTIONS
from app.kit.media.facts import probe
from app.kit.media.sound import RATE, encode_aac, read_sound, write_wav
from app.providers.local_audio.composer import compose
from app.schemas.providers import AudioRequest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLIPS, SECONDS, FPS, SIZE = 5, 6, 30, (1280, 720)


def moviepy_python() -> Path:
    """Return the interpreter of moviepy's environment; make it on first use."""
    folder = ROOT / "bench" / ".venv" / "stitch"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        locked = ["--no-deps", "--require-hashes", "-r", str(HERE / "requirements.txt")]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *locked], check=True)
        (folder / ".ready").touch()
    return python


def write_clip(path: Path, seed: int, markers: bool) -> Path:
    """Write one clip: a drifting scene with fine texture, or dark frames with a flash and a beep at the start."""
    width, height = SIZE
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    scene = 120 + 50 * np.sin(columns / 90 + seed) + 35 * np.cos(rows / 60) + rng.normal(0, 2, (height, width))
    with av.open(str(path), "w", format="mp4") as output:
        video: Any = output.add_stream("libx264", rate=Fraction(FPS), options=dict(X264_OPTIONS))
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio: Any = output.add_stream("aac", rate=RATE, layout="stereo") if markers else None
        for number in range(SECONDS * FPS):
            grey = (
                np.full((height, width), 255 if number == 0 else 40) if markers else np.roll(scene, 2 * number, axis=1)
            )
            picture = np.clip(grey, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(video.encode(None))
        if audio is not None:
            beep = np.zeros((SECONDS * RATE, 2), np.float32)
            beep[:1440] = 0.6 * np.sin(2 * np.pi * 1500 * np.arange(1440) / RATE)[:, None]
            for packet in encode_aac(audio, beep):
                output.mux(packet)
    return path


def timed(command: list[str]) -> dict[str, Any]:
    """Run a process; return wall and CPU seconds (its children included), its own peak MiB as it says, and output."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT / "backend")
    assert process.stdout
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[1]} failed with exit code {process.returncode}")
    peak = json.loads(text)["peak_kib"] / 1024
    return {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "rss_mib": peak, "out": text}


def cut_error_ms(path: Path) -> float:
    """Return the worst distance in ms between a flash and its beep."""
    with av.open(str(path)) as container:
        decoded = (
            (float(frame.time or 0), frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)
        )
        flashes = [when for when, light in decoded if light > 150]
    heard, start = read_sound(path)
    loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.1)
    beeps = [loud[0], *loud[1:][np.diff(loud) > RATE]]
    if len(flashes) != CLIPS or len(beeps) != CLIPS:
        return float("nan")
    return max(abs(beep / RATE + start - flash) * 1000 for beep, flash in zip(beeps, flashes, strict=True))


def facts(path: Path) -> dict[str, float]:
    """Return frames and lengths of a result."""
    found = probe(path)
    assert found.video
    assert found.audio
    return {"frames": found.video.frames, "video_s": found.video.duration, "audio_s": found.audio.duration}


def measured(folder: Path, runs: int) -> dict[str, Any]:
    """Return both sides' numbers: medians over `runs`, taken alternately."""
    clips = [str(write_clip(folder / f"scene{i}.mp4", i, markers=False)) for i in range(CLIPS)]
    megabytes = sum(Path(clip).stat().st_size for clip in clips) / 1e6
    print(f"  {CLIPS} clips of {SECONDS} s, {SIZE[0]} x {SIZE[1]}, {megabytes:.1f} MB in all")
    marks = [str(write_clip(folder / f"marker{i}.mp4", i, markers=True)) for i in range(CLIPS)]
    bed = folder / "bed.wav"
    write_wav(bed, compose(AudioRequest(duration_s=CLIPS * SECONDS, cuts=[SECONDS * n for n in range(1, CLIPS)])))
    sides = {
        "admint": [sys.executable, str(HERE / "ours.py")],
        "moviepy": [str(moviepy_python()), str(HERE / "theirs.py")],
    }
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, command in sides.items():
            taken[name].append(timed([*command, str(bed), str(folder / f"{name}.mp4"), *clips]))
    result: dict[str, Any] = {}
    for name, command in sides.items():
        timed([*command, "-", str(folder / f"{name}-markers.mp4"), *marks])
        medians = _medians(taken[name]) | {"rss_mib": max(run["rss_mib"] for run in taken[name])}
        error = {"cut_error_ms": cut_error_ms(folder / f"{name}-markers.mp4")}
        result[name] = medians | facts(folder / f"{name}.mp4") | error
    result["admint_phases"] = json.loads(taken["admint"][-1]["out"])
    joins = [dict(zip(("wall_s", "cpu_s"), _written(run), strict=True)) for run in taken["admint"]]
    result["admint"]["join"] = _medians(joins)
    result["moviepy"]["join"] = _medians([json.loads(run["out"]) for run in taken["moviepy"]])
    return result


def _written(run: dict[str, Any]) -> tuple[float, float]:
    """Wall and CPU seconds until the file was written, before it was verified."""
    return next((wall, cpu) for fraction, wall, cpu in json.loads(run["out"])["marks"] if fraction == 0.8)


def _medians(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in ("wall_s", "cpu_s")}


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), parser.parse_args().runs)
    ours, theirs = result["admint"], result["moviepy"]
    result["ratio"] = {key: theirs[key] / ours[key] for key in ("wall_s", "cpu_s", "rss_mib")}
    result["ratio"] |= {f"join_{key}": theirs["join"][key] / ours["join"][key] for key in ("wall_s", "cpu_s")}
    print(f"  {'':9}{'wall s':>8}{'cpu s':>8}{'MiB*':>6}{'frames':>8}{'video s':>9}{'audio s':>9}{'cut error':>11}")
    for name, row in (("admint", ours), ("moviepy", theirs)):
        cells = f"{row['wall_s']:8.2f}{row['cpu_s']:8.2f}{row['rss_mib']:6.0f}{row['frames']:8.0f}"
        print(f"  {name:9}{cells}{row['video_s']:9.3f}{row['audio_s']:9.3f}{row['cut_error_ms']:8.1f} ms")
    ratio = result["ratio"]
    wall, cpu = ratio["join_wall_s"], ratio["join_cpu_s"]
    print(f"  join  (copy + one AAC encode):  wall {wall:.0f}x, CPU {cpu:.0f}x (aim >= 50x)")
    print("  * peak of the Python process; moviepy's encoder runs in a further one that is not counted")
    print(f"  whole (and start, and verify):  wall {ratio['wall_s']:.0f}x, CPU {ratio['cpu_s']:.0f}x")
    names = {0.1: "probe", 0.4: "compare", 0.8: "mix, AAC, mux", 1.0: "verify"}
    before = (0.0, 0.0)
    for fraction, wall, cpu in result["admint_phases"]["marks"]:
        print(f"    {names[fraction]:14} wall {wall - before[0]:5.2f} s   cpu {cpu - before[1]:5.2f} s")
        before = (wall, cpu)
    target = ROOT / "bench" / "results" / "stitch.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
