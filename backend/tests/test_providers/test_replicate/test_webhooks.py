"""A webhook counts only when it is signed, fresh and new; checked with the vendor's own published scheme."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from app.core.errors import Forbidden
from app.providers.replicate.webhooks import verified_id

KEY = base64.b64encode(b"a key of the account, 32 bytes..").decode()
SECRET = SecretStr(f"whsec_{KEY}")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BODY = b'{"id": "abc", "status": "succeeded"}'


def _headers(body: bytes = BODY, at: datetime = NOW, secret: str = KEY, message: str = "msg_1") -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = f"{message}.{stamp}.".encode() + body
    value = base64.b64encode(hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": f"v1,{value}"}


def test_a_message_of_the_vendor_is_known_by_its_id() -> None:
    assert verified_id(SECRET, _headers(), BODY, NOW) == "msg_1"


def test_one_good_signature_of_several_is_enough() -> None:
    headers = _headers()
    headers["webhook-signature"] = f"v1,AAAA v2,zzz {headers['webhook-signature']}"

    assert verified_id(SECRET, headers, BODY, NOW) == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**_headers(), "webhook-signature": ""},
        {**_headers(), "webhook-signature": "v1,AAAA"},
        {**_headers(), "webhook-signature": "v2," + _headers()["webhook-signature"][3:]},
        {**_headers(), "webhook-id": "msg_2"},
        {**_headers(), "webhook-timestamp": "soon"},
        {**_headers(), "webhook-signature": "v1,ä"},
        _headers(secret=base64.b64encode(b"somebody else's").decode()),
        _headers(body=b"{}"),
        _headers(at=NOW - timedelta(minutes=6)),
        _headers(at=NOW + timedelta(minutes=6)),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        verified_id(SECRET, headers, BODY, NOW)


def test_a_key_that_is_none_signs_nothing() -> None:
    with pytest.raises(Forbidden):
        verified_id(SecretStr("whsec_%%%"), _headers(), BODY, NOW)
