"""Settings to event bus. Called by app/container.py. Tests: tests/test_contracts/test_events.py"""

from __future__ import annotations

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.events.memory import MemoryEventBus
from app.ports.events import EventBus


def build_bus(settings: Settings) -> EventBus:
    """Return the bus that ADMINT_EVENT_BUS names; it connects when it is first used.

    Raises:
        ConfigError: It names one whose server's address is not set.
    """
    kind = settings.event_bus
    if kind == "auto":
        kind = "memory" if settings.is_sqlite else "postgres"
    if kind == "postgres":
        return _postgres(settings)
    if kind == "redis":
        return _redis(settings)
    return MemoryEventBus()


def _postgres(settings: Settings) -> EventBus:
    if settings.is_sqlite:
        raise ConfigError(
            "ADMINT_EVENT_BUS is postgres, but the database is SQLite.",
            hint="Set DATABASE_URL to a Postgres database, or ADMINT_EVENT_BUS to auto.",
        )
    from app.events.postgres import PostgresEventBus

    return PostgresEventBus(settings.database_url)


def _redis(settings: Settings) -> EventBus:
    if not settings.redis_url:
        raise ConfigError(
            "ADMINT_EVENT_BUS is redis, but REDIS_URL is not set.",
            hint="Set REDIS_URL, or ADMINT_EVENT_BUS to auto.",
        )
    # Imported here: who has no Redis does not load its client.
    from app.events.redis import RedisEventBus

    return RedisEventBus(settings.redis_url)
