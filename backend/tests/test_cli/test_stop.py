"""Ctrl-C, kill and resume: nothing is lost, the exact command is said, and it works."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import time

import pytest

from cli_tools.intake import FRAMEWORKS
from cli_tools.run_folder import RunFolder
from tests.fixtures.cli import PROMPT, TINY, Cli

LONGER = ("--set", "duration_s=4", "--set", "scene_count=4", "--set", "fps=20", "--set", "frame_scale=0.25")


def given(prompt: str, **changes: object) -> dict[str, object]:
    """A request as `generate` notes it."""
    empty = dict.fromkeys(
        ("logo", "framework", "framework_text", "brand", "cta", "url", "duration", "aspect", "seed", "config")
    )
    return {
        **empty,
        "prompt": prompt,
        "product_images": [],
        "character_images": [],
        "set": [],
        "interactive": False,
        **changes,
    }


def test_ctrl_c_stops_at_once_and_the_said_command_finishes_the_ad(cli: Cli) -> None:
    terminal = cli.terminal("generate", "--auto", "--prompt", PROMPT, "--output", "my ad", *LONGER)
    try:
        terminal.expect(r"filming")
        pressed = time.monotonic()
        terminal.press(b"\x03")
        assert terminal.end() == 130
        assert time.monotonic() - pressed < 5, "a stop never waits for work (its own limit is two seconds)"
    finally:
        terminal.close()
    shown = terminal.text
    assert "Nothing is lost" in shown
    assert "Traceback" not in shown
    assert terminal.raw.rstrip().count("\x1b[?25h") >= 1, "the cursor is back"
    assert json.loads((cli.folder / "my ad" / ".admint-run.json").read_text())["state"] == "stopped"
    command = re.search(r"Go on with: admint (resume .+)", shown)
    assert command
    done = cli.run(*shlex.split(command[1]), "--format", "json")
    assert done.code == 0, done.err
    assert done.json()["data"]["status"] == "completed"
    assert (cli.folder / "my ad" / "final.mp4").is_file()


def test_kill_before_there_was_an_id_starts_from_the_note(cli: Cli) -> None:
    settings = ["duration_s=2", "scene_count=2", "fps=10", "frame_scale=0.25"]
    RunFolder(path=cli.folder / "ad", request=given(PROMPT, set=settings), version="1").save()
    done = cli.run("resume", "--output", "ad", "--quiet")
    assert done.code == 0, done.err
    assert done.out == "ad/final.mp4\n"


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.6])
def test_kill_at_any_moment_of_the_start_leaves_a_folder_to_resume(cli: Cli, moment: float) -> None:
    terminal = cli.terminal("generate", "--auto", "--prompt", PROMPT, "--output", "ad", *TINY)
    note = cli.folder / "ad" / ".admint-run.json"
    try:
        end = time.monotonic() + 20
        while not note.exists() and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(moment)
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()
    finally:
        terminal.close()
    document = json.loads(note.read_text())
    assert document["request"]["prompt"] == PROMPT
    assert document["state"] in {"started", "running"}


def test_ctrl_c_during_start_up_says_how_to_go_on(cli: Cli) -> None:
    terminal = cli.terminal("generate", "--auto", "--prompt", PROMPT, "--output", "ad", *TINY)
    try:
        while not (cli.folder / "ad" / ".admint-run.json").exists():
            time.sleep(0.005)
        terminal.press(b"\x03")
        assert terminal.end() == 130
    finally:
        terminal.close()
    assert "Go on with: admint resume --output ad" in terminal.text
    assert "Traceback" not in terminal.text


def test_busy_data_folder_is_refused_with_no_wait(cli: Cli) -> None:
    from app.kit.locks import LockFile

    lock = LockFile(cli.home / "engine.lock")
    assert lock.acquire({"kind": "run"})
    try:
        done = cli.run("generate", "--auto", "--prompt", PROMPT, "--no-wait", "--output", "ad", *TINY)
    finally:
        lock.release()
    assert done.code == 5
    assert f"pid {os.getpid()}" in done.err


def test_resume_without_a_name_asks_for_one(cli: Cli) -> None:
    done = cli.run("resume")
    assert done.code == 2
    assert "Which ad?" in done.err


def test_frameworks_are_those_of_the_schema() -> None:
    from typing import get_args

    from app.schemas.story import Framework

    assert get_args(Framework) == FRAMEWORKS
