from __future__ import annotations

import numpy as np
import pytest

from app.providers.local_video.fonts import drawable, face_for, faces, font, undrawable
from app.providers.local_video.typeset import Style, clusters, draw_line, fit, line_width

STYLE = Style("archivo-black-400", -0.03, 1.05)


def test_every_face_loads_and_covers_what_it_says() -> None:
    assert len(faces()) >= 12
    for name, face in faces().items():
        assert {ord(c) for c in "Aaé€“”ñß9"} <= face.covers, name
        blank = font(name, 40).getmask("\ue000").getbbox()
        assert font(name, 40).getmask("é").getbbox() not in (None, blank)


@pytest.mark.parametrize("text", ["Wake up to something better", "Donaudampfschifffahrtsgesellschaft", "é € “ok”", "I"])
@pytest.mark.parametrize("box", [(200.0, 90.0), (80.0, 300.0), (900.0, 40.0)])
def test_fitted_text_stays_in_its_box(text: str, box: tuple[float, float]) -> None:
    fitted = fit(text, STYLE, box, 120)
    assert " ".join(fitted.lines) == text
    assert fitted.width <= box[0] * 1.01
    assert fitted.height <= box[1] * 1.01


def test_lines_are_balanced() -> None:
    fitted = fit("Wake up to something better", STYLE, (320, 300), 60, max_lines=2)
    assert fitted.lines == ("Wake up to", "something better")


def test_empty_text_has_no_lines() -> None:
    assert fit("  ", STYLE, (100, 100), 40).lines == ()


def test_the_last_line_takes_the_second_voice_when_it_fits() -> None:
    style = Style("fraunces-600", 0.0, 1.1, last="fraunces-400-italic")
    fitted = fit("Softness you can see", style, (240, 200), 50)
    assert fitted.faces[0] == "fraunces-600"
    assert fitted.faces[-1] == "fraunces-400-italic"


def test_drawn_ink_matches_the_measured_width() -> None:
    mask = draw_line("Hands", "archivo-600", 64, 0.05)
    columns = np.flatnonzero(mask.coverage.max(axis=0) > 40)
    width = line_width("Hands", "archivo-600", 64, 0.05)
    assert abs((columns[-1] - columns[0]) - width) < 64 * 0.15
    assert mask.coverage[:, 0].max() == 0
    assert mask.coverage[0].max() == 0


def test_combining_marks_stay_with_their_letter() -> None:
    assert clusters("e\u0301a") == ["é", "a"]
    assert clusters("x\u0301y") == ["x\u0301", "y"]


def test_other_scripts_take_the_fallback_and_unknown_signs_go() -> None:
    assert face_for("Утро лучше", "anton-400") == "inter-tight-700"
    assert face_for("Plain", "anton-400") == "anton-400"
    assert drawable("Hot 🔥 deal", "anton-400") == "Hot deal"
    assert undrawable("Hot 🔥 é") == "🔥"
