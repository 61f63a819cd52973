"""Runs of a generation: prepare the first, start the next, find the newest. A run is one durable workflow.

The first run's id is the generation's own, a later one's ends in `:r2`, `:r3`; each adopts what those before it kept.
Called by orchestrator.py, commands.py and the container. Tests: tests/test_services/test_runs.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import ConfigError, InvalidInput, NotFound, OverCap
from app.db.models import Generation
from app.db.repositories import generations
from app.kit.ids import new_id
from app.ports.durable import Engine
from app.schemas.events import GenerationStarted, StatusChanged
from app.schemas.providers import BriefReading
from app.schemas.unified_pipeline import GenerationRequest, PipelineConfig, StageName, Status
from app.services.unified_pipeline.ad_planner import plan_ad
from app.services.unified_pipeline.config_loader import load_config
from app.services.unified_pipeline.run_state import new_row
from app.services.unified_pipeline.stage_context import PipelineServices, append_all, publish_all
from app.services.unified_pipeline.states import STATUS_OF

OVER = frozenset({"SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_ROOT_RUN = re.compile(r"[0-9a-f-]{36}(:r\d+)?")


@dataclass(frozen=True)
class Order:
    """A request that was found to be legal, with the configuration it will run under."""

    generation_id: str
    request: GenerationRequest
    config: PipelineConfig
    group_id: str | None = None
    assets_in_use: tuple[str, ...] = ()


class Runs:
    """Starts runs; knows nothing of what is inside them."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], engine: Engine, services: PipelineServices) -> None:
        self._sessions = sessions
        self._engine = engine
        self._services = services

    def prepare(self, request: GenerationRequest, *, pipeline: str = "default") -> Order:
        """Check a request before anything is stored.

        Raises:
            InvalidInput: An override that is not legal, or an ad of that shape can't be planned.
            ConfigError: The pipeline's YAML is wrong, or names a provider that does not exist.
            OverCap: It would pay without asking, and nobody said how much.
        """
        config = load_config(pipeline, request.config)
        try:
            providers = self._services.providers(config.providers, config.models)
        except ConfigError as error:
            if any(name.partition(".")[0] == "providers" for name in request.config):
                raise InvalidInput(error.message, hint=error.hint) from error
            raise
        plan_ad(request, BriefReading(), config, providers.video.lengths_s)
        self._require_cap(request, config)
        return Order(new_id(), request, config)

    def _require_cap(self, request: GenerationRequest, config: PipelineConfig) -> None:
        """An automatic run asks nobody before it pays: it needs a cap up front. Raises OverCap."""
        paid = self._services.paid_providers(config)
        default = self._services.ledger.rules.limits.cap_usd
        if request.interactive or not paid or (default if config.budget_usd is None else config.budget_usd):
            return
        raise OverCap(
            f"An ad made without asking can't use {' or '.join(paid)}: it costs money, and no cap is set.",
            hint="Say how much it may spend (--cap USD, budget_usd or ADMINT_CAP_USD), or make it interactively.",
        )

    async def insert(self, session: AsyncSession, user_id: str, session_id: str, order: Order) -> list[dict[str, Any]]:
        """Store an order as a pending generation; return its events, to be published after the commit."""
        request = order.request
        row = new_row(order.generation_id, session_id, user_id, request, order.config)
        await generations.create(session, row.model_copy(update={"group_id": order.group_id}))
        started = GenerationStarted(
            prompt=request.prompt,
            interactive=request.interactive,
            assets_in_use=list(order.assets_in_use),
            variant=request.variant.label if request.variant else "",
            group_id=order.group_id,
        )
        now = self._services.clock.now()
        return await append_all(session, session_id, order.generation_id, [("generation_started", started)], now)

    async def enqueue(self, generation_id: str) -> None:
        """Queue the first run; a second call does nothing."""
        await self._engine.enqueue("ad", generation_id, "sessions", {"generation_id": generation_id, "run": 1})

    async def go_on(self, generation_id: str, *, more: Mapping[str, Any] | None = None, fresh: bool = False) -> str:
        """Go on with a generation: un-park its newest run, or start the next one, which adopts what is finished.

        Args:
            generation_id: Which one.
            more: What the next run is told: `start_at` (a stage), `only` (scene ids). It makes a next run.
            fresh: Start the next run even if the newest could go on, so that it reads the settings anew.

        Returns:
            The workflow id to wait for.

        Raises:
            NotFound: No such generation.
        """
        async with self._sessions.begin() as session:
            row = await generations.lock(session, generation_id)
            run, args = row.run, dict(more or {})
            if fresh or more or await self._is_left(row):
                run += 1
            else:
                args = row.run_args or {}
            status = _status(row)
            row = await generations.begin_run(session, generation_id, status, run, args)
            stage = cast("StageName | None", row.current_stage)
            told = StatusChanged(status=status, substage="interrupted", current_stage=stage, message="Resuming ...")
            session_id, now = row.session_id or "", self._services.clock.now()
            stored = await append_all(session, session_id, generation_id, [("status_changed", told)], now)
        await publish_all(self._services.bus, session_id, stored)
        argument = {"generation_id": generation_id, "run": run, **args}
        await self._engine.enqueue("ad", run_id(generation_id, run), "sessions", argument)
        return run_id(generation_id, run)

    async def latest(self, generation_id: str) -> str:
        """Return the workflow id of the newest run. Raises NotFound."""
        async with self._services.reads() as session:
            row = await generations.require(session, generation_id)
        return run_id(generation_id, row.run)

    async def is_over(self, row: Generation) -> bool:
        """True when the newest run has ended for good; false while it works, waits, is parked or was never queued."""
        try:
            return await self._engine.state(run_id(row.id, row.run)) in OVER
        except NotFound:
            return False

    async def _is_left(self, row: Generation) -> bool:
        """True when the newest run has ended or is ending, so that only a next one can go on."""
        if row.substage != "interrupted":
            return row.status != "pending" or row.substage is not None
        return await self.is_over(row)


def _status(row: Generation) -> Status:
    """Return the status a generation goes on with."""
    if row.status not in {"failed", "completed"}:
        return cast("Status", row.status)
    if row.current_stage is None:
        return "videos" if row.status == "completed" else "pending"
    return STATUS_OF[row.current_stage]


def run_id(generation_id: str, run: int) -> str:
    """Return the workflow id of a run."""
    return generation_id if run == 1 else f"{generation_id}:r{run}"


def roots(runs: Sequence[str]) -> list[str]:
    """Return the generation ids among workflow ids that are root runs."""
    return [run[:36] for run in runs if _ROOT_RUN.fullmatch(run)]
