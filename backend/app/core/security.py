"""Secrets, tokens and signatures: what proves who asks, and that an address was made by us.

One secret an installation; each use signs with a key of its own derived from it. Called by app/api, the container,
app/storage/links.py and `admint serve`. Tests: tests/test_core/test_security.py
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from app.core.errors import ConfigError, Forbidden, StorageError, Unauthorized
from app.core.settings import Settings

SIGN_IN_LASTS = timedelta(days=30)
AUDIENCE = "admint"
TOKEN_TYPE = "session"  # noqa: S105 - a kind of token, not one
LEAST_SECRET = 32
_SECRET_FILE = "secret.key"  # noqa: S105 - a file's name
_REQUIRED = ["sub", "sid", "aud", "typ", "exp", "iat"]
_SIGN_IN_HINT = "Sign in again."


@dataclass(frozen=True)
class Claims:
    """What a token says: who, and which sign-in it stands for."""

    user_id: str
    auth_session_id: str
    expires_at: datetime


def signing_secret(settings: Settings) -> bytes:
    """Return the installation's secret: ADMINT_SECRET, or the one kept in ADMINT_HOME (made on first use). Blocks.

    Raises:
        ConfigError: It is shorter than 32 characters.
        StorageError: The file can't be read or written.
    """
    if settings.secret is not None:
        return _long_enough(settings.secret.get_secret_value().encode(), "ADMINT_SECRET")
    path = settings.home_path / _SECRET_FILE
    try:
        return _long_enough(_kept_secret(path), str(path))
    except OSError as error:
        raise StorageError(
            f"Can't keep the secret in {path}: {error.strerror}.", hint="Check ADMINT_HOME, or set ADMINT_SECRET."
        ) from error


def _kept_secret(path: Path) -> bytes:
    """Return the file's content; a new one appears whole under its name, and the first of several makers wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(secrets.token_urlsafe(48).encode())
                stream.flush()
                os.fsync(stream.fileno())
            if not path.exists():
                _link_first(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    return path.read_bytes().strip()


def _link_first(fresh: Path, path: Path) -> None:
    try:
        os.link(fresh, path)
    except FileExistsError:
        return


def _long_enough(secret: bytes, name: str) -> bytes:
    if len(secret) < LEAST_SECRET:
        raise ConfigError(
            f"{name} is too short to sign with: {len(secret)} characters.",
            hint=f"Use {LEAST_SECRET} random characters or more, or leave it out and AdMint makes one.",
        )
    return secret


def _key(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, f"admint/{purpose}".encode(), "sha256")


def issue_token(secret: bytes, user_id: str, auth_session_id: str, *, lasts: timedelta = SIGN_IN_LASTS) -> str:
    """Return a signed token (JWT, HS256) of one sign-in."""
    now = datetime.now(UTC)
    claims = {
        "sub": user_id,
        "sid": auth_session_id,
        "aud": AUDIENCE,
        "typ": TOKEN_TYPE,
        "iat": now,
        "exp": now + lasts,
    }
    return jwt.encode(claims, _key(secret, "token"), algorithm="HS256")


def read_token(secret: bytes, token: str) -> Claims:
    """Return what a token says, if we signed it for this use and it has not ended.

    Raises:
        Unauthorized: Anything else; whether the sign-in still stands is the caller's to check.
    """
    try:
        claims = jwt.decode(
            token, _key(secret, "token"), algorithms=["HS256"], audience=AUDIENCE, options={"require": _REQUIRED}
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthorized("This sign-in has ended.", hint=_SIGN_IN_HINT) from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Unauthorized("This token is not valid.", hint=_SIGN_IN_HINT) from error
    if claims["typ"] != TOKEN_TYPE or not isinstance(claims["sid"], str):
        raise Unauthorized("This token is not one to sign in with.", hint=_SIGN_IN_HINT)
    return Claims(claims["sub"], claims["sid"], datetime.fromtimestamp(claims["exp"], UTC))


def sign_media(secret: bytes, key: str, expires_at: int, disposition: str = "") -> str:
    """Return the signature (hex, 64 characters) of reading `key` until `expires_at` (Unix seconds).

    `disposition` is the file name to save under; empty to show it in place.
    """
    said = "\n".join(("GET", key, str(expires_at), disposition))
    return hmac.new(_key(secret, "media"), said.encode(), hashlib.sha256).hexdigest()


def check_media(secret: bytes, key: str, expires_at: int, disposition: str, signature: str) -> None:
    """Check an address that `sign_media` signed.

    Raises:
        Forbidden: Something in it was changed, or its time is over.
    """
    expected = sign_media(secret, key, expires_at, disposition)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise Forbidden("This link is not one that AdMint made.", hint="Load the ad again for a fresh link.")
    if expires_at < datetime.now(UTC).timestamp():
        raise Forbidden("This link has expired.", hint="Load the ad again for a fresh link.")


def is_loopback(host: str) -> bool:
    """True for an address that only this machine can reach."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def check_bind(settings: Settings) -> None:
    """Refuse to listen where strangers could come in.

    Raises:
        ConfigError: ADMINT_HOST is not a loopback address.
    """
    if is_loopback(settings.host):
        return
    if settings.auth == "local":
        raise ConfigError(
            f"ADMINT_AUTH=local lets in everyone who reaches {settings.host}, so AdMint won't listen there.",
            hint="Leave ADMINT_HOST at 127.0.0.1.",
        )
    raise ConfigError(
        f"AdMint can't listen on {settings.host} yet: signing up arrives with accounts.",
        hint="Leave ADMINT_HOST at 127.0.0.1; a reverse proxy on this machine can stand in front of it.",
    )
