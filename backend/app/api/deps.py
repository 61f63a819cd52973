"""What routes ask for: the container and who is asking.

Used by app/api/routes. Tests: tests/test_api/
"""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.api.limits import GenerationLimit
from app.api.sign_ins import SignIns, User
from app.container import Container
from app.core.logging import add_context

__all__ = ["ContainerDep", "CurrentUser", "LimitDep", "SignInsDep", "User", "identify"]


def container_of(connection: HTTPConnection) -> Container:
    """Return the process's container."""
    return cast(Container, connection.app.state.container)


def sign_ins_of(connection: HTTPConnection) -> SignIns:
    """Return the process's sign-ins."""
    return cast(SignIns, connection.app.state.sign_ins)


def limit_of(connection: HTTPConnection) -> GenerationLimit:
    """Return the process's view of the generation limit."""
    return cast(GenerationLimit, connection.app.state.limit)


async def identify(connection: HTTPConnection) -> User:
    """Return who is asking, by request or socket. Raises Unauthorized."""
    user = await sign_ins_of(connection).identify(connection.headers)
    add_context(user_id=user.id)
    return user


ContainerDep = Annotated[Container, Depends(container_of)]
SignInsDep = Annotated[SignIns, Depends(sign_ins_of)]
LimitDep = Annotated[GenerationLimit, Depends(limit_of)]
CurrentUser = Annotated[User, Depends(identify)]
