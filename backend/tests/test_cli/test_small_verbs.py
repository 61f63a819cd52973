"""`list`, `show`, `db upgrade`, `version` and the help: quick answers that take no lock."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from app.kit.locks import LockFile
from tests.fixtures.cli import BACKEND, PROMPT, Cli, FinishedAd
from tests.fixtures.s3 import SECRET_KEY, S3Server

HEAVY = ("dbos", "sqlalchemy", "alembic", "av", "cv2", "numpy", "PIL", "yaml", "app", "rich.live")


@pytest.mark.parametrize("words", [["--help"], ["generate", "--help"], ["resume", "--help"], ["db", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom cli_tools.admint import run_command\n"
        f"code = run_command({words!r})\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules], code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED [] 0"


def test_nothing_made_yet_says_how_to_begin(cli: Cli) -> None:
    done = cli.run("list")
    assert (done.code, done.err) == (0, "")
    assert "admint generate --prompt" in done.out


def test_list_shows_the_ad_while_somebody_works(finished_ad: FinishedAd) -> None:
    lock = LockFile(finished_ad.cli.home / "engine.lock")
    assert lock.acquire({"kind": "run"})
    try:
        done = finished_ad.cli.run("list")
        document = finished_ad.cli.run("list", "--format", "json").json()
    finally:
        lock.release()
    title = finished_ad.done.json()["data"]["title"]
    assert "finished" in done.out
    assert title in done.out
    assert [(row["status"], row["prompt"]) for row in document["data"]] == [("completed", PROMPT)]


def test_show_finds_an_ad_by_folder_and_by_the_beginning_of_its_id(finished_ad: FinishedAd) -> None:
    wanted = finished_ad.done.json()["data"]["generation_id"]
    by_folder = finished_ad.cli.run("show", "--output", "ad", "--format", "json").json()["data"]
    by_prefix = finished_ad.cli.run("show", wanted[:8], "--format", "json").json()["data"]
    assert by_folder["id"] == by_prefix["id"] == wanted
    assert by_folder["story"]["title"]
    assert len(by_folder["clips"]) == len(by_folder["scenes"]) == 2
    text = finished_ad.cli.run("show", wanted[:8]).out
    for part in ("Story", "2 scenes", "Clip", "complete"):
        assert part in text


def test_show_of_nothing_is_not_found(finished_ad: FinishedAd) -> None:
    done = finished_ad.cli.run("show", "ffffffff")
    assert (done.code, done.out) == (4, "")
    assert "There is no ad ffffffff" in done.err
    assert "admint list" in done.err


def test_resume_of_a_finished_ad_is_refused(finished_ad: FinishedAd) -> None:
    done = finished_ad.cli.run("resume", "--output", "ad")
    assert done.code == 5
    assert "finished already" in done.err
    assert "ad/final.mp4" in done.err


def test_database_is_brought_up_to_date(cli: Cli) -> None:
    assert "now at schema" in cli.run("db", "upgrade").out
    assert "is up to date" in cli.run("db", "upgrade").out


def test_no_verb_shows_the_help(cli: Cli) -> None:
    done = cli.run()
    assert (done.code, done.err) == (0, "")
    assert "generate" in done.out


def test_version(cli: Cli) -> None:
    assert cli.run("version").out.startswith("AdMint ")
    assert cli.run("version", "--format", "json").json()["data"]["version"]


def test_closed_pipe_is_quiet(cli: Cli) -> None:
    done = cli.shell("admint list --format json | head -c 1; exit ${PIPESTATUS[0]}")
    assert (done.code, done.err) == (0, "")


def test_media_moves_to_a_bucket_and_comes_home_from_it(
    finished_ad: FinishedAd, cli: Cli, rclone_server: S3Server
) -> None:
    nowhere = cli.run("media", "upload")
    assert (nowhere.code, "Set S3_BUCKET" in nowhere.err) == (3, True)
    server = rclone_server.with_new_bucket()
    shutil.copytree(finished_ad.cli.home, cli.home)
    cli.environment |= server.environment()
    count = sum(path.is_file() for path in (cli.home / "media").rglob("*"))
    sent = cli.run("media", "upload", "--format", "json")
    assert sent.json()["data"] == {"bucket": server.bucket, "sent": count, "there_already": 0}
    again = cli.run("media", "upload")
    assert f"0 files were sent to the bucket {server.bucket}; {count} were there already." in again.out + again.err
    shutil.rmtree(cli.home / "media")
    made = str(finished_ad.done.json()["data"]["generation_id"])
    home = cli.run("export", made, "--output", "again")
    assert home.code == 0, home.err
    names = {path.relative_to(finished_ad.folder) for path in finished_ad.folder.rglob("*.*4")}
    assert names
    assert all((cli.folder / "again" / each).read_bytes() == (finished_ad.folder / each).read_bytes() for each in names)
    assert not (cli.home / "media").exists()
    assert SECRET_KEY not in sent.out + sent.err + again.out + again.err + home.out + home.err
