"""Column types that behave the same on SQLite and Postgres. Used by app/db/models/*.

Tests: tests/test_db/test_types.py
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSONB on Postgres, JSON text on SQLite. Assign a new value to change it: edits in place are not seen."""

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""A counting primary key; SQLite counts by itself only in an INTEGER column."""

_MICRO = Decimal(1_000_000)


def utcnow() -> datetime:
    """Return the aware UTC time, the default of every timestamp column."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC timestamp. SQLite keeps no zone, so it is taken off going in and put on coming out.

    Raises:
        ValueError: A naive datetime is bound.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("timestamps must be aware: use utcnow()")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Usd(TypeDecorator[Decimal]):
    """US dollars as a Decimal, stored as whole millionths: exact, and summable on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * _MICRO).to_integral_value())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / _MICRO


class FreeText(TypeDecorator[str]):
    """Text people typed. NUL is dropped: SQLite keeps it, Postgres refuses the whole row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\x00", "")
