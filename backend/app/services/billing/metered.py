"""Paid text and vision calls under the same caps: the worst case is reserved before each, the cost booked after it.

A call that was cut off in between may have been charged: it becomes UNKNOWN and waits for the user's word. An answer
that was paid is kept in the ledger, so that a step that runs again takes it from there.
Wrapped around a paid adapter by app/container.py. Tests: tests/test_services/test_metered.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

from app.core.errors import ProviderError
from app.db.models import ProviderCall
from app.db.repositories import provider_calls
from app.kit.ids import digest
from app.ports.clock import Clock
from app.ports.intent import IntentGuess
from app.ports.priced import Priced
from app.schemas.money import CallKind
from app.schemas.providers import (
    BriefInput,
    BriefReading,
    CallContext,
    Cohesion,
    CohesorInput,
    DirectorInput,
    IntentInput,
    Result,
    SceneCriticInput,
    SceneWriterInput,
    StoryCriticInput,
    TaskName,
    VisionInput,
)
from app.schemas.story import Critique, Story
from app.schemas.unified_pipeline import ReferenceImageAnalysis, Scene
from app.services.billing.ledger import Ledger
from app.services.billing.paid_jobs import RETRY

R = TypeVar("R")


class Meter:
    """Pays for single answers of one adapter."""

    def __init__(self, model: Priced, name: str, kind: CallKind, ledger: Ledger, clock: Clock) -> None:
        self._model = model
        self._name = name
        self._kind = kind
        self._ledger = ledger
        self._clock = clock

    async def answer(
        self, task: TaskName, data: BaseModel, ctx: CallContext, call: Callable[[], Awaitable[Result[R]]], of: type[Any]
    ) -> Result[R]:
        """Make one paid call, or return the answer that an earlier try has paid for.

        Args:
            task: The role asked.
            data: Its input; a step that asks for something else is another call.
            ctx: Names the step.
            call: Makes the call.
            of: What the answer holds.

        Raises:
            OverCap: It does not fit the caps; it was not made.
            ChargeUnknown: An earlier try was cut off and may have been charged.
            ProviderError: The call failed.
        """
        base = f"{ctx.generation_id}:{ctx.step}:{digest([task, data.model_dump(mode='json')])[:16]}"
        newest = await self._ledger.newest(base)
        if newest is not None and newest.state == "DONE" and newest.outcome is not None:
            return Result[of].model_validate(newest.outcome)  # type: ignore[valid-type]
        if newest is not None and newest.state in {"INTENT", "UNKNOWN"}:
            if newest.outcome != RETRY:
                raise await self._ledger.say_unknown(newest)
            await self._ledger.count_as_spent(newest, "Made again at your word; it may have been charged.")
        attempt = 1 if newest is None else provider_calls.attempt_of(newest.call_key) + 1
        key = await self._reserve(base, attempt, task, data, ctx)
        return await self._made(key, ctx, call)

    async def _reserve(self, base: str, attempt: int, task: TaskName, data: BaseModel, ctx: CallContext) -> str:
        key = provider_calls.attempt_key(base, attempt)
        new = provider_calls.NewCall(
            call_key=key,
            kind=self._kind,
            provider=self._name,
            input_hash=base.rpartition(":")[2],
            reserved_usd=self._model.estimate(task, data),
        )
        what = "The next text call" if self._kind == "text" else "The next image analysis"
        async with self._ledger.entry(ctx.generation_id) as entry:
            await self._ledger.admit(entry.session, ctx.generation_id, [new], what)
            await provider_calls.order(entry.session, key, at=self._clock.now())
        return key

    async def _made(self, key: str, ctx: CallContext, call: Callable[[], Awaitable[Result[R]]]) -> Result[R]:
        try:
            result = await call()
        except ProviderError as error:
            await self._book_failure(key, ctx, error)
            raise
        async with self._ledger.entry(ctx.generation_id) as entry:
            row = await provider_calls.book(
                entry.session, key, result.cost_usd, result.cost_source, outcome=result.model_dump(mode="json")
            )
            row.model = result.model
        return result

    async def _book_failure(self, key: str, ctx: CallContext, error: ProviderError) -> None:
        """Book what the error says it cost; where nobody can tell, all that was reserved."""
        cost = error.cost_usd
        if cost is None:
            row: ProviderCall = await self._ledger.read(key)
            await self._ledger.count_as_spent(row, f"{error.message} It may have been charged.")
            return
        async with self._ledger.entry(ctx.generation_id) as entry:
            await provider_calls.fail(entry.session, key, error.message, actual_usd=cost, source="list_price")


class _Priced:
    """What a metered model still says of itself: ports.priced.Priced."""

    _model: Any

    def estimate(self, task: TaskName, data: BaseModel) -> Decimal:
        """See ports.priced.Priced."""
        price: Decimal = self._model.estimate(task, data)
        return price

    async def check(self) -> None:
        """See ports.priced.Priced."""
        await self._model.check()


class MeteredText(_Priced):
    """TextModel that pays for every answer of another one."""

    def __init__(self, model: Any, name: str, ledger: Ledger, clock: Clock) -> None:
        self.name = name
        self._model = model
        self._meter = Meter(model, name, "text", ledger, clock)

    async def read_brief(self, data: BriefInput, ctx: CallContext) -> Result[BriefReading]:
        """See ports.text.TextModel."""
        return await self._paid("brief.reader", self._model.read_brief, data, ctx, BriefReading)

    async def direct_story(self, data: DirectorInput, ctx: CallContext) -> Result[Story]:
        """See ports.text.TextModel."""
        return await self._paid("story.director", self._model.direct_story, data, ctx, Story)

    async def criticise_story(self, data: StoryCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return await self._paid("story.critic", self._model.criticise_story, data, ctx, Critique)

    async def write_scene(self, data: SceneWriterInput, ctx: CallContext) -> Result[Scene]:
        """See ports.text.TextModel."""
        return await self._paid("scene.writer", self._model.write_scene, data, ctx, Scene)

    async def criticise_scene(self, data: SceneCriticInput, ctx: CallContext) -> Result[Critique]:
        """See ports.text.TextModel."""
        return await self._paid("scene.critic", self._model.criticise_scene, data, ctx, Critique)

    async def cohere(self, data: CohesorInput, ctx: CallContext) -> Result[Cohesion]:
        """See ports.text.TextModel."""
        return await self._paid("scene.cohesor", self._model.cohere, data, ctx, Cohesion)

    async def read_intent(self, data: IntentInput, ctx: CallContext) -> Result[IntentGuess]:
        """See ports.text.ReadsIntent."""
        return await self._paid("chat.intent", self._model.read_intent, data, ctx, IntentGuess)

    async def _paid(self, task: TaskName, call: Any, data: BaseModel, ctx: CallContext, of: type[R]) -> Result[R]:
        return await self._meter.answer(task, data, ctx, lambda: call(data, ctx), of)


class MeteredVision(_Priced):
    """VisionModel that pays for every look of another one."""

    def __init__(self, model: Any, name: str, ledger: Ledger, clock: Clock) -> None:
        self.name = name
        self._model = model
        self._meter = Meter(model, name, "vision", ledger, clock)

    async def analyse(self, data: VisionInput, ctx: CallContext) -> Result[ReferenceImageAnalysis]:
        """See ports.vision.VisionModel."""
        return await self._meter.answer(
            "vision.analyst", data, ctx, lambda: self._model.analyse(data, ctx), ReferenceImageAnalysis
        )
