"""The two gates at a real terminal: feedback, a question back, one scene edited, approval; and nobody there."""

from __future__ import annotations

import json

import pytest

from tests.fixtures.cli import TINY, Cli

GENERATE = ("generate", "--prompt", "Sunrise Roast: coffee roasted the day it ships.", "--output", "ad", *TINY)
PROMPT = r"\n› "


@pytest.mark.ac("AC-1.5")
def test_a_whole_conversation(cli: Cli) -> None:
    terminal = cli.terminal(*GENERATE)
    try:
        first = terminal.expect(PROMPT)
        assert "Story" in first
        assert "Enter if it looks good" in first
        terminal.type("hm")
        assert "Enter approves." in terminal.expect(PROMPT)
        terminal.type("make it warmer and say that the first bag is free")
        assert "Rewriting the story" in terminal.expect(PROMPT)
        terminal.type("")
        scenes = terminal.expect(PROMPT)
        assert "References" in scenes
        assert "2 scenes" in scenes
        terminal.type("scene 9 needs more light")
        assert "There is no scene 9: pick one from 1 to 2" in terminal.expect(PROMPT)
        terminal.type("scene 2: show the bag larger")
        changed = terminal.expect(PROMPT)
        assert "Rewriting scene 2" in changed
        assert "changed" in changed
        terminal.type("looks good")
        closing = terminal.expect("Your ad is ready")
        assert "2 of 2 filmed" in closing
        assert terminal.end() == 0
    finally:
        terminal.close()
    assert "made on this machine" in terminal.text
    assert (cli.folder / "ad" / "final.mp4").is_file()


def test_cancel_keeps_the_draft_and_auto_resume_approves_it(cli: Cli) -> None:
    terminal = cli.terminal(*GENERATE, "--set", "stages.videos=false", columns=120)
    try:
        terminal.expect(PROMPT)
        terminal.type("cancel")
        assert terminal.end() == 130
    finally:
        terminal.close()
    assert "Go on with: admint resume --output ad" in terminal.text
    done = cli.run("resume", "--output", "ad", "--auto", "--format", "json")
    assert done.code == 0, done.err
    data = done.json()["data"]
    assert (data["status"], data["final_video"]) == ("completed", None), "a pipeline without films ends in a storyboard"
    assert (cli.folder / "ad" / "storyboard" / "scene-2.jpg").is_file()


def test_end_of_input_approves_nothing(cli: Cli) -> None:
    done = cli.run(*GENERATE, "--interactive", stdin="")
    assert done.code == 130
    assert "no more input" in done.err
    assert "admint resume --output ad" in done.err
    assert json.loads((cli.folder / "ad" / ".admint-run.json").read_text())["state"] == "stopped"
    listed = cli.run("list").out
    assert "waits for you" in listed or "stopped" in listed
