"""Signing in and out. In local mode this machine's one user is signed in by coming from this machine.

Tests: tests/test_api/test_auth.py
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api.deps import ContainerDep, CurrentUser, SignInsDep
from app.api.errors import RESPONSES
from app.api.origin import from_this_machine, host_is_ours, same_origin
from app.container import Container
from app.core.errors import Forbidden, Unauthorized
from app.db.models import User as UserRow
from app.db.repositories import users
from app.schemas.api import Success
from app.schemas.server import SignedIn, UserView

router = APIRouter(prefix="/api/auth", tags=["auth"], responses=RESPONSES)


@router.post("/local-session")
async def local_session(
    request: Request, response: Response, container: ContainerDep, sign_ins: SignInsDep
) -> Success[SignedIn]:
    """Sign in this machine's user: sets the session cookie. Local mode only, from this machine only."""
    _require_local(request, container)
    async with container.sessions.begin() as session:
        user = await users.ensure_local_user(session)
    if not await _is_signed_in(request, sign_ins, user.id):
        token, _ = await sign_ins.issue(user.id, "browser")
        sign_ins.set_cookie(response, token)
    return Success(data=SignedIn(user=_view(user)))


@router.get("/me")
async def me(user: CurrentUser, container: ContainerDep) -> Success[SignedIn]:
    """Say who is signed in."""
    async with container.reads() as session:
        row = await users.get(session, user.id)
    if row is None:
        raise Unauthorized("This account is gone.")
    return Success(data=SignedIn(user=_view(row)))


@router.post("/logout")
async def logout(user: CurrentUser, response: Response, sign_ins: SignInsDep) -> Success[None]:
    """End this sign-in; its token is refused from now on."""
    if user.auth_session_id is not None:
        await sign_ins.revoke(user.auth_session_id)
    sign_ins.clear_cookie(response)
    return Success(data=None, message="Signed out.")


def _require_local(request: Request, container: Container) -> None:
    if container.settings.auth != "local":
        raise Forbidden("This server has accounts.", hint="Sign in with yours.")
    trusted = from_this_machine(request.scope) and host_is_ours(request.scope, container.settings)
    if not trusted or same_origin(request.scope, container.settings) is False:
        raise Forbidden(
            "Only AdMint's own page on this machine may sign in without a password.",
            hint=f"Open {container.settings.base_url} on the machine itself.",
        )


async def _is_signed_in(request: Request, sign_ins: SignInsDep, user_id: str) -> bool:
    try:
        return (await sign_ins.identify(request.headers)).id == user_id
    except Unauthorized:
        return False


def _view(row: UserRow) -> UserView:
    return UserView(id=row.id, name=row.name, email=row.email, is_local=row.is_local)
