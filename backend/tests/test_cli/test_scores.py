"""Scores in plain words: what they are, or why there are none."""

from __future__ import annotations

import json
import time

import pytest

from app.db.models import Generation
from app.schemas.score_events import VBenchScore
from cli_tools.scores import Scores, document, likeness, line
from tests.fixtures.cli import PROMPT, TINY, Cli

FILM = VBenchScore(overall_score=81.4, dimensions={"cross_clip": 0.934}, scorer="embedded", scorer_version="1.0")
BROKEN = "None: Clip 2 is cut; clips 85 (strong), none"


def clip(number: int, overall: float | None, **dimensions: float) -> VBenchScore:
    return VBenchScore(clip_id=number, overall_score=overall, dimensions=dimensions, reason=None if overall else "Cut.")


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        (Scores(FILM, [clip(1, 80), clip(2, 59.9)]), "81 of 100 (strong); clips 80 (fair), 60 (weak)"),
        (Scores(VBenchScore(reason="Clip 2 is cut."), [clip(1, 85), clip(2, None)]), BROKEN),
        (Scores(is_awaited=True), "Not measured yet."),
        (Scores(), "Not measured."),
    ],
)
def test_one_line_says_it_all(scores: Scores, said: str) -> None:
    assert line(scores, Generation(config={})) == said


def test_an_ad_that_was_told_not_to_be_scored_says_so() -> None:
    row = Generation(config={"vbench_enabled": False})
    assert line(Scores(), row) == "Scoring is switched off (vbench_enabled)."
    assert document(Scores(), row)["reason"] == "Scoring is switched off (vbench_enabled)."


def test_likeness_is_said_as_it_was_measured() -> None:
    clips = [clip(1, 80, similar_to_product=0.71), clip(2, 80, similar_to_product=0.9, sharpness=0.2)]
    assert likeness(Scores(FILM, clips)) == "clips to each other 93 %, product 71 to 90 %"
    assert likeness(Scores()) == ""


@pytest.mark.timeout(300)
def test_a_stop_while_scores_are_awaited_leaves_the_ad_finished(cli: Cli) -> None:
    cli.scripted(hang=[1])
    terminal = cli.terminal("generate", "--auto", "--prompt", PROMPT, "--output", "ad", *TINY)
    try:
        terminal.expect("Scoring it", timeout=200)
        note = cli.folder / "ad" / ".admint-run.json"
        while json.loads(note.read_text())["state"] != "finished":
            time.sleep(0.05)
        terminal.press(b"\x03")
        assert terminal.end() == 130
    finally:
        terminal.close()
    assert "Stopped waiting for the scores. The film is finished." in terminal.text
    assert (cli.folder / "ad" / "final.mp4").is_file()
    shown = cli.run("show", "--output", "ad")
    assert "Not measured yet" in shown.out
    assert cli.run("resume", "--output", "ad").code == 5, "there is nothing left to go on with"
