"""Replicate's webhooks: whether a message really comes from there, is fresh, and is new. It is a hint, never the truth.

Called by app/api/routes/hooks.py. Scheme: HMAC-SHA256 over `{id}.{timestamp}.{body}` with the key after `whsec_`.
Tests: tests/test_providers/test_replicate/test_webhooks.py
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import SecretStr

from app.core.errors import Forbidden

FRESH = timedelta(minutes=5)
_NOT_OURS = "This message is not signed by Replicate."


def verified_id(secret: SecretStr, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return the message's id, the same each time it is sent again; the caller drops ids it has seen.

    Args:
        secret: `whsec_...`, from the account's API.
        headers: Of the request; names in lower case.
        body: As it came, to the byte.
        now: Aware.

    Raises:
        Forbidden: Not signed, signed by somebody else, or older (or newer) than five minutes.
    """
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not stamp.isdecimal() or len(stamp) > 12:
        raise Forbidden(_NOT_OURS)
    if abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        raise Forbidden("This message is too old.", hint="Check this machine's clock.")
    expected = _signature(secret, f"{message}.{stamp}.".encode() + body)
    given = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    matches = [version == "v1" and hmac.compare_digest(value.encode(), expected) for version, _, value in given]
    if not any(matches):
        raise Forbidden(_NOT_OURS)
    return message


def _signature(secret: SecretStr, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise Forbidden("The key for Replicate's messages can't be read.") from error
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
