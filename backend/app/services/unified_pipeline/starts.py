"""Accepting a request: checked, stored once per idempotency key, then queued. Several prompts or variants make a group.

Called by commands.py. Tests: tests/test_services/test_starts.py
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import BriefUnclear, Conflict, InvalidInput
from app.db.models import Generation
from app.db.repositories import documents, generations, groups, idempotency, inbox, sessions
from app.kit.ids import digest, new_id
from app.kit.validation import first_problem
from app.schemas.api import Accepted, FeedbackBody, GenerateBody, Started
from app.schemas.events import FeedbackAcknowledged, UserMessage
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest
from app.services.unified_pipeline.runs import Order, Runs
from app.services.unified_pipeline.stage_context import Draft, PipelineServices, append_all, publish_all
from app.services.unified_pipeline.variants import apply_variant, labelled, spread

_MOST = 10
_SEEDS = 2**31
_NAME_WORDS, _NAME_LENGTH = 3, 60
"""An answer no longer than this is a name."""


class ResolvedAssets(Protocol):
    """A caller's own images by storage key, what to count as used, and what people call them."""

    @property
    def brand_assets(self) -> BrandAssets: ...

    @property
    def ids(self) -> list[str]: ...

    @property
    def names(self) -> list[str]: ...


class Assets(Protocol):
    """Says whether images named in a request are the caller's own: services/media/asset_library.py."""

    async def resolve(self, user_id: str, assets: BrandAssets) -> ResolvedAssets:
        """Return the caller's images by storage key. Raises InvalidInput for what is not theirs."""

    async def used(self, session: AsyncSession, ids: Sequence[str]) -> None:
        """Count one more use of each, in the caller's transaction."""


class Starts:
    """Takes requests in."""

    def __init__(
        self,
        sessions_factory: async_sessionmaker[AsyncSession],
        runs: Runs,
        services: PipelineServices,
        assets: Assets,
    ) -> None:
        self._sessions = sessions_factory
        self._runs = runs
        self._services = services
        self._assets = assets

    async def answer(self, user_id: str, generation_id: str, word: FeedbackBody) -> Accepted:
        """Go on with an ad whose brief could not be read: the answer joins the brief. The same id again has no effect.

        Raises:
            NotFound: No such generation of this user.
            InvalidInput: The answer is empty, or brief and answer are too long together.
        """
        answer = word.message.strip()
        if not answer:
            raise InvalidInput("The answer is empty.", hint="Say in a few words what to advertise.")
        async with self._sessions.begin() as session:
            row = await generations.lock(session, generation_id, user_id=user_id)
            if await inbox.get(session, generation_id, word.id) is not None or not unread(row):
                return Accepted(message_id=word.id, action="refine", duplicate=True)
            request = _answered(documents.request_of(row), answer)
            await generations.save_request(session, generation_id, request)
            payload = {"id": word.id, "stage": "story", "action": "refine", "message": answer}
            await inbox.add(session, generation_id, word.id, topic="story", payload=payload)
            await inbox.consume(session, generation_id, word.id, "refine")
            told: list[Draft] = [
                ("user_message", UserMessage(message_id=word.id, message=answer, stage="story", action="refine")),
                ("feedback_acknowledged", FeedbackAcknowledged(message_id=word.id, action="refine", message="")),
            ]
            now = self._services.clock.now()
            stored = await append_all(session, row.session_id or "", generation_id, told, now)
        await publish_all(self._services.bus, row.session_id or "", stored)
        await self._runs.go_on(generation_id, fresh=True)
        return Accepted(message_id=word.id, action="refine")

    async def start(self, user_id: str, body: GenerateBody, *, idempotency_key: str | None = None) -> Started:
        """See commands.GenerationCommands.start."""
        asked = digest(body.model_dump(mode="json"))
        if idempotency_key is not None:
            async with self._services.reads() as session:
                before = await idempotency.answered(session, user_id, idempotency_key, asked)
            if before is not None:
                return await self._again(before)
        found = await self._assets.resolve(user_id, body.brand_assets)
        orders = [self._runs.prepare(request) for request in requests_of(body, found.brand_assets)]
        group_id = new_id() if len(orders) > 1 else None
        orders = [replace(order, group_id=group_id, assets_in_use=tuple(found.names)) for order in orders]
        async with self._sessions.begin() as session:
            if idempotency_key is not None:
                before = await idempotency.claim(session, user_id, idempotency_key, asked)
                if before is not None:
                    return await self._again(before)
            started, stored = await self._store(session, user_id, body, orders)
            await self._assets.used(session, found.ids)
            if idempotency_key is not None:
                await idempotency.answer(session, user_id, idempotency_key, started.model_dump(mode="json"))
        await publish_all(self._services.bus, started.session_id, stored)
        for order in orders:
            await self._runs.enqueue(order.generation_id)
        return started

    async def _again(self, before: dict[str, Any]) -> Started:
        """Answer as the first time, and queue what a crash may have kept from the queue."""
        if not before:
            raise Conflict("The first request with this Idempotency-Key failed.", hint="Use a new key.")
        started = Started.model_validate(before)
        for generation_id in started.generations:
            await self._runs.enqueue(generation_id)
        return started

    async def _store(
        self, session: AsyncSession, user_id: str, body: GenerateBody, orders: Sequence[Order]
    ) -> tuple[Started, list[dict[str, Any]]]:
        session_id = body.session_id or new_id()
        await sessions.ensure(session, session_id, user_id)
        group_id = orders[0].group_id
        if group_id is not None:
            await groups.create(session, group_id, user_id, title=orders[0].request.prompt[:200])
        stored = []
        for order in orders:
            stored += await self._runs.insert(session, user_id, session_id, order)
        started = Started(
            generation_id=orders[0].generation_id,
            session_id=session_id,
            websocket_url=f"/ws/{session_id}",
            group_id=group_id,
            generations=[order.generation_id for order in orders],
        )
        return started, stored


def requests_of(body: GenerateBody, assets: BrandAssets) -> list[GenerationRequest]:
    """Return one request for each prompt and variant. Raises InvalidInput."""
    prompts = [*([body.prompt] if body.prompt is not None else []), *body.prompts]
    if not prompts:
        raise InvalidInput("The prompt is missing.", hint="Write one sentence about what you sell.")
    variants = labelled(body.variants) or spread(body.config.parallel_variants)
    if len(prompts) * max(1, len(variants)) > _MOST:
        raise InvalidInput(
            f"That makes {len(prompts) * len(variants)} ads; {_MOST} can be started at once.",
            hint="Use fewer prompts or variants.",
        )
    made = []
    for prompt in prompts:
        request = _request(body, prompt, assets)
        if variants and request.seed is None:
            request = request.model_copy(update={"seed": secrets.randbelow(_SEEDS)})
        made += [apply_variant(request, variant) for variant in variants] if variants else [request]
    return made


def _request(body: GenerateBody, prompt: str, assets: BrandAssets) -> GenerationRequest:
    given = body.model_dump(exclude={"prompt", "prompts", "config", "variants", "brand_assets", "budget_usd"})
    try:
        return GenerationRequest.model_validate(
            {**given, "prompt": prompt, "brand_assets": assets, "config": _overrides(body)}
        )
    except ValidationError as error:
        problem = first_problem(error, GenerationRequest)
        raise InvalidInput(f"{problem.what}.", hint=problem.hint or "Nothing was started.") from error


def _overrides(body: GenerateBody) -> dict[str, Any]:
    """Return the spec's `config` object as settings of the pipeline."""
    overrides: dict[str, Any] = dict(body.config.overrides)
    if body.budget_usd is not None:
        overrides["budget_usd"] = body.budget_usd
    if body.config.enable_vbench is not None:
        overrides["vbench_enabled"] = body.config.enable_vbench
    if body.config.quality_threshold is not None:
        good = body.config.quality_threshold
        overrides["vbench_threshold_good"] = good
        if good < overrides.get("vbench_threshold_acceptable", 60):
            overrides["vbench_threshold_acceptable"] = good
    return overrides


def unread(row: Generation) -> bool:
    """True while an ad waits for what its brief did not say."""
    return row.status == "failed" and row.error_code == BriefUnclear.code


def _answered(request: GenerationRequest, answer: str) -> GenerationRequest:
    """Return the request with the answer in its brief; one of a few words is the name to show as well."""
    name = answer if len(answer.split()) <= _NAME_WORDS and len(answer) <= _NAME_LENGTH else None
    update = {"prompt": f"{request.prompt}\n{answer}", "brand": request.brand or name}
    try:
        return GenerationRequest.model_validate({**request.model_dump(), **update})
    except ValidationError as error:
        problem = first_problem(error, GenerationRequest)
        raise InvalidInput(f"{problem.what}.", hint="Answer in fewer words.") from error
