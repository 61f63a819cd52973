"""The doctor says who scores; with VBench chosen, whether it could, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.settings import Settings
from app.providers.scoring_vbench.place import Place
from cli_tools.checkup_scorer import scorer
from tests.fixtures.vbench import StandIn


def found(home: Path, name: str, **more: Any) -> tuple[str, str, str]:
    finding = scorer(Settings(home=home, scorer=name, **more))
    return finding.state, finding.found, finding.mend


def test_the_usual_scorers_have_a_line(tmp_path: Path) -> None:
    assert found(tmp_path, "embedded") == ("ok", "embedded, on this machine", "")
    assert found(tmp_path, "none") == ("ok", "none; videos get no score", "")
    state, text, mend = found(tmp_path, "vbnch")
    assert (state, text, mend) == ("fail", "there is none called vbnch", "Choose one of: embedded, vbench.")


def test_vbench_that_was_never_set_up_is_said(tmp_path: Path, stand_in: StandIn) -> None:
    state, text, mend = found(tmp_path, "vbench")
    assert (state, "ADMINT_VBENCH_PYTHON" in text, "use-vbench.md" in mend) == ("warn", True, True)
    state, text, mend = found(tmp_path, "vbench", vbench_python=stand_in.python, vbench_weights=tmp_path / "none")
    assert (state, "8 of VBench's 8 files are not in" in text, "downloads none" in mend) == ("warn", True, True)


@pytest.mark.parametrize(
    ("device", "cpu", "state", "mend"),
    [
        ("A GPU", False, "ok", ""),
        ("cpu", True, "warn", "eight seconds of video take about 54 minutes"),
        ("cpu", False, "warn", "Set ADMINT_SCORER=embedded, or ADMINT_VBENCH_CPU=true."),
    ],
)
def test_vbench_that_is_there_says_on_what_it_works(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, device: str, cpu: bool, state: str, mend: str
) -> None:
    stand_in.plays("measure", device=device)
    monkeypatch.setattr(Place, "of", lambda _settings: stand_in.place(cpu=cpu))
    finding = scorer(Settings(home=stand_in.folder, scorer="vbench"))
    assert finding.state == state
    assert finding.found.startswith(f"VBench 0.1.5 on {device}, 6 dimensions; sha256 recorded of ")
    assert mend in finding.mend
    assert "recorded" not in scorer(Settings(home=stand_in.folder, scorer="vbench")).found
