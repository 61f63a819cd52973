"""`admint doctor`: every check has a line, a fault has its mending and exit 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.kit.locks import LockFile
from cli_tools import checkup
from cli_tools.commands import doctor
from tests.fixtures.cli import Cli
from tests.fixtures.s3 import S3Server

NAMES = [
    "Python",
    "Cores",
    "Memory",
    "Disk",
    "Writing",
    "Encoder",
    "Fonts",
    "Database",
    "Bucket",
    "Configuration",
    "Scorer",
    "Lock",
    "Replicate",
    "Language model",
]


def test_healthy_machine(cli: Cli) -> None:
    done = cli.run("doctor")
    assert (done.code, done.err) == (0, "")
    for name in NAMES:
        assert f"ok    {name}" in done.out
    assert "three frames encoded" in done.out
    assert "Ready to make ads." in done.out


def test_as_json_with_the_lock_held(cli: Cli) -> None:
    lock = LockFile(cli.home / "engine.lock")
    assert lock.acquire({"kind": "run"})
    try:
        done = cli.run("doctor", "--format", "json")
    finally:
        lock.release()
    data = done.json()["data"]
    assert (done.code, data["ready"]) == (0, True)
    states = {each["name"]: each["state"] for each in data["checks"]}
    assert list(states) == NAMES
    assert states["Lock"] == "warn"


def test_folder_that_cannot_be_written_is_a_fault(cli: Cli) -> None:
    (cli.folder / "file").write_text("")
    cli.environment["ADMINT_HOME"] = str(cli.folder / "file" / "home")
    done = cli.run("doctor")
    assert done.code == 1
    assert "fail  Writing" in done.out
    assert "Set ADMINT_HOME" in done.out
    assert "to mend" in done.out


def test_each_fault_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_settings: Settings) -> checkup.Finding:
        return checkup.Finding("Encoder", "fail", "missing: libx264", "Install AdMint again.")

    monkeypatch.setattr(checkup, "CHECKS", (broken,))
    assert doctor.run("json") == 1
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["ready"] is False
    assert data["checks"][0]["mend"] == "Install AdMint again."
    assert doctor.run("text") == 1
    assert "1 fault to mend" in capsys.readouterr().out


def test_missing_encoder_is_found(monkeypatch: pytest.MonkeyPatch, settings_here: Settings) -> None:
    async def without(_target: str, _payload: dict[str, object]) -> dict[str, object]:
        return {"missing": ["aac"], "frames": 0}

    monkeypatch.setattr(checkup, "run_job", without)
    found = checkup.encoder(settings_here)
    assert (found.state, found.found) == ("fail", "missing: aac")


def test_little_room_and_memory_are_said(monkeypatch: pytest.MonkeyPatch, settings_here: Settings) -> None:
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 10**6}))
    assert checkup.disk(settings_here).state == "fail"
    monkeypatch.setattr(checkup, "_available_memory", lambda: 10**8)
    assert checkup.memory(settings_here).state == "warn"


@pytest.fixture
def settings_here(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ADMINT_HOME", str(cli.home))
    return Settings()


def test_a_bucket_is_ready_when_a_byte_came_and_went(rclone_server: S3Server, tmp_path: Path) -> None:
    server = rclone_server.with_new_bucket()
    found = checkup.bucket(server.settings(tmp_path))
    assert (found.state, found.mend) == ("ok", "")
    assert f"{server.bucket}; a byte stored, read and deleted" in found.found
    lost = checkup.bucket(server.settings(tmp_path, S3_SECRET_ACCESS_KEY="wrong"))
    assert (lost.state, "refused our key" in lost.found) == ("fail", True)
    assert "S3_SECRET_ACCESS_KEY" in lost.mend
    forgotten = checkup.bucket(server.settings(tmp_path, S3_BUCKET=""))
    assert (forgotten.state, forgotten.mend) == ("warn", "Set S3_BUCKET.")
