"""What every repository needs: upserts on both engines, a flush that names a conflict, ids that are really ids.

Tests: tests/test_db/test_generations.py
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import Conflict, InvalidInput
from app.db.models import Base

_STALE = "Someone else changed this meanwhile."
_STALE_HINT = "Load it again and repeat your change."


def insert_into(session: AsyncSession, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT for `model` that knows ON CONFLICT on the session's engine."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)


async def flush(session: AsyncSession) -> None:
    """Send pending changes.

    Raises:
        Conflict: A row's `version` is no longer the one that was read.
    """
    try:
        await session.flush()
    except StaleDataError as error:
        raise Conflict(_STALE, hint=_STALE_HINT) from error


def check_version(found: int, expected: int | None) -> None:
    """Compare a row's version with the one the caller saw; null asks for no check.

    Raises:
        Conflict: They differ.
    """
    if expected is not None and found != expected:
        raise Conflict(_STALE, hint=_STALE_HINT)


def is_uuid(value: Any) -> bool:
    """Tell whether `value` is a UUID as we write them (36 characters); Postgres refuses the statement otherwise."""
    try:
        return str(uuid.UUID(str(value))) == str(value).lower()
    except ValueError:
        return False


def check_name(what: str, value: str, longest: int) -> str:
    """Return an id that a client made up itself, if it is printable ASCII without spaces and not too long.

    Raises:
        InvalidInput: It is not; `what` names it.
    """
    if len(value) > longest or not re.fullmatch(r"[!-~]+", value):
        raise InvalidInput(
            f"The {what} is not usable.", hint=f"Use 1 to {longest} letters, digits or signs, without spaces."
        )
    return value
