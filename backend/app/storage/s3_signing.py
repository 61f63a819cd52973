"""Addresses of a bucket's objects that carry their own permission (AWS Signature Version 4, in the query).

obstore signs too, but from "now" and with no name to save under; ours can be the same for an hour.
Called by s3_links.py. Tests: tests/test_contracts/test_links.py
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Bucket:
    """Where a bucket is and who may use it.

    Attributes:
        name: The bucket's name.
        url: Its address without a trailing slash; object keys follow it.
        region: What the server calls its region; it is part of what is signed.
        access_key_id: Public half of the key.
        secret_access_key: Secret half of the key.
        prefix: Goes before every key; empty, or ends in a slash.
    """

    name: str
    url: str
    region: str
    access_key_id: SecretStr
    secret_access_key: SecretStr
    prefix: str = ""


def presigned(
    bucket: Bucket, key: str, *, at: int, lasts_s: int, method: str = "GET", extra: Mapping[str, str] | None = None
) -> str:
    """Return an address that lets anyone do `method` on an object.

    Args:
        bucket: Where it is.
        key: The object's key, without the bucket's prefix.
        at: Unix seconds from which it is good.
        lasts_s: Seconds it is good for; a week at most.
        method: The HTTP method.
        extra: Query parameters to sign too, such as `response-content-disposition`.
    """
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{bucket.region}/s3/aws4_request"
    url = f"{bucket.url}/{quote(bucket.prefix + key, safe='/~')}"
    query = _query(
        {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{bucket.access_key_id.get_secret_value()}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(lasts_s),
            "X-Amz-SignedHeaders": "host",
            **(extra or {}),
        }
    )
    parts = urlsplit(url)
    request = "\n".join((method, parts.path, query, f"host:{parts.netloc}\n", "host", "UNSIGNED-PAYLOAD"))
    digest = hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(_key(bucket, scope), "\n".join((_ALGORITHM, stamp, scope, digest)).encode(), hashlib.sha256)
    return f"{url}?{query}&X-Amz-Signature={signature.hexdigest()}"


def _query(values: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(values.items()))


def _key(bucket: Bucket, scope: str) -> bytes:
    key = f"AWS4{bucket.secret_access_key.get_secret_value()}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
