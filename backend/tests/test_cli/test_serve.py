"""`admint serve` says where it is and opens the studio there, in a browser with a window or not at all."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.test_blackbox.servers import Process, running, server


def opening(folder: Path, browser: str) -> Process:
    """Return a server that is to open a browser, not started yet."""
    one = server(folder / "home", BROWSER=browser)
    return replace(one, words=[*one.words[:-1], "--open"])


def told(process: Process, text: str) -> str:
    """Wait for a line of the server's that holds `text`; return all it said."""
    until = time.monotonic() + 20
    while text not in (said := process.log.read_text()):
        assert time.monotonic() < until, said
        time.sleep(0.05)
    return said


def test_the_studio_is_opened_where_the_server_says_it_is(tmp_path: Path) -> None:
    note, script = tmp_path / "opened", tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > "{note}.part" && mv "{note}.part" "{note}"\nsleep 1\n')
    script.chmod(0o755)
    process = opening(tmp_path, f"{script} %s &")
    with running(process):
        said = told(process, f"AdMint runs at {process.origin} (Ctrl-C stops it).")
        until = time.monotonic() + 20
        while not note.is_file() and time.monotonic() < until:
            time.sleep(0.05)
        assert note.read_text().strip() == process.origin
        assert "No browser" not in said
        assert process.stop() == 0


@pytest.mark.parametrize("browser", ["no-such-browser", "touch %s"])
def test_without_a_window_it_asks_to_open_the_address(tmp_path: Path, browser: str) -> None:
    process = opening(tmp_path, browser)
    with running(process):
        said = told(process, "open that address in yours")
        assert f"AdMint runs at {process.origin}" in said
        assert process.stop() == 0
