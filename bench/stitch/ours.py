"""One measured stitch by AdMint, in a process of its own: `ours.py BED OUTPUT CLIP...`; prints its phases as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Stitch and print seconds of CPU and wall up to each progress mark."""
    from app.kit.media.stitch import stitch

    bed, output, *clips = (Path(argument) for argument in sys.argv[1:])
    marks: list[tuple[float, float, float]] = []
    started, cpu = time.perf_counter(), time.process_time()

    def mark(fraction: float) -> None:
        marks.append((fraction, time.perf_counter() - started, time.process_time() - cpu))

    done = stitch([(clip, clip.name, None) for clip in clips], bed if bed.is_file() else None, output, progress=mark)
    mark(1.0)
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"marks": marks, "normalised": done.normalised, "frames": done.frames, "peak_kib": peak}))


if __name__ == "__main__":
    main()
