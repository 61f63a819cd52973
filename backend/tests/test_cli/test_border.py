"""cli_tools/border.py: what nobody expected becomes one friendly line, a file with the traceback, exit 1."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.core.errors import StorageError
from cli_tools.border import guarded
from cli_tools.render import EXIT_CODES, Screen


def fall_over() -> int:
    raise RuntimeError("api_key=sk-1234567890abcdef fell out")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADMINT_HOME", str(tmp_path))
    return tmp_path


def test_traceback_goes_to_a_file_that_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(Screen(), fall_over) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    named = re.search(r"Details are in (\S+\.log)", err)
    assert named
    written = Path(named[1]).read_text()
    assert "RuntimeError" in written
    assert "sk-1234567890abcdef" not in written, "secrets stay out of the file"


def test_json_has_an_error_document_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(Screen("json"), fall_over) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal"


def test_own_errors_keep_their_exit_code(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fill_the_disk() -> int:
        raise StorageError("The disk is full.", hint="Free some space.")

    assert guarded(Screen(), fill_the_disk) == 7
    assert capsys.readouterr().err == "Error: The disk is full.\nFree some space.\n"


def test_every_error_has_a_documented_exit_code() -> None:
    from app.core import errors

    codes = {cls.exit_code for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "exit_code")}
    assert codes <= set(EXIT_CODES)
