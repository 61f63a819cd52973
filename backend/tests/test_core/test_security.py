"""Secrets, tokens, media signatures, and where we may listen."""

from __future__ import annotations

import base64
import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from pydantic import SecretStr

from app.core import security
from app.core.errors import ConfigError, Forbidden, StorageError, Unauthorized
from app.core.settings import Settings

SECRET = b"0123456789abcdef0123456789abcdef"
KEY = security._key(SECRET, "token")


def settings_at(home: Path, **more: object) -> Settings:
    return Settings(home=home, **more)  # type: ignore[arg-type]


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = security.signing_secret(settings_at(tmp_path / "home"))
    assert security.signing_secret(settings_at(tmp_path / "home")) == first
    assert len(first) >= security.LEAST_SECRET
    kept = tmp_path / "home" / "secret.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    gate = threading.Barrier(8)

    def make() -> None:
        gate.wait()
        found.append(security.signing_secret(settings_at(tmp_path)))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_secret_of_the_settings_is_used(tmp_path: Path) -> None:
    given = settings_at(tmp_path, secret=SecretStr(SECRET.decode()))
    assert security.signing_secret(given) == SECRET
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("where", ["settings", "file"])
def test_a_short_secret_is_refused_by_name(tmp_path: Path, where: str) -> None:
    short = "x" * (security.LEAST_SECRET - 1)
    (tmp_path / "secret.key").write_text(short)
    settings = settings_at(tmp_path, secret=SecretStr(short) if where == "settings" else None)
    with pytest.raises(ConfigError, match="ADMINT_SECRET" if where == "settings" else "secret.key") as caught:
        security.signing_secret(settings)
    assert short not in str(caught.value)


def test_an_unwritable_home_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="secret"):
        security.signing_secret(settings_at(tmp_path / "file"))


def test_a_token_says_who_and_which_sign_in() -> None:
    claims = security.read_token(SECRET, security.issue_token(SECRET, "ann", "s1"))
    assert (claims.user_id, claims.auth_session_id) == ("ann", "s1")
    assert abs(claims.expires_at - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)


def _claims(**changes: object) -> dict[str, object]:
    now = datetime.now(UTC)
    good = {"sub": "ann", "sid": "s1", "aud": "admint", "typ": "session", "iat": now, "exp": now + timedelta(days=1)}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def _unsigned() -> str:
    def part(value: object) -> str:
        return (
            base64.urlsafe_b64encode(json.dumps(value, default=lambda d: d.timestamp()).encode()).decode().rstrip("=")
        )

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(_claims())}."


FORGERIES = {
    "no signature": _unsigned(),
    "another secret": jwt.encode(_claims(), b"y" * 32, algorithm="HS256"),
    "the secret itself as key": jwt.encode(_claims(), SECRET, algorithm="HS256"),
    "another hash": jwt.encode(_claims(), KEY * 2, algorithm="HS512"),
    "another hash, our key": jwt.encode(_claims(), KEY + KEY, algorithm="HS384"),
    "another audience": jwt.encode(_claims(aud="elsewhere"), KEY, algorithm="HS256"),
    "no audience": jwt.encode(_claims(aud=None), KEY, algorithm="HS256"),
    "another kind": jwt.encode(_claims(typ="refresh"), KEY, algorithm="HS256"),
    "no kind": jwt.encode(_claims(typ=None), KEY, algorithm="HS256"),
    "no sign-in": jwt.encode(_claims(sid=None), KEY, algorithm="HS256"),
    "a sign-in that is no text": jwt.encode(_claims(sid=["s1"]), KEY, algorithm="HS256"),
    "nobody": jwt.encode(_claims(sub=None), KEY, algorithm="HS256"),
    "over": jwt.encode(_claims(exp=datetime.now(UTC) - timedelta(seconds=1)), KEY, algorithm="HS256"),
    "without an end": jwt.encode(_claims(exp=None), KEY, algorithm="HS256"),
    "from the future": jwt.encode(_claims(iat=datetime.now(UTC) + timedelta(days=1)), KEY, algorithm="HS256"),
    "not a token": "x.y.z",
    "nothing": "",
    "not even text": "\x00é.\ud800",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused(name: str) -> None:
    with pytest.raises(Unauthorized):
        security.read_token(SECRET, FORGERIES[name])


def test_every_flipped_byte_of_a_token_is_noticed() -> None:
    token = security.issue_token(SECRET, "ann", "s1")
    # The last character of a part may hold bits that base64 does not use.
    places = [i for i, c in enumerate(token) if c != "." and token[i + 1 : i + 2] not in {".", ""}]
    for place in places:
        flipped = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Unauthorized):
            security.read_token(SECRET, flipped)


def test_a_media_signature_holds_only_for_what_was_signed() -> None:
    until = int(datetime.now(UTC).timestamp()) + 60
    signature = security.sign_media(SECRET, "a/b.mp4", until, "ad.mp4")
    security.check_media(SECRET, "a/b.mp4", until, "ad.mp4", signature)
    changed = [
        (SECRET, "a/c.mp4", until, "ad.mp4", signature),
        (SECRET, "a/b.mp4", until + 1, "ad.mp4", signature),
        (SECRET, "a/b.mp4", until, "", signature),
        (SECRET, "a/b.mp4\n1", until, "ad.mp4", signature),
        (b"y" * 32, "a/b.mp4", until, "ad.mp4", signature),
        (SECRET, "a/b.mp4", until, "ad.mp4", signature.upper()),
        (SECRET, "a/b.mp4", until, "ad.mp4", ""),
        (SECRET, "a/b.mp4", until, "ad.mp4", "é" * 64),
    ]
    for each in changed:
        with pytest.raises(Forbidden, match="made"):
            security.check_media(*each)


def test_an_expired_media_address_is_refused() -> None:
    past = int(datetime.now(UTC).timestamp()) - 1
    signature = security.sign_media(SECRET, "a/b.mp4", past)
    with pytest.raises(Forbidden, match="expired"):
        security.check_media(SECRET, "a/b.mp4", past, "", signature)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_loopback_is_known(host: str, tmp_path: Path) -> None:
    assert security.is_loopback(host)
    security.check_bind(settings_at(tmp_path, host=host))
    security.check_bind(settings_at(tmp_path, host=host, auth="accounts"))


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "example.test", "", "127.0.0.1.example.test", "::ffff:8.8.8.8"],  # noqa: S104
)
def test_other_addresses_are_refused(host: str, tmp_path: Path) -> None:
    assert not security.is_loopback(host)
    with pytest.raises(ConfigError, match="ADMINT_AUTH"):
        security.check_bind(settings_at(tmp_path, host=host))
    with pytest.raises(ConfigError, match="arrives with accounts"):
        security.check_bind(settings_at(tmp_path, host=host, auth="accounts"))
