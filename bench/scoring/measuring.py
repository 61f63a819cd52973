"""Measures every clip of the bench once and keeps the raw signals on disk, so that marks can be tried at once.

The cache belongs to a source and to the measuring code: another version of it, or of the defects, starts afresh.
What the backbone saw is kept by picture, because it costs most and changes least. Called by run.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from defects import CONTROLS, DEFECTS, Clip
from numpy.typing import NDArray
from sources import HERE, SOURCES, load
from writing import write

from app.providers import scoring_embedded
from app.providers.scoring_embedded import measure as measuring
from app.providers.scoring_embedded.backbone import Backbone, Histograms, Look, backbone

Signals = dict[str, float]
Key = tuple[str, str, int]
CODE = ("frames", "planes", "motion", "fading", "steadiness", "stills", "backbone", "looks", "measure")


class Remembering:
    """A backbone that keeps what it saw on disk, and notes how alike neighbouring pictures' histograms are."""

    def __init__(self, eye: Backbone, folder: Path) -> None:
        self.kind = eye.kind
        self._eye, self._folder, self._plain = eye, folder, Histograms()
        self.histograms: list[NDArray[np.float32]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def look(self, bgr: NDArray[np.uint8]) -> Look:
        """See Backbone."""
        self.histograms.append(self._plain.look(bgr).background)
        path = self._folder / f"{hashlib.sha256(bgr.tobytes() + str(bgr.shape).encode()).hexdigest()[:32]}.npz"
        if path.exists():
            kept = np.load(path)
            return Look(kept["saliency"].astype(np.float32), kept["subject"], kept["background"])
        look = self._eye.look(bgr)
        small = cv2.resize(look.saliency, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float16)
        np.savez(path, saliency=small, subject=look.subject, background=look.background)
        return Look(small.astype(np.float32), look.subject, look.background)


def digest(name: str, *, code: bool = True) -> str:
    """Digest of everything that decides a source's clips, and with `code` its raw signals too."""
    home = Path(next(iter(scoring_embedded.__path__)))
    files = [*((home / f"{module}.py" for module in CODE) if code else ()), HERE / "defects.py", HERE / "writing.py"]
    made_of = repr((SOURCES[name], SOURCES[SOURCES[name].other])).encode()
    return hashlib.sha256(made_of + b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def measure_all(folder: Path, names: Sequence[str], jobs: int) -> dict[Key, Signals]:
    """Return the signals of every variant of `names`; measures what the cache in `folder` lacks, `jobs` at a time."""
    found: dict[Key, Signals] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for name, signals in zip(names, pool.map(_measure_source, repeat(folder), names), strict=True):
            found |= {(name, variant, dose): each for (variant, dose), each in signals.items()}
            print(f"  {name:15} measured", flush=True)
    return found


def _measure_source(folder: Path, name: str) -> dict[tuple[str, int], Signals]:
    cv2.setNumThreads(1)
    cache = folder / "signals" / f"{name}-{digest(name)}.json"
    cache.parent.mkdir(exist_ok=True)
    known: dict[str, Signals] = json.loads(cache.read_text()) if cache.exists() else {}
    eye = Remembering(backbone(), folder / "looks")
    measuring.backbone = lambda: eye  # type: ignore[assignment]
    for number, key in enumerate(keys_of(name)):
        if _text(key) not in known:
            known[_text(key)] = _measured(folder, key, eye)
            if number % 20 == 0:
                cache.write_text(json.dumps(known))
    cache.write_text(json.dumps(known))
    return {key[1:]: known[_text(key)] for key in keys_of(name)}


def _text(key: Key) -> str:
    return f"{key[1]}|{key[2]}"


def keys_of(name: str) -> list[Key]:
    """Every variant of a source: clean, the controls, and each defect's doses 1 to 4."""
    return [
        (name, "clean", 0),
        *((name, control, 0) for control in CONTROLS),
        *((name, defect, dose) for defect in DEFECTS for dose in (1, 2, 3, 4)),
    ]


def _measured(folder: Path, key: Key, eye: Remembering) -> Signals:
    path = clip_file(folder, key)
    eye.histograms = []
    signals = measuring.measure(path, measuring.Options()).signals
    seen = np.array(eye.histograms)
    signals["histogram_baseline"] = float((seen[1:] * seen[:-1]).sum(axis=1).mean()) if len(seen) > 1 else 1.0
    return signals


_loaded: dict[str, Clip] = {}


def clip_file(folder: Path, key: Key) -> Path:
    """Return the clip of a variant, written on first use; the folder's name holds what made it."""
    name, variant, dose = key
    path = folder / "clips" / f"{name}-{digest(name, code=False)}" / f"{variant}-{dose}.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.mp4")
        write(_variant(folder, name, variant, dose), part).rename(path)
    return path


def _variant(folder: Path, name: str, variant: str, dose: int) -> Clip:
    if name not in _loaded:
        _loaded.clear()
        _loaded[name] = load(folder, name)
    clip = _loaded[name]
    if variant == "clean":
        return clip
    if variant in CONTROLS:
        return CONTROLS[variant](clip)
    number = list(DEFECTS).index(variant)
    seed = [int(hashlib.sha256(name.encode()).hexdigest()[:8], 16), number, dose - 1]
    return DEFECTS[variant][0](clip, dose - 1, np.random.default_rng(seed))
