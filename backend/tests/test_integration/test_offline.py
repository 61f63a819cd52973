"""A whole ad with the network cut: in the parent and in every worker by an audit hook, and in an empty namespace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.tiny_ad import BACKEND


def cut_off(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "ADMINT_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(BACKEND / "tests" / "fixtures" / "no_network"),
        "ADMINT_TEST_NETWORK_LOG": str(tmp_path / "network.log"),
    }


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=BACKEND, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_the_cut_really_cuts(tmp_path: Path) -> None:
    script = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = run([sys.executable, "-c", script], cut_off(tmp_path))
    assert "blocked by the test" in done.stderr
    assert "socket.getaddrinfo" in (tmp_path / "network.log").read_text()


def test_an_ad_is_made_without_one_connection_or_look_up(tmp_path: Path) -> None:
    done = run([sys.executable, "-m", "tests.fixtures.tiny_ad", "start"], cut_off(tmp_path))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "network.log").exists(), (tmp_path / "network.log").read_text()
    guarded = (tmp_path / "network.log.pids").read_text()
    assert guarded.count("app.kit.worker") >= 2, "the workers were not under the guard"


def namespaces_allowed() -> bool:
    tool = shutil.which("unshare")
    return tool is not None and subprocess.run([tool, "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not namespaces_allowed(), reason="this machine does not allow network namespaces")
def test_an_ad_is_made_in_an_empty_network_namespace(tmp_path: Path) -> None:
    environment = {**os.environ, "ADMINT_HOME": str(tmp_path / "home")}
    done = run(["unshare", "-rn", sys.executable, "-m", "tests.fixtures.tiny_ad", "start"], environment)
    assert done.returncode == 0, done.stderr
