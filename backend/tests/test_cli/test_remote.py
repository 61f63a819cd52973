"""The command line as a client of a real server process: found by itself, or named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.cli import PROMPT, TINY, Cli
from tests.test_blackbox.servers import Process, running, server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Cli]]:
    """A server, and a command line on the same data folder."""
    root = tmp_path_factory.mktemp("served")
    one = server(root / "home")
    with running(one):
        yield one, Cli(root)


@pytest.fixture(scope="module")
def made(served: tuple[Process, Cli]) -> str:
    """The id of an ad that was made at the server."""
    _, cli = served
    done = cli.run("generate", "--auto", "--prompt", PROMPT, *TINY, "--output", "ad", "--format", "json")
    assert done.code == 0, done.err
    assert "Making it at the AdMint server" in done.err
    return str(done.json()["data"]["generation_id"])


def test_a_running_server_is_found_and_its_ad_delivered(served: tuple[Process, Cli], made: str) -> None:
    _, cli = served
    folder = cli.folder / "ad"
    assert (folder / "final.mp4").read_bytes()[4:8] == b"ftyp"
    assert {"clips", "references", "story.md", "captions.vtt", "metadata.json", "contact-sheet.png"} <= {
        path.name for path in folder.iterdir()
    }
    assert json.loads((folder / "metadata.json").read_text())["generation_id"] == made


def test_lists_shows_and_exports_from_a_named_server(served: tuple[Process, Cli], made: str) -> None:
    one, cli = served
    at = ["--server", one.origin, "--token", _token(cli.home)]
    listed = cli.run("list", "--format", "json", *at).json()["data"]
    assert made in [row["id"] for row in listed]
    assert cli.run("show", made[:13], "--format", "json", *at).json()["data"]["status"] == "completed"
    exported = cli.run("export", made, "--output", "again", *at)
    assert exported.code == 0, exported.err
    assert (cli.folder / "again" / "final.mp4").read_bytes() == (cli.folder / "ad" / "final.mp4").read_bytes()


def test_a_new_take_changes_one_clip(served: tuple[Process, Cli], made: str) -> None:
    _, cli = served
    clips = {path.name: path.read_bytes() for path in (cli.folder / "ad" / "clips").iterdir()}
    fine = cli.run("retry", made, "--scene", "1")
    assert (fine.code, "Clip 1 is fine" in fine.err) == (5, True)
    again = cli.run("retry", made, "--scene", "1", "--new-take")
    assert again.code == 0, again.err
    after = {path.name: path.read_bytes() for path in (cli.folder / "ad" / "clips").iterdir()}
    assert {name for name in clips if clips[name] != after[name]} == {"scene-1.mp4"}


def test_wrong_servers_and_tokens_are_told_plainly(served: tuple[Process, Cli]) -> None:
    one, cli = served
    nobody = cli.run("list", "--server", "http://127.0.0.1:9", "--token", "x")
    assert (nobody.code, "No AdMint answers at http://127.0.0.1:9" in nobody.err) == (3, True)
    refused = cli.run("list", "--server", one.origin, "--token", "x")
    assert (refused.code, "token" in refused.err) == (10, True)
    bare = cli.run("list", "--server", "http://127.0.0.1:9")
    assert (bare.code, "wants a token" in bare.err) == (3, True)
    wrong = cli.run("list", "--server", "nonsense")
    assert (wrong.code, "not a server's address" in wrong.err) == (3, True)


def test_a_finished_ad_can_not_be_cancelled(served: tuple[Process, Cli], made: str) -> None:
    _, cli = served
    done = cli.run("cancel", made)
    assert (done.code, "Can't cancel now" in done.err) == (5, True)


def _token(home: Path) -> str:
    note = home / "server.json"
    assert note.stat().st_mode & 0o777 == 0o600
    return str(json.loads(note.read_text())["token"])
