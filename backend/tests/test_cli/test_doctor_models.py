"""`admint doctor` and the language model: what is free is always looked at, what costs is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.settings import Settings
from cli_tools import checkup
from cli_tools.checkup_models import language_model
from cli_tools.commands import doctor
from tests.fixtures.fakes import Fakes
from tests.fixtures.language_model import KEY, settings_for


def test_without_a_key_the_free_copywriter_is_named(tmp_path: Path) -> None:
    found = language_model(Settings(home=tmp_path), live=True)
    assert (found.state, found.mend) == ("ok", "")
    assert "template copywriter is free" in found.found


def test_a_key_is_tried_for_nothing(fakes: Fakes, tmp_path: Path) -> None:
    found = language_model(settings_for(fakes, tmp_path))
    assert found.state == "ok"
    assert "gpt-6-luna at 127.0.0.1" in found.found
    assert fakes.log().requests("chat") == []


def test_live_asks_one_short_question_and_says_its_price(fakes: Fakes, tmp_path: Path) -> None:
    found = language_model(settings_for(fakes, tmp_path), live=True)
    (chat,) = fakes.log().chats
    assert found.state == "ok"
    assert "answered for $0.0000" in found.found
    assert chat["completion_tokens"] <= 16


def test_a_model_with_a_last_day_is_worth_a_remark(
    fakes: Fakes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cli_tools import checkup_models

    config = checkup_models.load_config("default", {"models.text": "gpt-4o", "models.vision": "gpt-4o"})
    monkeypatch.setattr(checkup_models, "load_config", lambda: config)
    found = language_model(settings_for(fakes, tmp_path))
    assert (found.state, "ends 2027-01-14" in found.found) == ("warn", True)
    assert "models.text" in found.mend


@pytest.mark.parametrize("in_use", [True, False])
def test_a_refused_key_is_a_fault_where_it_is_needed(
    fakes: Fakes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_use: bool
) -> None:
    from cli_tools import checkup_models

    config = checkup_models.load_config("default", {"providers.text": "openai" if in_use else "local"})
    monkeypatch.setattr(checkup_models, "load_config", lambda: config)
    fakes.script(tokens=["another"])
    found = language_model(settings_for(fakes, tmp_path))
    assert found.state == ("fail" if in_use else "warn")
    assert "OPENAI_API_KEY" in found.mend
    assert KEY not in f"{found}"


def test_the_verb_says_it_too(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"BASE_URL": fakes.openai_url, "API_KEY": KEY, "PRICE": "list"}.items():
        monkeypatch.setenv(f"OPENAI_{name}", value)
    monkeypatch.setattr(checkup, "CHECKS", ())
    assert doctor.run("json", live=True) == 0
    out = capsys.readouterr().out
    checks = json.loads(out)["data"]["checks"]
    (said,) = [each for each in checks if each["name"] == "Language model"]
    assert (said["name"], said["state"], "answered for $" in said["found"]) == ("Language model", "ok", True)
    assert KEY not in out
