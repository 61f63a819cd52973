"""`make test-vbench` says what is missing without a traceback, and knows a right result from a wrong one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.providers.scoring_vbench.place import Place
from tests.fixtures.vbench import StandIn, recorded
from tests.test_house.tree import BACKEND
from tools import try_vbench


def test_where_it_is_not_set_up_it_says_so(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADMINT_")}
    home = {"ADMINT_HOME": str(tmp_path), "ADMINT_VBENCH_PYTHON": str(tmp_path / "python")}
    done = subprocess.run(
        [sys.executable, "-m", "tools.try_vbench"], cwd=BACKEND, env={**clean, **home}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "")
    first, reason, hint = done.stdout.splitlines()
    assert (first, "can't be run" in reason, "`make vbench`" in hint) == ("VBench could not be tried.", True, True)


@pytest.fixture
def told(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Try it in the stand-in's place, where it must fail; return what it said."""
    monkeypatch.setattr(Place, "of", lambda _settings: stand_in.place())

    def run() -> str:
        assert try_vbench.main() == 1
        return capsys.readouterr().out

    return run


def test_numbers_that_cannot_be_right_are_a_fault(stand_in: StandIn, told: Callable[[], str]) -> None:
    results = recorded()  # the same for a moving clip and a still one
    results["subject_consistency"] = [1.0, [{"video_path": "clip.mp4", "video_results": 1.0}]]
    stand_in.plays("measure", results=results)
    said = told()
    assert "subject_consistency does not fall when the picture moves." in said
    assert "background_consistency of a still picture is 0.96307, which should be 1." in said
    assert said.endswith("Failed.\n")


def test_what_is_ready_but_does_not_score_says_why(stand_in: StandIn, told: Callable[[], str]) -> None:
    (stand_in.folder / "script.json").write_text("{}")
    assert told().startswith("VBench could not be tried.\nVBench stopped with exit code 1.\nIt said: KeyError")
    stand_in.plays("measure", results={})
    first, *reasons = told().splitlines()[1:]
    assert first == "There is no score."
    assert all("KeyError" in reason for reason in reasons)
