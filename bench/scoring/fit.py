"""Draws the lower marks of the scorer's ramps from the tuned clips: values and good marks stay as a person put them.

A plain coordinate search: one mark at a time goes up or down a little and stays where `loss` fell. What is wanted is
written there in points. Held-out clips and kinds (sources.py) are never read. If the marks near 1 moved too, that would
fit the tuned clips better and unseen ones worse (`--check`: marks drawn without a source, judged on it).
Writes app/config/scoring/embedded.yaml; read what changed before you keep it.
Run: `.venv/bin/python bench/scoring/fit.py [--rounds 6] [--check]`, after run.py has measured; half a minute.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from defects import CONTROLS, DEFECTS
from measuring import Key, Signals, measure_all
from numpy.typing import NDArray
from sources import HELD_OUT_DEFECTS, HELD_OUT_SOURCES, ROOT, SOURCES

from app.providers.scoring_embedded.marks import LEAST, WEAKEST, along, book

YAML = ROOT / "backend" / "app" / "config" / "scoring" / "embedded.yaml"
HELD_BACK = 0.3
"""Points of loss for a mark that moves by 1, squared."""
SOUND = 0.9
"""Marks from here on stay."""
STEPS = (0.12, 0.06, 0.03, 0.015)
Floats = NDArray[np.float64]


@dataclass
class Line:
    """One ramp for camera pictures or for drawn ones: `basis` (clips, points) times `marks` is every clip's mark."""

    name: str
    drawn: bool
    basis: Floats
    marks: Floats
    first: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.marks.copy()

    def with_mark(self, place: int, value: float) -> Floats | None:
        """The marks with one of them changed; None where they would no longer run one way, or the best one fell."""
        marks = self.marks.copy()
        marks[place] = value
        way = np.sign(self.first[-1] - self.first[0])
        ordered = bool((np.diff(marks) * way > 0.004).all())
        best = marks.max() == self.first.max()
        return marks if ordered and best and 0.02 <= value <= 1 else None


class Sheet:
    """All clips at once: their signals as ramps see them, and who is compared with whom."""

    def __init__(self, measured: dict[Key, Signals], sources: Sequence[str], kinds: Sequence[str]) -> None:
        self.keys = [key for key in measured if key[0] in sources and key[1] in {"clean", *CONTROLS, *kinds}]
        self.at = {key: index for index, key in enumerate(self.keys)}
        signals = [measured[key] for key in self.keys]
        self.degree = np.array([along(book().drawn, each["flat"]) for each in signals])
        self.lines = [line for name in book().ramps for line in self._lines(name, signals)]
        self._index(sources, kinds)

    def _lines(self, name: str, signals: list[Signals]) -> list[Line]:
        ramp = book().ramps[name]
        values = np.array([each[name] for each in signals])
        curves = [(False, ramp.points)] if ramp.drawn is None else [(False, ramp.points), (True, ramp.drawn)]
        lines = []
        for drawn, points in curves:
            x, y = (np.array(axis, float) for axis in zip(*points, strict=True))
            weight = np.ones_like(self.degree) if ramp.drawn is None else self.degree if drawn else 1 - self.degree
            hats = np.array([np.interp(values, x, row) for row in np.eye(len(x))]).T
            lines.append(Line(name, drawn, hats * weight[:, None], y))
        return lines

    def _index(self, sources: Sequence[str], kinds: Sequence[str]) -> None:
        clean = {name: self.at[name, "clean", 0] for name in sources}
        self.clean = np.array(list(clean.values()))
        self.bad = np.array([[self.at[s, k, d] for d in (1, 2, 3, 4)] for s in sources for k in kinds])
        self.bad_clean = np.array([clean[s] for s in sources for _ in kinds])
        self.target = np.array([list(book().weights).index(DEFECTS[k][1]) for _ in sources for k in kinds])  # type: ignore[arg-type]
        self.turned = np.array([k in {"swap", "morph"} for _ in sources for k in kinds])
        self.control = np.array([[self.at[s, c, 0] for c in CONTROLS] for s in sources])

    def scores(self) -> tuple[Floats, Floats]:
        """Overall scores (clips) and sub-scores (clips, 4), 0-100."""
        marks: dict[str, Floats] = {}
        for line in self.lines:
            marks[line.name] = marks.get(line.name, np.zeros(len(self.keys))) + line.basis @ line.marks
        parts = []
        for part in book().weights:
            names = [name for name, ramp in book().ramps.items() if ramp.score == part]
            parts.append(_weakest([marks[name] for name in names], [book().ramps[name].weight for name in names]))
        return 100 * _weakest(parts, list(book().weights.values())), 100 * np.array(parts).T


def _weakest(marks: Sequence[Floats], weights: Sequence[float]) -> Floats:
    stack, weight = np.maximum(np.array(marks), LEAST), np.array(weights)
    mean = np.exp((np.log(stack) * weight[:, None]).sum(axis=0) / weight.sum())
    return np.asarray((1 - WEAKEST) * mean + WEAKEST * stack.min(axis=0), float)


def loss(sheet: Sheet) -> float:
    """What is wanted, in points: broken below clean, worse below bad, honest changes unnoticed, levels as promised."""
    overall, parts = sheet.scores()
    below = overall[sheet.bad_clean][:, None] - overall[sheet.bad]
    target = sheet.target[:, None]
    noticed = parts[sheet.bad_clean, sheet.target][:, None] - parts[sheet.bad, target]
    falls = -np.diff(overall[sheet.bad], axis=1)
    severe, changed = overall[sheet.bad[:, 3]], overall[sheet.control] - overall[sheet.clean][:, None]
    moved = sum(float(np.square(line.marks - line.first).sum()) for line in sheet.lines)
    return float(
        4 * np.maximum(0, 2 - below).mean()
        + 4 * np.maximum(0, 2 - noticed).mean()
        + 2 * np.maximum(0, 1 - falls).mean()
        + 0.05 * np.maximum(0, severe - 57).mean()
        + 0.2 * np.maximum(0, severe[sheet.turned] - 62).mean()
        + 1.5 * np.maximum(0, np.abs(changed) - 1.5).mean()
        + 1.0 * np.maximum(0, np.abs(changed) - 2.5).max(axis=1).mean()
        + 1.0 * np.maximum(0, 92 - overall[sheet.clean]).mean()
        + HELD_BACK * moved
    )


def search(sheet: Sheet, rounds: int) -> float:
    """Move marks until a round of the smallest steps gains nothing, at most `rounds` rounds a step size."""
    best = loss(sheet)
    for step in STEPS:
        for _ in range(rounds):
            before = best
            for line in sheet.lines:
                best = _improve(sheet, line, step, best)
            if before - best < 0.002:
                break
    return best


def _improve(sheet: Sheet, line: Line, step: float, best: float) -> float:
    for place in np.flatnonzero(line.first < SOUND):
        for change in (step, -step):
            kept, tried = line.marks, line.with_mark(place, float(line.marks[place] + change))
            if tried is None:
                continue
            line.marks = tried
            found = loss(sheet)
            if found < best - 1e-5:
                best = found
                break
            line.marks = kept
    return best


def write(lines: Sequence[Line]) -> None:
    """Write the marks into the YAML, leaving everything else as it is."""
    text = YAML.read_text()
    for line in lines:
        key = "drawn" if line.drawn else "points"
        ramp = book().ramps[line.name]
        xs = [x for x, _ in (ramp.drawn if line.drawn else ramp.points) or []]
        pairs = ", ".join(f"[{x:g}, {mark:.3g}]" for x, mark in zip(xs, line.marks, strict=True))
        pattern = rf"(  {line.name}:\n(?:    .*\n)*?    {key}: ).*"
        text = re.sub(pattern, lambda found, pairs=pairs: f"{found[1]}[{pairs}]", text, count=1)
    YAML.write_text(text)


def main() -> None:
    """Search, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "bench-scoring")
    parser.add_argument("--check", action="store_true", help="also draw without each source in turn, and judge on it")
    asked = parser.parse_args()
    names = [name for name in SOURCES if name not in HELD_OUT_SOURCES]
    kinds = [kind for kind in DEFECTS if kind not in HELD_OUT_DEFECTS]
    measured = measure_all(asked.work, names, os.cpu_count() or 1)
    if asked.check:
        for left_out in names:
            sheet = Sheet(measured, [name for name in names if name != left_out], kinds)
            search(sheet, asked.rounds)
            print(f"drawn without {left_out}: {judged(measured, left_out, kinds, sheet)}", flush=True)
    sheet = Sheet(measured, names, kinds)
    print(f"loss {loss(sheet):.3f} before, {search(sheet, asked.rounds):.3f} after")
    write(sheet.lines)


def judged(measured: dict[Key, Signals], name: str, kinds: Sequence[str], drawn: Sheet) -> dict[str, Any]:
    """How marks drawn elsewhere do on one source: share ranked right, clean score, largest honest change."""
    sheet = Sheet(measured, [name], kinds)
    for line, other in zip(sheet.lines, drawn.lines, strict=True):
        line.marks = other.marks
    overall, _ = sheet.scores()
    right = overall[sheet.bad] < overall[sheet.bad_clean][:, None] - 0.005
    changed = overall[sheet.control] - overall[sheet.clean][:, None]
    return {
        "ranked": round(float(right.mean()), 3),
        "clean": round(float(overall[sheet.clean][0]), 1),
        "honest": round(float(np.abs(changed).max()), 1),
    }


if __name__ == "__main__":
    main()
