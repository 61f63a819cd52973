"""`admint score`: any files, each with a score or the reason why it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.cli import Cli
from tests.fixtures.media import ClipSpec, write_clip

KEYS = {"file", "overall_score", "breakdown", "dimensions", "scorer", "scorer_version", "reason"}


@pytest.fixture
def clip(cli: Cli) -> Path:
    return write_clip(cli.folder / "scene-2-take-1.mp4", ClipSpec())


def test_each_file_gets_its_score_and_nothing_else_is_made(cli: Cli, clip: Path) -> None:
    cli.scripted()
    done = cli.run("score", clip.name, clip.name, "--format", "json")
    assert done.code == 0, done.err
    (first, second) = done.json()["scores"]
    assert first == second
    assert first.keys() == KEYS
    assert (first["file"], first["overall_score"], first["reason"]) == (clip.name, 74.0, None)
    assert first["breakdown"] == {"composition": 76.0, "coherence": 71.0, "motion": 78.0, "visual_appeal": 71.0}
    assert (first["scorer"], first["scorer_version"]) == ("scripted", "1")
    assert not (cli.home / "admint.db").exists()


def test_what_is_no_video_is_said_in_words_beside_the_others(cli: Cli, clip: Path) -> None:
    cli.scripted(refuse=[3])
    (cli.folder / "empty.mp4").touch()
    (cli.folder / "folder").mkdir()
    (cli.folder / "scene-3-take-1.mp4").write_text("words")
    done = cli.run("score", "absent.mp4", "folder", "empty.mp4", clip.name)
    assert done.code == 2
    for words in (
        "None. There is no file absent.mp4.",
        "None. folder is a folder, not a video file.",
        "None. empty.mp4 is empty.",
        "74.0 of 100, fair",
        "composition 76.0, coherence 71.0, motion 78.0, visual appeal 71.0",
    ):
        assert words in done.out, done.out
    refused = cli.run("score", clip.name, "scene-3-take-1.mp4", "--format", "json")
    assert (refused.code, refused.err) == (6, "")
    assert [each["overall_score"] for each in refused.json()["scores"]] == [74.0, None]
    assert refused.json()["scores"][1]["reason"].startswith("The file holds no picture.")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [((), 2, "Missing argument"), (("--film", "--static", "a.mp4"), 2, "don't go together")],
)
def test_a_wrong_command_line_says_how_it_is_meant(cli: Cli, words: tuple[str, ...], code: int, said: str) -> None:
    done = cli.run("score", *words)
    assert (done.code, said in done.err) == (code, True), done.err


def test_where_nobody_scores_it_says_so(cli: Cli, clip: Path) -> None:
    cli.environment["ADMINT_SCORER"] = "none"
    done = cli.run("score", clip.name)
    assert (done.code, "ADMINT_SCORER is none" in done.err) == (3, True), done.err
