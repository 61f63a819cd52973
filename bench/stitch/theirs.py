"""The same stitch by moviepy, in its own environment: `theirs.py BED OUTPUT CLIP...`; prints its seconds as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from moviepy import AudioFileClip, VideoFileClip, concatenate_videoclips


def main() -> None:
    """Concatenate with moviepy's defaults; a bed, when there is one, becomes the sound."""
    bed, output, *clips = sys.argv[1:]
    started, before = time.perf_counter(), os.times()
    film = concatenate_videoclips([VideoFileClip(clip) for clip in clips])
    if Path(bed).is_file():
        film = film.with_audio(AudioFileClip(bed).with_duration(film.duration))
    film.write_videofile(output, logger=None)
    film.close()
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"wall_s": time.perf_counter() - started, "cpu_s": cpu, "peak_kib": peak}))


if __name__ == "__main__":
    main()
