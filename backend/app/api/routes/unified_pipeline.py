"""The spec's endpoint that takes a request for an ad. Tests: tests/test_api/test_unified_pipeline.py"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import APIRouter, Header

from app.api.deps import ContainerDep, CurrentUser, LimitDep
from app.api.errors import RESPONSES
from app.container import Container
from app.core.logging import add_context
from app.db.repositories import idempotency
from app.schemas.api import GenerateBody, Started, Success
from app.services.unified_pipeline.starts import requests_of

router = APIRouter(prefix="/api/v2", tags=["generate"], responses=RESPONSES)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[!-~]+$",
        description="Made up by the client: however often a request with one key arrives, it has one effect.",
    ),
]
_busy: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()


@router.post("/generate", status_code=202)
async def generate(
    body: GenerateBody,
    user: CurrentUser,
    container: ContainerDep,
    limit: LimitDep,
    idempotency_key: IdempotencyKey = None,
) -> Success[Started]:
    """Take a request for one ad, or several for several prompts or variants. Answers before any work begins."""
    requests = requests_of(body, body.brand_assets)
    for request in requests:
        container.runs.prepare(request)
    async with _one_at_a_time(user.id, idempotency_key):
        if not await _is_repeat(container, user.id, idempotency_key):
            await limit.take(user.id, len(requests))
        started = await container.commands.start(user.id, body, idempotency_key=idempotency_key)
    add_context(generation_id=started.generation_id, session_id=started.session_id)
    return Success(
        data=started.model_copy(update={"websocket_url": socket_url(container, started.session_id)}),
        message="Generation started. Connect to WebSocket for real-time updates.",
    )


def socket_url(container: Container, session_id: str) -> str:
    """Return the address of a session's socket."""
    return f"{container.settings.base_url.replace('http', 'ws', 1)}/ws/{session_id}"


@asynccontextmanager
async def _one_at_a_time(user_id: str, key: str | None) -> AsyncIterator[None]:
    """Let requests with one key through one after the other, so that repeats are seen as such and not counted."""
    if key is None:
        yield
        return
    lock = _busy.setdefault((user_id, key), asyncio.Lock())
    async with lock:
        yield


async def _is_repeat(container: Container, user_id: str, key: str | None) -> bool:
    if key is None:
        return False
    async with container.reads() as session:
        return await idempotency.is_used(session, user_id, key)
