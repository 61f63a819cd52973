"""Settings: sensible without any, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.core.settings import Settings, load_settings
from app.storage.objects import build_storage
from tests.fixtures.s3 import S3Server


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


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, None),
        ({"S3_BUCKET": "films", "S3_REGION": "eu-north-1"}, "https://films.s3.eu-north-1.amazonaws.com"),
        ({"S3_BUCKET": "films.example"}, "https://s3.us-east-1.amazonaws.com/films.example"),
        ({"S3_BUCKET": "films", "S3_ENDPOINT_URL": "http://127.0.0.1:9000/"}, "http://127.0.0.1:9000/films"),
        ({"S3_BUCKET": "films", "S3_ENDPOINT_URL": "https://x.example/v1/s3"}, "https://x.example/v1/s3/films"),
    ],
)
def test_a_buckets_address_follows_from_its_settings(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], url: str | None
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert load_settings().bucket_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S3_BUCKET", "films; script-src *"),
        ("S3_BUCKET", "../films"),
        ("S3_ENDPOINT_URL", "minio:9000"),
        ("S3_ENDPOINT_URL", "https://user:secret@s3.example"),
        ("S3_ENDPOINT_URL", "https://s3.example/;'self'"),
        ("S3_REGION", "eu north"),
        ("S3_PREFIX", "../theirs"),
    ],
)
def test_a_bucket_that_could_say_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        load_settings()


@pytest.mark.parametrize("missing", ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"])
def test_a_bucket_without_a_key_names_the_variable_and_the_free_way(tmp_path: Path, missing: str) -> None:
    environment = S3Server("none", "https://s3.example.test", "films").environment()
    del environment[missing]
    with pytest.raises(ConfigError, match=f"{missing} is not") as caught:
        build_storage(Settings.model_validate({"ADMINT_HOME": tmp_path, **environment}))
    assert "unset S3_BUCKET" in caught.value.hint


def test_every_secret_is_named_to_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADMINT_SECRET", "ADMINT_TOKEN", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, f"value of {name}")
    assert {f"value of {name}" for name in ("ADMINT_TOKEN", "S3_SECRET_ACCESS_KEY")} <= set(load_settings().secrets)
