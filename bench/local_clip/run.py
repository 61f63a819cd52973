"""Bench: one 6 s clip at 30 fps, drawn and encoded on one core, against pure x264 on the same frames in the same run.

"ratio" = frames a second of the whole clip (reading pictures, layout, baking, drawing, encoding) over frames a second
of x264 alone (veryfast, crf 20, one thread) on those frames kept in memory; both by CPU time, so that a busy machine
moves both alike. "worker" is the real child process: its peak memory, its CPU with interpreter start, and the wall
time of a 30 s ad (five clips, two processes). Aims: ratio >= 0.5 (stretch 0.6), peak <= 256 MiB at 720p, ad <= 10 s.
Run: `.venv/bin/python bench/local_clip/run.py [--runs N]`. Writes bench/results/local_clip.json.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

RESULTS = Path(__file__).parents[1] / "results" / "local_clip.json"
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
SECONDS, FPS = 6.0, 30
SCENES: dict[str, tuple[str, ...]] = {
    "hero-split": ("product", "environment"),
    "full-bleed": ("environment",),
    "type-beats": ("product",),
    "stack-list": ("product",),
    "titlecard": ("logo",),
}


def draw_pictures(folder: Path) -> None:
    """Draw a product, a logo and a busy photo, each as <type>.png."""
    product = Image.new("RGBA", (600, 1100), (0, 0, 0, 0))
    pen = ImageDraw.Draw(product)
    pen.rounded_rectangle((60, 300, 540, 1080), 90, fill=(196, 70, 108, 255))
    pen.rounded_rectangle((200, 30, 400, 310), 30, fill=(34, 34, 38, 255))
    pen.rectangle((140, 520, 460, 860), fill=(248, 242, 236, 255))
    logo = Image.new("RGBA", (800, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(logo)
    pen.ellipse((20, 20, 220, 220), fill=(214, 64, 110, 255))
    pen.rectangle((270, 80, 780, 160), fill=(60, 20, 36, 255))
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(10, 200, (9, 16, 3), np.uint8)).resize((1920, 1080), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 6, (1080, 1920, 1))
    photo = Image.fromarray(np.clip(np.asarray(coarse) + noise, 0, 255).astype(np.uint8))
    for kind, picture in (("product", product), ("logo", logo), ("environment", photo)):
        picture.save(folder / f"{kind}.png")


def payload_of(layout: str, size: tuple[int, int], folder: Path, number: int = 1) -> dict[str, Any]:
    """Return the worker's payload for one scene."""
    if not (folder / "logo.png").exists():
        draw_pictures(folder)
    types = SCENES[layout]
    scene = {
        "id": number + 1,
        "description": "bench",
        "duration": SECONDS,
        "layout": layout,
        "references": list(types),
        "transition_in": "velocity-cut",
        "transition_out": "velocity-cut",
        "copy_text": {
            "kicker": "Bloom skincare",
            "headline": "Softness you can see",
            "support": "Rose water hand cream, 24 h care.",
            "items": ["Absorbs in seconds", "Rose water", "24 h of care"],
        },
    }
    request = {
        "clip_id": number + 1,
        "clip_index": number,
        "clip_count": 5,
        "prompt": "",
        "scene": scene,
        "brand": "Bloom",
        "palette": ["#c2456b", "#f0a0b0"],
        "tone": "warm",
        "width": size[0],
        "height": size[1],
        "fps": FPS,
        "ad_seed": 1,
        "seed": number,
    }
    images = [{"type": kind, "path": str(folder / f"{kind}.png")} for kind in types]
    return {"request": request, "images": images, "comment": "bench", "output": str(folder / f"clip-{number}.mp4")}


def measure(payload: dict[str, Any]) -> dict[str, float]:
    """Return CPU seconds of the whole clip and of encoding its frames alone. Runs in a process of its own."""
    from app.providers.local_video.encode import ClipWriter
    from app.providers.local_video.planes import Planes
    from app.providers.local_video.render import prepare, render_clip

    prepare(payload)
    begin = time.process_time()
    render_clip(payload, _silent)
    whole = time.process_time() - begin
    begin = time.process_time()
    spec, player = prepare(payload)
    setup = time.process_time() - begin
    frames = [Planes(f.y.copy(), f.uv.copy()) for f in (player.frame(n) for n in range(spec.frames))]
    begin = time.process_time()
    with ClipWriter(Path(payload["output"]), (spec.width, spec.height), spec.fps) as writer:
        for frame in frames:
            writer.write(frame)
    encode = time.process_time() - begin
    return {"whole": whole, "encode": encode, "setup": setup, "frames": spec.frames}


def _silent(report: dict[str, Any]) -> None:
    """Take a progress report."""
    del report


def run_measure(payload: dict[str, Any]) -> dict[str, float]:
    """Run `measure` in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure"], input=json.dumps(payload), capture_output=True, text=True, check=True
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def run_worker(payload: dict[str, Any]) -> dict[str, float]:
    """Run the real worker; return its peak memory (MiB) and CPU seconds, interpreter start included."""
    target = "app.providers.local_video.render:render_clip"
    command = [sys.executable, "-m", "app.kit.worker", target, str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin
    process.stdin.write(json.dumps(payload).encode())
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the worker failed with status {status}")
    return {"peak_mib": usage.ru_maxrss / 1024, "cpu": usage.ru_utime + usage.ru_stime}


def bench_size(name: str, runs: int, folder: Path) -> list[dict[str, Any]]:
    """Return one row a scene."""
    rows = []
    for layout in SCENES:
        payload = payload_of(layout, SIZES[name], folder)
        samples = [run_measure(payload) for _ in range(runs)]
        worker = run_worker(payload)
        middle = {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
        rows.append(
            {
                "size": name,
                "scene": layout,
                "clip_fps": middle["frames"] / middle["whole"],
                "x264_fps": middle["frames"] / middle["encode"],
                "ratio": statistics.median(sample["encode"] / sample["whole"] for sample in samples),
                "ratios": [round(sample["encode"] / sample["whole"], 3) for sample in samples],
                "setup_s": middle["setup"],
                **worker,
            }
        )
        print("{size:6} {scene:11} {clip_fps:8.1f} {x264_fps:8.1f} {ratio:6.2f} {peak_mib:9.0f}".format(**rows[-1]))
    return rows


def bench_ad(folder: Path) -> float:
    """Return wall seconds of five 720p clips in two processes, interpreter start included."""
    payloads = [payload_of(layout, SIZES["720p"], folder, n) for n, layout in enumerate(SCENES)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run_worker, payloads))
    return time.perf_counter() - begin


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(json.loads(sys.stdin.read()))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'size':6} {'scene':11} {'clip fps':>8} {'x264 fps':>8} {'ratio':>6} {'peak MiB':>9}")
        rows = [row for size in SIZES for row in bench_size(size, arguments.runs, folder)]
        ad = bench_ad(folder)
    print(f"30 s ad, five clips, two processes: {ad:.1f} s wall at load {os.getloadavg()[0]:.1f}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"rows": rows, "ad_wall_s": ad, "load": os.getloadavg()}, indent=1))


if __name__ == "__main__":
    main()
