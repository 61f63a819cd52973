"""What one score costs, in a process of its own: `cost.py VIDEO`; prints CPU seconds and memory as JSON.

Started by run.py. The model is loaded first and counted apart: a worker loads it once for all its files.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path

from app.providers.scoring_embedded.backbone import backbone
from app.providers.scoring_embedded.frames import Pictures
from app.providers.scoring_embedded.measure import Options, measure


def main() -> None:
    """Measure one file and decode it once more for comparison."""
    path = Path(sys.argv[1])
    marks = [time.process_time()]
    backbone()
    marks.append(time.process_time())
    measured = measure(path, Options())
    marks.append(time.process_time())
    with Pictures(path) as pictures:
        count = sum(1 for _ in pictures)
    marks.append(time.process_time())
    load, score, decode = (after - before for before, after in pairwise(marks))
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    told = {"load_s": load, "score_s": score, "decode_s": decode, "frames": count}
    print(json.dumps({**told, "seconds": measured.duration, "peak_mib": peak / 1024}))


if __name__ == "__main__":
    main()
