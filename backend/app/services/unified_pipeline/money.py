"""What doors ask and say about money: costs, quotes, caps, unclear charges, and paid clips for a free draft.

Everything here comes from the user's own channel. Made by app/container.py. Tests: tests/test_integration/test_money.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import ConfigError, Conflict, InvalidInput, OverCap
from app.db.models import Generation
from app.db.repositories import documents, generations, provider_calls
from app.schemas.api import UpgradeBody
from app.schemas.money import (
    BillView,
    CostsView,
    Limits,
    QuoteView,
    Standing,
)
from app.schemas.unified_pipeline import PipelineConfig, Quote
from app.services.billing.paid_jobs import RETRY
from app.services.billing.words import over_cap
from app.services.unified_pipeline.bills import bill_of, costs_of
from app.services.unified_pipeline.filming import Film, quote_for
from app.services.unified_pipeline.run_context import context_of
from app.services.unified_pipeline.run_state import load_snapshot
from app.services.unified_pipeline.runs import Runs
from app.services.unified_pipeline.stage_context import PipelineServices
from app.services.unified_pipeline.states import phase_of

_STALE_PRICE = "The price is another one than you saw, so nothing was bought."


class Money:
    """Every method takes the user first; another user's generation does not exist for them."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], runs: Runs, services: PipelineServices) -> None:
        self._sessions = sessions
        self._runs = runs
        self._services = services

    # -- questions --------------------------------------------------------------------------------------------------

    async def costs(self, user_id: str, generation_id: str) -> CostsView:
        """Return what an ad has cost, call by call. Raises NotFound."""
        async with self._services.reads() as session:
            await generations.require(session, generation_id, user_id=user_id)
            return await costs_of(session, generation_id, self._limits, self._services.clock.now())

    async def bill(self, user_id: str) -> BillView:
        """Return what a user has spent over all their ads."""
        async with self._services.reads() as session:
            return await bill_of(session, user_id, self._limits, self._services.clock.now())

    @property
    def _limits(self) -> Limits:
        return self._services.ledger.rules.limits

    async def quote(
        self, user_id: str, generation_id: str, *, provider: str | None = None, scenes: Sequence[int] = ()
    ) -> QuoteView:
        """Return what filming would cost now: these scenes (empty: all that have no clip), by this provider.

        Raises:
            NotFound: No such generation of this user.
            Conflict: Its scenes are not written yet.
            InvalidInput: No such scene, or no such provider.
        """
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id, user_id=user_id)
            standing = await self._standing(session, generation_id)
            config = documents.config_of(row)
        named = provider or config.providers.video
        if provider is not None:
            known = [scene.id for scene in documents.scenes_of(row)]
            config = _with_provider(config, provider, scenes or known)
        found = await self._quote(generation_id, config, scenes)
        return QuoteView(
            **found.model_dump(), provider=named, standing=standing, fits=found.total_usd <= standing.room_usd
        )

    async def _quote(self, generation_id: str, config: PipelineConfig, only: Sequence[int]) -> Quote:
        snapshot = await load_snapshot(self._services.reads, generation_id)
        state = snapshot.state
        if state.story is None or not state.scenes:
            raise Conflict("There is nothing to price yet: its scenes are not written.", hint="Ask again then.")
        known = {scene.id for scene in state.scenes}
        if not set(only) <= known:
            listed = ", ".join(map(str, sorted(known)))
            raise InvalidInput(f"There is no scene {min(set(only) - known)}.", hint=f"The scenes are {listed}.")
        argument = {"generation_id": generation_id, "run": 0}
        try:
            ctx = context_of(argument, snapshot.model_copy(update={"config": config}), self._services)
            film = Film(state.story, state.scenes, state.references or [], state.consistency_context)
            return quote_for(ctx, film, ctx.kept, only)
        except ConfigError as error:
            raise InvalidInput(error.message, hint=error.hint) from error

    async def _standing(self, session: AsyncSession, generation_id: str) -> Standing:
        now = self._services.clock.now()
        return (await provider_calls.stand(session, generation_id, self._limits, now=now))[1]

    # -- the user's word ----------------------------------------------------------------------------------------------

    async def set_cap(self, user_id: str, generation_id: str, cap_usd: float) -> CostsView:
        """Set the most an ad may spend, all it has spent included; an ad that waits at its cap goes on.

        Raises:
            NotFound: No such generation of this user.
        """
        async with self._services.ledger.entry(generation_id) as entry:
            row = await generations.lock(entry.session, generation_id, user_id=user_id)
            config = documents.config_of(row).model_copy(update={"budget_usd": cap_usd})
            await generations.save_config(entry.session, generation_id, config)
            waits = row.substage == "over_cap"
        if waits:
            await self._runs.go_on(generation_id)
        return await self.costs(user_id, generation_id)

    async def decide(
        self, user_id: str, generation_id: str, call_id: str, decision: Literal["retry", "give_up"]
    ) -> CostsView:
        """Say what becomes of a call nobody knows the charge of.

        `retry`: looked for once more, and bought again if it is not found; the first counts as spent. `give_up`: it
        counts as spent and is not bought again by itself.

        Raises:
            NotFound: No such generation of this user, or no such call.
            Conflict: It is settled already.
        """
        async with self._services.ledger.entry(generation_id) as entry:
            row = await generations.lock(entry.session, generation_id, user_id=user_id)
            call = await provider_calls.require(entry.session, call_id, generation_id)
            if call.state != "UNKNOWN" or call.outcome == RETRY:
                raise Conflict("This charge is settled already.", hint="`admint costs` shows how.")
            if decision == "retry":
                await provider_calls.keep_outcome(entry.session, call.call_key, dict(RETRY))
            else:
                message = "You gave it up; it may have been charged."
                await provider_calls.fail(
                    entry.session, call.call_key, message, actual_usd=call.reserved_usd, source="estimate"
                )
            goes_on = decision == "retry" and phase_of(row.status, row.substage) in {"failed", "stopped"}
        if goes_on:
            await self._runs.go_on(generation_id)
        return await self.costs(user_id, generation_id)

    async def upgrade(self, user_id: str, generation_id: str, body: UpgradeBody) -> None:
        """Have chosen scenes of a finished draft filmed by another provider; the rest stays, the film is joined anew.

        Raises:
            NotFound: No such generation of this user.
            Conflict: It is not filmed yet or at work, or the price is no longer the one that was accepted.
            InvalidInput: No such scene or provider.
            OverCap: The caps do not hold it; nothing was changed.
        """
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id, user_id=user_id)
        _require_filmed(row)
        config = _with_provider(documents.config_of(row), body.provider, body.scene_ids)
        if body.cap_usd is not None:
            config = config.model_copy(update={"budget_usd": body.cap_usd})
        found = await self._quote(generation_id, config, body.scene_ids)
        if found.total_usd and found.digest != body.quote_digest:
            raise Conflict(_STALE_PRICE, hint=f"It is ${found.total_usd:.2f} now: look at the quote again.")
        async with self._services.ledger.entry(generation_id) as entry:
            _require_filmed(await generations.lock(entry.session, generation_id, user_id=user_id))
            await generations.save_config(entry.session, generation_id, config)
            standing = await self._standing(entry.session, generation_id)
            if found.total_usd > standing.room_usd:
                raise _over_cap(found, standing, generation_id)
        await self._runs.go_on(generation_id, more={"start_at": "videos", "only": sorted(set(body.scene_ids))})


def _over_cap(found: Quote, standing: Standing, generation_id: str) -> OverCap:
    what = "The clips" if len(found.items) > 1 else "The clip"
    return over_cap(what, found.total_usd, standing, generation_id)


def _require_filmed(row: Generation) -> None:
    phase = phase_of(row.status, row.substage)
    if phase == "completed" or (phase in {"failed", "stopped"} and row.current_stage == "videos"):
        return
    raise Conflict("Only the clips of an ad that was filmed can be upgraded.", hint="Wait until it is finished.")


def _with_provider(config: PipelineConfig, provider: str, scenes: Sequence[int]) -> PipelineConfig:
    """Return the configuration with these scenes filmed by that provider."""
    chosen = {**config.clip_providers, **{str(scene_id): provider for scene_id in scenes}}
    kept = {scene: name for scene, name in chosen.items() if name != config.providers.video}
    return config.model_copy(update={"clip_providers": kept})
