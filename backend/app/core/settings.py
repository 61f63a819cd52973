"""Every setting, in one class: environment variables and `.env`. The only place that reads the environment.

Documented in docs/reference/settings.md (generated). Tests: tests/test_core/test_settings.py
"""

from __future__ import annotations

import os
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.errors import ConfigError

_BARE = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH"})
_DEVICES = ("CUDA_", "NVIDIA_", "HIP_", "ROCR_")


class Settings(BaseSettings):
    """Settings of one process. Field descriptions are the documentation."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True)

    home: Path = Field(
        Path("~/.admint"),
        validation_alias="ADMINT_HOME",
        description="Data folder: database, media, logs, lock. Created on first use.",
    )
    database_url_override: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="Database address. Unset: a SQLite file in ADMINT_HOME, no server needed.",
    )
    log_level: str = Field(
        "WARNING", validation_alias="ADMINT_LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Log level."
    )
    media_workers: int = Field(
        default_factory=lambda: max(1, min(8, len(os.sched_getaffinity(0)))),
        validation_alias="ADMINT_MEDIA_WORKERS",
        ge=1,
        le=64,
        description="Clips rendered at the same time on this machine. Default: the number of cores, 8 at most.",
    )
    executor_id: str = Field(
        "",
        validation_alias="ADMINT_EXECUTOR_ID",
        description=(
            "Stable name of this worker slot on Postgres, so that a restart finds its own work again. "
            "Unset: the first free one of worker-0, worker-1, ..."
        ),
    )
    redis_url: str | None = Field(
        None,
        validation_alias="REDIS_URL",
        description="Redis or Valkey for the session cache and the request limits. Unset: kept in this process.",
    )
    event_bus: Literal["auto", "memory", "postgres", "redis"] = Field(
        "auto",
        validation_alias="ADMINT_EVENT_BUS",
        description="What wakes listeners. auto: Postgres NOTIFY on Postgres, this process's memory otherwise.",
    )
    host: str = Field(
        "127.0.0.1", validation_alias="ADMINT_HOST", description="Address the server listens on; loopback only for now."
    )
    port: int = Field(8000, validation_alias="ADMINT_PORT", ge=0, le=65535, description="Port of the server; 0: any.")
    public_url: str | None = Field(
        None,
        validation_alias="ADMINT_PUBLIC_URL",
        description="Address users reach the server at, in links and websocket_url. Unset: http://HOST:PORT.",
    )
    auth: Literal["local", "accounts"] = Field(
        "local",
        validation_alias="ADMINT_AUTH",
        description=(
            "local: this machine's one user, signed in by itself on loopback. "
            "accounts: everyone needs a token, and request limits hold."
        ),
    )
    secret: SecretStr | None = Field(
        None,
        validation_alias="ADMINT_SECRET",
        description=(
            "Signs sessions and media links, 32 characters or more; all processes of one installation share it. "
            "Unset: made once and kept in ADMINT_HOME/secret.key."
        ),
    )
    scorer: str = Field(
        "embedded",
        validation_alias="ADMINT_SCORER",
        pattern="^[a-z]+$",
        description=(
            "Who scores finished clips and films. embedded: this machine, in the background. none: nobody. "
            "vbench: the real VBench, if you have set it up."
        ),
    )
    vbench_python: Path | None = Field(
        None,
        validation_alias="ADMINT_VBENCH_PYTHON",
        description="Python of the environment that holds VBench (`make vbench` makes one), for ADMINT_SCORER=vbench.",
    )
    vbench_weights: Path = Field(
        Path("~/.cache/vbench"),
        validation_alias="ADMINT_VBENCH_WEIGHTS",
        description="Folder of VBench's weights, put there by you; nothing is ever downloaded.",
    )
    vbench_cpu: bool = Field(
        default=False,
        validation_alias="ADMINT_VBENCH_CPU",
        description="true: let VBench work without a GPU, about an hour for a clip of eight seconds.",
    )
    vbench_noncommercial: bool = Field(
        default=False,
        validation_alias="ADMINT_VBENCH_NONCOMMERCIAL",
        description=(
            "true: also measure the two dimensions of VBench whose weights may not be used commercially. "
            "An advertisement usually is commercial."
        ),
    )
    server_url: str | None = Field(
        None, validation_alias="ADMINT_URL", description="Server the command line talks to. Unset: a running local one."
    )
    token: SecretStr | None = Field(
        None, validation_alias="ADMINT_TOKEN", description="Token the command line shows to that server."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias="OPENAI_API_KEY",
        description="Key of the OpenAI-compatible endpoint behind the provider `openai`. Never shown, never logged.",
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="Address of that endpoint; any server that speaks the protocol will do.",
    )
    openai_output_mode: Literal["native", "tool", "prompted"] = Field(
        "native",
        validation_alias="OPENAI_OUTPUT_MODE",
        description=(
            "How that endpoint is asked for typed answers. native: by JSON schema; tool: by a tool call; "
            "prompted: by plain JSON mode, for servers that know neither."
        ),
    )
    openai_price: str = Field(
        "auto",
        validation_alias="OPENAI_PRICE",
        pattern=r"^(auto|list|\d+(\.\d+)?/\d+(\.\d+)?)$",
        description=(
            "What a million tokens cost there, in US dollars. auto: nothing on this machine, otherwise our list; "
            "list: always our list; 0.20/0.75: that much in and out, for models that are not on it."
        ),
    )
    openai_timeout_s: float = Field(
        60,
        validation_alias="OPENAI_TIMEOUT_S",
        gt=0,
        le=900,
        description="Seconds that endpoint may take for one answer; a model on your own processor needs more.",
    )
    replicate_api_token: SecretStr | None = Field(
        None,
        validation_alias="REPLICATE_API_TOKEN",
        description="Token of the provider `replicate` (paid images and clips). Never shown, never logged.",
    )
    replicate_base_url: str = Field(
        "https://api.replicate.com",
        validation_alias="REPLICATE_BASE_URL",
        description="Address of Replicate's API, without /v1.",
    )
    cap_usd: Decimal = Field(
        Decimal(0),
        validation_alias="ADMINT_CAP_USD",
        ge=0,
        le=10_000,
        description="The most one ad may spend on paid providers, unless it names its own cap. 0: nothing is bought.",
    )
    daily_cap_usd: Decimal = Field(
        Decimal(20),
        validation_alias="ADMINT_DAILY_CAP_USD",
        ge=0,
        le=100_000,
        description="The most one user may spend on a day (UTC), over all their ads.",
    )
    order_timeout_s: float = Field(
        60,
        validation_alias="ADMINT_ORDER_TIMEOUT_S",
        gt=0,
        le=600,
        description=(
            "Seconds a paid order may take to be answered. After half as long again without a trace of it, "
            "nobody can say whether it was taken, and you are asked."
        ),
    )
    remote_per_user: int = Field(
        5,
        validation_alias="ADMINT_REMOTE_PER_USER",
        ge=1,
        le=5,
        description=(
            "How many of the five paid images and clips under way at a time one user may have. Below 5, places stay "
            "free for the others. The process launched last sets it for all."
        ),
    )
    replicate_timeout_s: float = Field(
        60,
        validation_alias="REPLICATE_TIMEOUT_S",
        gt=0,
        le=600,
        description="Seconds one call to Replicate may take. A clip takes longer: its call only orders it.",
    )
    s3_bucket: str = Field(
        "",
        validation_alias="S3_BUCKET",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])?$",
        description="Bucket that keeps pictures and films, on any S3 server. Unset: a folder in ADMINT_HOME.",
    )
    s3_endpoint_url: str = Field(
        "",
        validation_alias="S3_ENDPOINT_URL",
        pattern=r"^(https?://[A-Za-z0-9._-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?)?$",
        description=(
            "Address of the S3 server (MinIO, R2, ...), as this machine and browsers reach it. Unset: AWS in S3_REGION."
        ),
    )
    s3_region: str = Field(
        "us-east-1",
        validation_alias="S3_REGION",
        pattern=r"^[A-Za-z0-9-]+$",
        description="Region of the bucket; R2 calls it auto.",
    )
    s3_access_key_id: SecretStr | None = Field(
        None,
        validation_alias="S3_ACCESS_KEY_ID",
        description="Key that may read, write, list and delete there.",
    )
    s3_secret_access_key: SecretStr | None = Field(
        None, validation_alias="S3_SECRET_ACCESS_KEY", description="Secret half of that key. It stays in this process."
    )
    s3_prefix: str = Field(
        "",
        validation_alias="S3_PREFIX",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*/?)*$",
        description="Folder in the bucket that is AdMint's. Unset: the whole bucket.",
    )
    queue_poll_s: float = Field(
        0.1, validation_alias="ADMINT_QUEUE_POLL_S", gt=0, le=5, description="Seconds between looks at a queue."
    )
    crash_at: str = Field(
        "",
        validation_alias="ADMINT_CRASH_AT",
        description="Test hook: `<step>:before|unrecorded|after` kills this process there with SIGKILL.",
    )

    @property
    def secrets(self) -> list[str]:
        """Every secret value that is set: keys, tokens, passwords. For what must never be written or shown."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    @cached_property
    def home_path(self) -> Path:
        """The data folder, absolute."""
        return self.home.expanduser().resolve()

    @property
    def database_url(self) -> str:
        """SQLAlchemy address of the application's database."""
        return self.database_url_override or f"sqlite+aiosqlite:///{self.home_path / 'admint.db'}"

    @property
    def engine_url(self) -> str:
        """SQLAlchemy address of the engine's own tables: a second SQLite file, or the same Postgres database."""
        if self.is_sqlite:
            return f"sqlite:///{self.home_path / 'engine.db'}"
        return self.database_url

    @property
    def is_sqlite(self) -> bool:
        """True when no database server is used."""
        return self.database_url.startswith("sqlite")

    @property
    def base_url(self) -> str:
        """Address users reach the server at, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host.strip("[]") and not self.host.startswith("[") else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def media_path(self) -> Path:
        """Folder of the local object store."""
        return self.home_path / "media"

    @property
    def bucket_url(self) -> str | None:
        """Address of the S3 bucket without a trailing slash, null when media is kept on this machine."""
        if not self.s3_bucket:
            return None
        if self.s3_endpoint_url:
            return f"{self.s3_endpoint_url.rstrip('/')}/{self.s3_bucket}"
        host = f"s3.{self.s3_region}.amazonaws.com"
        # A certificate for *.s3 does not cover a name with dots in it.
        return f"https://{host}/{self.s3_bucket}" if "." in self.s3_bucket else f"https://{self.s3_bucket}.{host}"

    @property
    def work_path(self) -> Path:
        """Folder of files being made; safe to delete while nothing runs."""
        return self.home_path / "work"


def load_settings() -> Settings:
    """Read the settings. Raises ConfigError that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "a setting"
        raise ConfigError(
            f"{name} is set to {first.get('input')!r}: {first['msg']}.",
            hint=f"Unset {name} or see docs/reference/settings.md.",
        ) from error


def bare_environment() -> dict[str, str]:
    """Return what another program needs of the environment to run: places, language, devices. No settings, no keys."""
    return {name: value for name, value in os.environ.items() if name in _BARE or name.startswith(_DEVICES)}
