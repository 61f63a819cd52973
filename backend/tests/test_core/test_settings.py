"""Settings: sensible without any, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_set_means_sqlite_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADMINT_HOME", str(tmp_path / "home"))
    settings = load_settings()
    assert settings.is_sqlite
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path / 'home' / 'admint.db'}"
    assert settings.engine_url == f"sqlite:///{tmp_path / 'home' / 'engine.db'}"
    assert settings.media_workers >= 1


def test_postgres_serves_both_the_application_and_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u@/db")
    settings = load_settings()
    assert not settings.is_sqlite
    assert settings.engine_url == settings.database_url


def test_a_dot_env_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMINT_LOG_LEVEL", raising=False)
    (tmp_path / ".env").write_text("ADMINT_LOG_LEVEL=DEBUG\nSOMETHING_ELSE=1\n")
    assert load_settings().log_level == "DEBUG"


@pytest.mark.parametrize(
    ("name", "value"), [("ADMINT_LOG_LEVEL", "loud"), ("ADMINT_MEDIA_WORKERS", "0"), ("ADMINT_QUEUE_POLL_S", "soon")]
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        load_settings()
    assert name in caught.value.hint


def test_secrets_are_known_as_a_whole_so_that_logs_can_leave_them_out() -> None:
    settings = Settings.model_validate({"replicate_api_token": "r8_canary", "token": "amt_canary"})

    assert {"r8_canary", "amt_canary"} <= set(settings.secrets)
    assert "canary" not in repr(settings)
