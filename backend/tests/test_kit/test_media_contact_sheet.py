"""A contact sheet shows the film's frames in order, in a grid, with times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.kit.media.contact_sheet import contact_sheet_job
from tests.fixtures.media import ClipSpec, plain, write_clip


def test_the_grid_follows_the_film(tmp_path: Path) -> None:
    size = (160, 90)
    film = write_clip(tmp_path / "a.mp4", ClipSpec(frames=24), lambda n: plain(size, 10 * n)(n))
    reports: list[dict[str, Any]] = []
    payload = {"path": str(film), "output": str(tmp_path / "sheet.png"), "cell_width": 80}
    done = contact_sheet_job(payload, reports.append)
    sheet = cv2.imread(str(tmp_path / "sheet.png"), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    assert sheet.shape == (done["height"], done["width"]) == (3 * 51 + 6, 4 * 86 + 6)
    cells = [
        int(np.median(sheet[6 + r * 51 : 36 + r * 51, 6 + c * 86 : 86 + c * 86])) for r in range(3) for c in range(4)
    ]
    assert cells == sorted(cells)
    assert cells[-1] - cells[0] > 180
    assert done["times"] == sorted(done["times"])
    assert [report["fraction"] for report in reports][-1] == 1.0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_film_of_few_frames_still_fills_the_grid(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "a.mp4", ClipSpec(frames=3))
    done = contact_sheet_job({"path": str(film), "output": str(tmp_path / "s.png")}, lambda _: None)
    assert len(done["times"]) == 12
