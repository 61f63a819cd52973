"""Cursors of lists that are newest first: where a page ended, as opaque text. Called by repositories with pages.

Tests: tests/test_db/test_assets.py
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from datetime import UTC, datetime

from app.core.errors import InvalidInput

_LONGEST = 200


def encode_cursor(created_at: datetime, row_id: str) -> str:
    """Return the cursor of a page whose last row is this one."""
    raw = json.dumps([created_at.astimezone(UTC).isoformat(), row_id])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """Return creation time (aware, UTC) and id of the row a page ended with.

    Raises:
        InvalidInput: The cursor is not one of ours.
    """
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("longer than any of ours")
        moment, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        created_at = datetime.fromisoformat(moment)
        if created_at.tzinfo is None:
            raise ValueError("without a zone")
        return created_at.astimezone(UTC), str(uuid.UUID(row_id))
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidInput("The page cursor is not valid.", hint="Start again from the first page.") from error
