"""Settings to the store of pictures and films, and to whoever signs its addresses: this machine's, or a bucket's.

Called by app/container.py and the CLI. Tests: tests/test_core/test_settings.py, tests/test_contracts/test_storage.py
"""

from __future__ import annotations

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.ports.links import Links
from app.ports.storage import Storage
from app.storage.links import SignedLinks
from app.storage.local import LocalStorage
from app.storage.s3_links import S3Links
from app.storage.s3_signing import Bucket


def build_storage(settings: Settings) -> Storage:
    """Return the bucket S3_BUCKET names, or the folder in ADMINT_HOME; it connects when it is first used.

    Raises:
        ConfigError: A bucket without a key.
    """
    if not settings.s3_bucket:
        return LocalStorage(settings.media_path)
    # Imported here: who has no bucket does not load its client.
    from app.storage.s3 import S3Storage

    return S3Storage(s3_bucket(settings), settings.work_path)


def build_links(settings: Settings, secret: bytes) -> Links:
    """Return who makes addresses of stored media: the bucket's own signatures, or this server's.

    Args:
        settings: This process's settings.
        secret: The installation's secret.

    Raises:
        ConfigError: A bucket without a key.
    """
    return S3Links(s3_bucket(settings)) if settings.s3_bucket else SignedLinks(settings.base_url, secret)


def s3_bucket(settings: Settings) -> Bucket:
    """Return the bucket of the settings. Raises ConfigError when its key is missing."""
    url, key, secret = settings.bucket_url, settings.s3_access_key_id, settings.s3_secret_access_key
    if url is None:
        raise ConfigError("No bucket is named.", hint="Set S3_BUCKET; docs/how-to/use-s3.md shows how.")
    if key is None or secret is None:
        name = "S3_ACCESS_KEY_ID" if key is None else "S3_SECRET_ACCESS_KEY"
        raise ConfigError(
            f"S3_BUCKET is set, but {name} is not.",
            hint=f"Set {name}, or unset S3_BUCKET: media then stays in ADMINT_HOME and needs no key.",
        )
    prefix = settings.s3_prefix.strip("/")
    return Bucket(
        name=settings.s3_bucket,
        url=url,
        region=settings.s3_region,
        access_key_id=key,
        secret_access_key=secret,
        prefix=f"{prefix}/" if prefix else "",
    )
