"""What a stage works with: the run's data, the services, and the two ways to do durable work (`step`, `record`).

Built by orchestrator.py for each run, passed to every stage. Tests: tests/test_integration/test_pipeline_execution.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.core.errors import Interrupted, StageTimeout
from app.db.repositories import events as event_log
from app.db.repositories import generations
from app.kit.ids import seed_from
from app.ports.audio import AudioModel
from app.ports.clock import Clock
from app.ports.durable import Durable
from app.ports.events import EventBus
from app.ports.image import ImageModel
from app.ports.priced import Priced
from app.ports.storage import Storage
from app.ports.text import TextModel
from app.ports.video import VideoModel
from app.ports.vision import VisionModel
from app.schemas.events import SERVER_EVENT, ServerEvent, StatusChanged
from app.schemas.providers import BriefInput, CallContext
from app.schemas.unified_pipeline import (
    AdPlan,
    Gate,
    GenerationRequest,
    ModelChoice,
    PipelineConfig,
    ProviderChoice,
    StageName,
)
from app.services.billing.ledger import Ledger
from app.services.billing.paid_jobs import PaidJobs
from app.services.media.delivery_check import DeliveryChecker
from app.services.media.image_processor import ImageProcessor
from app.services.media.video_stitcher import VideoStitcher
from app.services.quality.scoring import Scoring
from app.services.unified_pipeline.run_state import Wish
from app.services.unified_pipeline.states import STATUS_OF

M = TypeVar("M", bound=BaseModel)
J = TypeVar("J")
Draft = tuple[str, BaseModel]
"""An event to be appended: wire type and payload."""


@dataclass(frozen=True)
class Providers:
    """The models behind each task of one run."""

    text: TextModel
    vision: VisionModel
    image: ImageModel
    video: VideoModel
    audio: AudioModel

    async def check(self) -> None:
        """Refuse what a text or vision model could not do. Raises ProviderError, ConfigError."""
        for model in (self.text, self.vision):
            if isinstance(model, Priced):
                await model.check()


class ChooseProviders(Protocol):
    """Says which models do a run's tasks."""

    def __call__(self, choice: ProviderChoice, models: ModelChoice = ...) -> Providers:
        """Return the chosen models, built once. Raises ConfigError for an unknown name."""


@dataclass(frozen=True)
class PipelineServices:
    """Everything outside the run that stages use; made once by the container."""

    durable: Durable
    storage: Storage
    bus: EventBus
    clock: Clock
    stitcher: VideoStitcher
    checker: DeliveryChecker
    scoring: Scoring
    reads: async_sessionmaker[AsyncSession]
    providers: ChooseProviders
    ledger: Ledger
    jobs: PaidJobs
    costs_money: Callable[[str], bool]
    """Whether a provider, by its name, is paid."""

    def paid_providers(self, config: PipelineConfig) -> list[str]:
        """Return the names of the paid providers a configuration uses, each once."""
        named = [*config.providers.model_dump().values(), *config.clip_providers.values()]
        return sorted({name for name in named if self.costs_money(name)})

    def images(self, providers: Providers) -> ImageProcessor:
        """Return the image policy over this run's vision model."""
        return ImageProcessor(self.storage, providers.vision)


@dataclass
class StageContext:
    """One run of one generation. `deadline` is monotonic seconds, null while nothing is timed.

    `start_at` names the stage a later run begins with, `only` the scenes whose clips it may film (empty: all),
    `kept` the digests of the clips that earlier runs made, `wish` what was said of the scenes after the film. `user_id`
    says under whose share children are queued; empty in a run that an older AdMint began.
    """

    generation_id: str
    session_id: str
    run: int
    request: GenerationRequest
    config: PipelineConfig
    plan: AdPlan
    services: PipelineServices
    providers: Providers
    start_at: StageName | None = None
    only: list[int] = field(default_factory=list)
    kept: frozenset[str] = frozenset()
    user_id: str = ""
    wish: Wish | None = None
    stage: StageName | None = None
    deadline: float | None = field(default=None)

    def video(self, scene_id: int) -> VideoModel:
        """Return the model that films a scene: the run's, or the one chosen for that scene alone."""
        name = self.config.clip_providers.get(str(scene_id), self.config.providers.video)
        if name == self.config.providers.video:
            return self.providers.video
        return self.services.providers(
            self.config.providers.model_copy(update={"video": name}), self.config.models
        ).video

    def leaves_out(self, stage: StageName, reached: StageName | None) -> bool:
        """True for stages before the one this run begins with (else: the one an earlier run reached).

        Also for paid clips of scenes that were changed after the film: they wait for a click.
        """
        if stage == "videos" and self.wish is not None and self._buys_clips():
            return True
        first = self.start_at or reached
        return first is not None and self.config.order.index(stage) < self.config.order.index(first)

    def _buys_clips(self) -> bool:
        names = {self.config.providers.video, *self.config.clip_providers.values()}
        return any(self.services.costs_money(name) for name in names)

    @property
    def prefix(self) -> str:
        """Storage prefix of everything this generation makes."""
        return f"generations/{self.generation_id}"

    @property
    def brief(self) -> BriefInput:
        """The user's words and flags, as agents see them."""
        request, assets = self.request, self.request.brand_assets
        return BriefInput(
            prompt=request.prompt,
            brand=request.brand,
            cta=request.cta,
            url=request.url,
            framework=request.framework,
            framework_text=request.framework_text,
            has_product_photo=bool(assets.product_images),
            has_logo=assets.logo is not None,
            has_character=bool(assets.character_images),
        )

    def start_clock(self, seconds: float) -> None:
        """Give the current stage `seconds` of work from now; time spent at a gate does not count."""
        self.deadline = self.services.clock.monotonic() + seconds

    def call(self, step: str, attempt: int = 1) -> CallContext:
        """Return the context a provider call carries; the key names this call for good."""
        return CallContext(
            generation_id=self.generation_id,
            step=step,
            seed=seed_from(self.plan.seed, step, attempt),
            attempt=attempt,
            idempotency_key=f"{self.generation_id}:{step}:{attempt}",
        )

    async def step(self, name: str, model: type[M], fn: Callable[[], Awaitable[M]]) -> M:
        """Run `fn` once, within the stage's time, and keep its result as JSON.

        Raises:
            StageTimeout: The stage's time is over.
            Interrupted: The user cancelled; checked before the step begins.
        """
        await self.obey("cancel")

        async def body() -> dict[str, Any]:
            return (await self._timed(fn)).model_dump(mode="json")

        return model.model_validate(await self.services.durable.step(name, body))

    async def record(self, name: str, write: Callable[[AsyncSession], Awaitable[Sequence[Draft]]]) -> None:
        """Commit `write`'s rows, its events and this step together; then wake the listeners."""

        async def settled(session: AsyncSession) -> tuple[Sequence[Draft], None]:
            return await write(session), None

        await self.settle(name, settled)

    async def settle(self, name: str, write: Callable[[AsyncSession], Awaitable[tuple[Sequence[Draft], J]]]) -> J:
        """As `record`, for a `write` that also decides something: its second value (JSON) is kept and returned."""

        async def body(session: AsyncSession) -> dict[str, Any]:
            drafts, decided = await write(session)
            now = self.services.clock.now()
            stored = await append_all(session, self.session_id, self.generation_id, drafts, now)
            return {"events": stored, "decided": decided}

        recorded = await self.services.durable.transact(name, body)
        await publish_all(self.services.bus, self.session_id, recorded["events"])
        decided: J = recorded["decided"]
        return decided

    async def control(self) -> str | None:
        """Return what this run should obey: pause, cancel, superseded, deleted or null. Never recorded: asked anew."""
        async with self.services.reads() as session:
            return await generations.control_of(session, self.generation_id, self.run)

    async def obey(self, *words: str) -> None:
        """Stop here if the user asked for one of `words`. Raises Interrupted; the orchestrator says it to the user."""
        if await self.control() in {*words, "superseded", "deleted"}:
            raise Interrupted("You stopped it.", hint="`admint resume` goes on from there.")

    async def commit(self, name: str, write: Callable[[AsyncSession], Awaitable[str]]) -> str:
        """Commit rows nobody is told of together with this step; return what `write` returned."""
        return await self.services.durable.transact(name, write)

    async def tell(self, kind: str, payload: BaseModel) -> None:
        """Publish a transient event: not stored, not replayed."""
        event: ServerEvent = SERVER_EVENT.validate_python(
            wire(kind, payload, self.services.clock.now().isoformat(), self.generation_id, None)
        )
        await self.services.bus.publish(self.session_id, event)

    async def _timed(self, fn: Callable[[], Awaitable[M]]) -> M:
        if self.deadline is None:
            return await fn()
        left = max(0.0, self.deadline - self.services.clock.monotonic())
        try:
            async with asyncio.timeout(left):
                return await fn()
        except TimeoutError as error:
            raise StageTimeout(
                f"The {self.stage} stage ran out of its time.",
                hint=f"What is finished is kept. Raise it with --set timeouts.{self.stage}=SECONDS, then resume.",
            ) from error


class EventJournal:
    """Stores and tells the events of ledger entries. See services/billing/ledger.py Journal."""

    def __init__(self, bus: EventBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    async def append(
        self, session: AsyncSession, generation_id: str, drafts: Sequence[Draft]
    ) -> tuple[str, list[dict[str, Any]]]:
        """Store events of a generation; nothing where nobody can follow it any more."""
        session_id = await generations.session_of(session, generation_id)
        if session_id is None:
            return "", []
        return session_id, await append_all(session, session_id, generation_id, drafts, self._clock.now())

    async def publish(self, stored: tuple[str, list[dict[str, Any]]]) -> None:
        """Wake the listeners."""
        await publish_all(self._bus, stored[0], stored[1])


async def open_gate(session: AsyncSession, ctx: StageContext, gate: Gate) -> list[Draft]:
    """Open an approval point in the caller's transaction; return its event, none when that very gate is open.

    The draft's own event goes in the same transaction, so whoever has heard of a draft can answer it at once.
    """
    row = await generations.require(session, ctx.generation_id)
    if row.substage == "awaiting_approval" and row.gate == gate.model_dump(mode="json"):
        return []
    status = STATUS_OF[gate.stage]
    await generations.set_gate(session, ctx.generation_id, gate)
    await generations.set_status(session, ctx.generation_id, status, "awaiting_approval", gate.stage)
    told = StatusChanged(status=status, substage="awaiting_approval", current_stage=gate.stage)
    return [("status_changed", told)]


async def append_all(
    session: AsyncSession, session_id: str, generation_id: str, drafts: Sequence[Draft], now: datetime
) -> list[dict[str, Any]]:
    """Append events to the session's log, in the caller's transaction; return them as they go on the wire."""
    stored = []
    for kind, payload in drafts:
        document = payload.model_dump(mode="json")
        seq = await event_log.append_event(session, session_id, generation_id, kind, document)
        stored.append(wire(kind, payload, now.isoformat(), generation_id, seq))
    return stored


async def publish_all(bus: EventBus, session_id: str, stored: Sequence[dict[str, Any]]) -> None:
    """Wake the listeners of a session with events that are committed."""
    for event in stored:
        await bus.publish(session_id, SERVER_EVENT.validate_python(event))


def wire(kind: str, payload: BaseModel, timestamp: str, generation_id: str, seq: int | None) -> dict[str, Any]:
    """Return an event as it goes on the wire."""
    return {
        "type": kind,
        "payload": payload.model_dump(mode="json"),
        "timestamp": timestamp,
        "generation_id": generation_id,
        "seq": seq,
    }
