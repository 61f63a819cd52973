"""Bench: one sentence to final.mp4 on a fresh data folder. Wall time over ad length, and memory of the whole tree.

Run: `.venv/bin/python bench/demo/run.py [--runs N]`. Aim: ratio <= 0.5 on 2 cores, PSS < 1 GB in all.
Writes bench/results/demo.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMPT = "Create a 30-second ad for eco-friendly water bottle"
AD_SECONDS = 30.0


def tree(pid: int) -> list[int]:
    """Return `pid` and all its descendants."""
    found = [pid]
    for parent in found:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found += [int(child) for child in children]
    return found


def pss_mib(pid: int) -> float:
    """Return a process's proportional set size in MiB; zero when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


class Watch(threading.Thread):
    """Samples the memory of a process tree ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self._done.wait(0.1):
            self.peak = max(self.peak, sum(pss_mib(pid) for pid in tree(self._pid)))

    def stop(self) -> float:
        """End sampling; return the peak in MiB."""
        self._done.set()
        self.join()
        return self.peak


def one_run() -> dict[str, float]:
    """Make one ad in fresh folders; return wall seconds, CPU seconds and peak MiB."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ADMINT_HOME": f"{folder}/home"}
        admint = Path(sys.executable).with_name("admint")
        command = [str(admint), "generate", "--auto", "--prompt", PROMPT, "--output", f"{folder}/out", "--quiet"]
        before = os.times()
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        watch = Watch(process.pid)
        watch.start()
        code = process.wait()
        wall = time.perf_counter() - started
        peak = watch.stop()
        after = os.times()
        if code != 0 or not Path(f"{folder}/out/final.mp4").is_file():
            raise SystemExit(f"the run failed with exit code {code}")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return {"wall_s": wall, "cpu_s": cpu, "peak_pss_mib": peak}


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = [one_run() for _ in range(parser.parse_args().runs)]
    wall = statistics.median(run["wall_s"] for run in runs)
    result = {
        "cores": len(os.sched_getaffinity(0)),
        "runs": runs,
        "wall_over_ad_length": wall / AD_SECONDS,
        "peak_pss_mib": max(run["peak_pss_mib"] for run in runs),
    }
    for run in runs:
        print(f"  wall {run['wall_s']:6.1f} s   cpu {run['cpu_s']:6.1f} s   memory {run['peak_pss_mib']:6.0f} MiB")
    print(f"  wall / ad length  {result['wall_over_ad_length']:.2f}   (aim <= 0.50, {result['cores']} cores)")
    print(f"  peak memory       {result['peak_pss_mib']:.0f} MiB (aim < 1024)")
    target = ROOT / "bench" / "results" / "demo.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
