"""Who asks: tokens from the cookie or the Authorization header, checked against the sign-in they stand for.

One instance a process, made by app/main.py. Tests: tests/test_api/test_auth.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.datastructures import Headers
from starlette.responses import Response

from app.core.errors import Unauthorized
from app.core.security import SIGN_IN_LASTS, Claims, issue_token, read_token
from app.core.settings import Settings
from app.db.repositories import auth_sessions, users

CHECK_EVERY_S = 15.0
"""A sign-in taken back in another process is refused here after this long at most; in this process at once."""
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class User:
    """Who asks, and how they showed it."""

    id: str
    auth_session_id: str | None
    via: Literal["cookie", "bearer"]


def is_https(settings: Settings) -> bool:
    """True when users reach this server over TLS."""
    return settings.base_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """Return the session cookie's name; with TLS the prefix that binds it to exactly this host."""
    return "__Host-admint_session" if is_https(settings) else "admint_session"


class SignIns:
    """Makes, checks and ends sign-ins.

    Args:
        settings: This process's settings.
        secret: The installation's secret.
        sessions: Database sessions that may write.
        reads: Database sessions that only read.
        clock: Seconds that never step back.
    """

    def __init__(
        self,
        settings: Settings,
        secret: bytes,
        sessions: async_sessionmaker[AsyncSession],
        reads: async_sessionmaker[AsyncSession],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._sessions = sessions
        self._reads = reads
        self._clock = clock
        self._seen: dict[str, tuple[float, str]] = {}

    async def issue(self, user_id: str, label: str) -> tuple[str, str]:
        """Make a sign-in of 30 days. Returns its token and its id."""
        async with self._sessions.begin() as session:
            row = await auth_sessions.create(session, user_id, lasts=SIGN_IN_LASTS, label=label)
        return issue_token(self._secret, user_id, row.id), row.id

    async def identify(self, headers: Headers) -> User:
        """Return who sent these headers.

        A given Authorization header alone counts: a cookie never stands in for a bad token.

        Raises:
            Unauthorized: Nobody is signed in, or the sign-in is over or was taken back.
        """
        given = headers.get("authorization")
        via: Literal["cookie", "bearer"] = "cookie" if given is None else "bearer"
        token = _cookie(headers, cookie_name(self._settings)) if given is None else _bearer(given)
        if not token:
            raise Unauthorized("Nobody is signed in.", hint="Sign in, or send a token in the Authorization header.")
        claims = read_token(self._secret, token)
        if not await self._stands(claims):
            raise Unauthorized("This sign-in was ended.", hint="Sign in again.")
        return User(claims.user_id, claims.auth_session_id, via)

    async def still_stands(self, user: User) -> bool:
        """True while the sign-in a long connection came with is neither over nor taken back."""
        return user.auth_session_id is not None and await self._looked_up(user.auth_session_id) == user.id

    async def revoke(self, auth_session_id: str) -> None:
        """End a sign-in for good."""
        async with self._sessions.begin() as session:
            await auth_sessions.revoke(session, auth_session_id)
        self._seen.pop(auth_session_id, None)

    def set_cookie(self, response: Response, token: str) -> None:
        """Give the browser the token; scripts can't read it and other sites can't send it."""
        response.set_cookie(
            cookie_name(self._settings),
            token,
            max_age=int(SIGN_IN_LASTS.total_seconds()),
            path="/",
            secure=is_https(self._settings),
            httponly=True,
            samesite="strict",
        )

    def clear_cookie(self, response: Response) -> None:
        """Have the browser forget the token."""
        response.delete_cookie(
            cookie_name(self._settings), path="/", secure=is_https(self._settings), httponly=True, samesite="strict"
        )

    async def _stands(self, claims: Claims) -> bool:
        known = self._seen.get(claims.auth_session_id)
        if known is not None and known[0] > self._clock():
            return known[1] == claims.user_id
        return await self._looked_up(claims.auth_session_id) == claims.user_id

    async def _looked_up(self, auth_session_id: str) -> str | None:
        """Return whose sign-in it is, null when it is over; remembered for a little while."""
        async with self._reads() as session:
            row = await auth_sessions.active(session, auth_session_id)
            user = None if row is None else await users.get(session, row.user_id)
        if user is None:
            self._seen.pop(auth_session_id, None)
            return None
        if len(self._seen) >= _MOST_REMEMBERED:
            self._seen.clear()
        self._seen[auth_session_id] = (self._clock() + CHECK_EVERY_S, user.id)
        return user.id


def _bearer(given: str) -> str:
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie("; ".join(headers.getlist("cookie"))).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
