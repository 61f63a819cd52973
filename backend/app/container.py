"""Wiring: settings to adapters to services. The only file that names classes.

Opened by the CLI, the server and the worker around their running event loop. Tests: tests/test_integration/
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.errors import Conflict, NotFound
from app.core.security import signing_secret
from app.core.settings import Settings
from app.db.disk import full_disk_said, require_space
from app.db.repositories import documents, generation_lists, generations, inbox
from app.db.session import close_engine, create_engine, prepare_database, read_factory, session_factory
from app.durable.opening import Engines, close_engines, open_engines
from app.durable.options import ACTIVE, ProcessKind, QueuePlan
from app.events.bus import build_bus
from app.kit.clock import SystemClock
from app.kit.locks import LockFile
from app.open_models import OpenModels
from app.ports.cache import Cache
from app.ports.durable import Engine
from app.ports.events import EventBus
from app.ports.intent import IntentModel
from app.ports.links import Links
from app.ports.storage import Storage
from app.providers.catalogue import catalogue
from app.providers.local_intent.encoder import available_models
from app.providers.registry import FACES, ProviderDeps, build_scorer, face
from app.schemas.api import Reading
from app.schemas.money import Limits
from app.schemas.unified_pipeline import ModelChoice, PipelineConfig, ProviderChoice, StageName, Status
from app.services.billing.ledger import Ledger, PayRules
from app.services.billing.paid_jobs import PaidJobs
from app.services.media.asset_library import AssetLibrary
from app.services.media.delivery_check import DeliveryChecker
from app.services.media.image_processor import ImageProcessor
from app.services.media.video_stitcher import VideoStitcher
from app.services.pipeline.conversation_handler import ConversationHandler, ParsedIntent
from app.services.quality import scoring
from app.services.quality.scoring import Scoring
from app.services.quality.vbench_scorer import ScoringTools
from app.services.session.feedback_inbox import FeedbackInbox
from app.services.session.noting_bus import NotingBus
from app.services.session.session_storage import SessionStorage
from app.services.unified_pipeline.afterwards import Afterwards, ReadAfter
from app.services.unified_pipeline.commands import GenerationCommands
from app.services.unified_pipeline.config_loader import override_config, validate_all
from app.services.unified_pipeline.money import Money
from app.services.unified_pipeline.orchestrator import PipelineOrchestrator
from app.services.unified_pipeline.rescue import rescue_jobs
from app.services.unified_pipeline.runs import Runs, roots
from app.services.unified_pipeline.snapshots import session_snapshot, sign_session
from app.services.unified_pipeline.stage_context import EventJournal, PipelineServices
from app.services.unified_pipeline.words import Understand, Words
from app.storage.cache import build_cache
from app.storage.local import LocalStorage
from app.storage.objects import build_links, build_storage

__all__ = ["Container", "ProcessKind", "SystemClock", "open_container", "open_database"]


_REMOTE = 5
"""Paid jobs under way at a time, over all ads, users and processes."""


@dataclass(frozen=True)
class Container:
    """Everything a door needs."""

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    storage: Storage
    bus: EventBus
    cache: Cache
    session_storage: SessionStorage
    engine: Engine
    inbox: FeedbackInbox
    orchestrator: PipelineOrchestrator
    services: PipelineServices
    runs: Runs
    commands: GenerationCommands
    money: Money
    library: AssetLibrary
    scoring: Scoring
    reads: async_sessionmaker[AsyncSession]
    lock: LockFile
    engines: Engines
    models: OpenModels
    background: list[asyncio.Task[None]] = field(default_factory=list)

    async def stop_background(self) -> None:
        """End what this process does beside its runs."""
        for task in self.background:
            task.cancel()
        await asyncio.gather(*self.background, return_exceptions=True)

    @cached_property
    def secret(self) -> bytes:
        """The installation's secret, for tokens and links. Raises ConfigError, StorageError."""
        return signing_secret(self.settings)

    @cached_property
    def links(self) -> Links:
        """Signed addresses of stored media."""
        return build_links(self.settings, self.secret)

    @property
    def own_media(self) -> LocalStorage | None:
        """The store whose addresses this server answers itself; null when a bucket answers its own."""
        return self.storage if isinstance(self.storage, LocalStorage) else None

    def images(self) -> ImageProcessor:
        """Return the image policy with the local vision model, for ingesting uploads."""
        return self.services.images(self.services.providers(ProviderChoice(), ModelChoice()))

    async def latest_run(self, generation_id: str) -> str:
        """Return the workflow id of the newest run. Raises NotFound."""
        return await self.runs.latest(generation_id)

    async def resume(self, generation_id: str, overrides: Mapping[str, Any] | None = None) -> str:
        """Go on with a generation: un-park its run, or start the next one that adopts what is finished.

        Args:
            generation_id: Which one.
            overrides: Settings to change from here on, as `--set` gives them; what is planned stays planned.

        Returns:
            The workflow id to wait for.

        Raises:
            NotFound: No such generation.
            Conflict: It is already complete.
            InvalidInput: An override is not legal.
        """
        async with self.sessions.begin() as session:
            row = await generations.require(session, generation_id)
            if row.status == "completed":
                raise Conflict("This ad is already finished.", hint="`admint show` tells where it is.")
            if overrides:
                config = override_config(documents.config_of(row), overrides)
                await generations.save_config(session, generation_id, config)
        run = await self.latest_run(generation_id)
        if overrides or row.control or await self._state(run) not in ACTIVE:  # else this launch went on with it already
            run = await self.runs.go_on(generation_id, fresh=bool(overrides))
        await self.inbox.redeliver(generation_id, run)
        return run

    async def unpark(self) -> list[str]:
        """Go on with what a launch parked, where that costs nothing, and wake who has a word waiting.

        Called at the launch of a server or worker; safe from several at once. Returns the generations gone on with.
        """
        async with self.reads() as session:
            parked = await generation_lists.interrupted_ids(session)
            free = [each for each in parked if _may_continue(await _config_of(session, each))]
        gone_on = [each for each in free if await self._state(await self.latest_run(each)) in {"CANCELLED", None}]
        for generation_id in gone_on:
            with contextlib.suppress(Conflict, NotFound):  # finished or deleted a moment ago
                await self.resume(generation_id)
        await self.scoring.go_on()
        await self._redeliver_all()
        return gone_on

    async def _state(self, run: str) -> str | None:
        try:
            return await self.engine.state(run)
        except NotFound:
            return None

    async def _redeliver_all(self) -> None:
        async with self.reads() as session:
            waiting = dict.fromkeys(message.generation_id for message in await inbox.pending(session))
        for generation_id in waiting:
            try:
                run = await self.latest_run(generation_id)
                await self.engine.state(run)
            except NotFound:  # deleted, or not started yet: its run reads the inbox by itself
                continue
            await self.inbox.redeliver(generation_id, run)


def _may_continue(config: PipelineConfig) -> bool:
    """True when going on costs nothing: all providers are on this machine. A paid call waits for a click."""
    return {*config.providers.model_dump().values(), *config.clip_providers.values()} == {"local"}


async def _costly(container: Container) -> tuple[str, ...]:
    """Return the ads that an earlier process was working on and that may cost money to go on with."""
    async with container.reads() as session:
        rows = await generation_lists.under_way(session)
        return tuple(row.id for row in rows if not _may_continue(documents.config_of(row)))


async def _config_of(session: AsyncSession, generation_id: str) -> PipelineConfig:
    return documents.config_of(await generations.require(session, generation_id))


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[tuple[AsyncEngine, async_sessionmaker[AsyncSession]]]:
    """Open the database for reading verbs: upgraded if it is SQLite, no lock taken, nothing executed."""
    settings.home_path.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(prepare_database, settings.database_url)
    engine = create_engine(settings.database_url)
    try:
        yield engine, session_factory(engine)
    finally:
        await close_engine(engine)


@asynccontextmanager
async def open_container(
    settings: Settings, kind: ProcessKind, *, keep: Iterable[str] = (), wait_for_lock: bool = True
) -> AsyncIterator[Container]:
    """Open everything and, unless this is an `api` process, start executing.

    Args:
        settings: This process's settings.
        kind: What this process is; on SQLite one process at a time works, and the lock file says which.
        keep: For a `run`, generation ids it was asked to go on with; its other unfinished work is parked.
        wait_for_lock: Wait for another run to finish, or raise Conflict at once.

    Raises:
        Conflict: Another process holds the lock, or the executor slot ADMINT_EXECUTOR_ID names.
        ConfigError: A kind that needs Postgres, or a configuration file that is wrong.
        StorageError: The disk is full, or the database can't be reached.
    """
    await asyncio.to_thread(validate_all)
    await asyncio.to_thread(catalogue)
    await asyncio.to_thread(require_space, settings.home_path)
    lock = LockFile(settings.home_path / "engine.lock")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(full_disk_said(settings))
        if settings.is_sqlite and kind in ("run", "server"):
            stack.callback(lock.release)
            await _take_lock(lock, kind, wait_for_lock)
        database, sessions = await stack.enter_async_context(open_database(settings))
        engines = await asyncio.to_thread(open_engines, settings, kind, _queues(settings), database)
        container = _wire(settings, database, sessions, (engines, lock))
        for part in (container.bus, container.cache, container.session_storage):
            stack.push_async_callback(part.aclose)
        stack.push_async_callback(container.models.aclose)
        stack.push_async_callback(close_engines, engines)
        stack.push_async_callback(container.stop_background)
        await _launch(container, kind, tuple(keep))
        yield container


async def _launch(container: Container, kind: ProcessKind, keep: tuple[str, ...]) -> None:
    workflows = {
        "ad": container.orchestrator.run,
        "reference": container.orchestrator.run_reference,
        "clip": container.orchestrator.run_clip,
        scoring.WORKFLOW: container.scoring.run,
    }
    waits = () if kind == "run" else await _costly(container)
    parked = await container.engines.engine.launch(workflows, keep if kind == "run" else None, waits)
    await _mark_interrupted(container.sessions, parked)
    if kind in ("server", "worker"):
        await container.unpark()
        container.background.append(asyncio.create_task(rescue_jobs(container.services)))


def _queues(settings: Settings) -> tuple[QueuePlan, ...]:
    return (
        QueuePlan("sessions"),
        QueuePlan("remote", overall=_REMOTE, per_share=settings.remote_per_user),
        QueuePlan("media", per_worker=settings.media_workers),
        QueuePlan(scoring.QUEUE, per_worker=1),
    )


def _wire(
    settings: Settings,
    database: AsyncEngine,
    sessions: async_sessionmaker[AsyncSession],
    held: tuple[Engines, LockFile],
) -> Container:
    engines, lock = held
    engine: Engine = engines.engine
    storage, cache, reads = build_storage(settings), build_cache(settings), read_factory(database)
    links, limits = build_links(settings, signing_secret(settings)), _limits(settings)
    session_storage = SessionStorage(
        reads, cache, partial(session_snapshot, limits=limits), lambda view: sign_session(view, links)
    )
    bus = NotingBus(build_bus(settings), session_storage)
    settings.work_path.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    ledger = Ledger(sessions, reads, clock, EventJournal(bus, clock), _rules(settings))
    deps = ProviderDeps(storage, settings.work_path, settings.media_workers, settings, cache=cache)
    providers = OpenModels(deps, ledger)
    scorer = build_scorer(settings.scorer, deps)
    tools = ScoringTools(scorer, engines.executor, storage, bus, clock, reads) if scorer else None
    services = PipelineServices(
        durable=engines.executor,
        storage=storage,
        bus=bus,
        clock=clock,
        stitcher=VideoStitcher(storage, settings.work_path),
        checker=DeliveryChecker(storage),
        scoring=Scoring(tools, engine, sessions),
        reads=reads,
        providers=providers,
        ledger=ledger,
        jobs=PaidJobs(ledger, clock, storage),
        costs_money=lambda name: name in FACES and face(name, settings).costs_money,
    )
    runs, messages = Runs(sessions, engine, services), FeedbackInbox(sessions, engine)
    handler = ConversationHandler(available_models())
    words = Words(sessions, runs, messages, services, _understand(handler))
    afterwards = Afterwards(sessions, runs, services, _reads_after(handler))
    library = AssetLibrary(lambda: services.images(providers(ProviderChoice(), ModelChoice())), sessions, reads)
    return Container(
        settings=settings,
        sessions=sessions,
        storage=storage,
        bus=bus,
        cache=cache,
        session_storage=session_storage,
        engine=engine,
        inbox=messages,
        orchestrator=PipelineOrchestrator(services, engine, sessions, reads),
        services=services,
        runs=runs,
        commands=GenerationCommands(sessions, runs, words, afterwards, services, library),
        money=Money(sessions, runs, services),
        library=library,
        scoring=services.scoring,
        reads=reads,
        lock=lock,
        engines=engines,
        models=providers,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(cap_usd=settings.cap_usd, daily_cap_usd=settings.daily_cap_usd)


def _rules(settings: Settings) -> PayRules:
    return PayRules(_limits(settings), order_s=settings.order_timeout_s)


def _understand(handler: ConversationHandler) -> Understand:
    async def understand(message: str, stage: StageName, scene_count: int, also: Sequence[IntentModel]) -> ParsedIntent:
        return await handler.understand(message, stage, scene_count=scene_count, also=also)

    return understand


def _reads_after(handler: ConversationHandler) -> ReadAfter:
    async def read(message: str, scene_count: int) -> Reading:
        return await handler.after_the_film(message, scene_count=scene_count)

    return read


async def _take_lock(lock: LockFile, kind: ProcessKind, wait: bool) -> None:
    while not lock.acquire({"kind": kind, "started": datetime.now(UTC).isoformat()}):
        if not wait:
            holder = lock.holder()
            raise Conflict(
                f"Another AdMint {holder.get('kind', 'process')} (pid {holder.get('pid', '?')}) is working here.",
                hint="Wait for it, run without --no-wait, or set ADMINT_HOME to another folder.",
            )
        await asyncio.sleep(0.2)


async def _mark_interrupted(sessions: async_sessionmaker[AsyncSession], parked: list[str]) -> None:
    """Say on the generation that its run was parked, so that `list` and `resume` find it."""
    if not (interrupted := roots(parked)):
        return
    async with sessions.begin() as session:
        for generation_id in interrupted:
            row = await generations.get(session, generation_id)
            if row is None:
                continue
            await generations.set_status(
                session,
                generation_id,
                cast("Status", row.status),
                "interrupted",
                cast("StageName | None", row.current_stage),
            )
